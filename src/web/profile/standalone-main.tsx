// The page that carries a profile: heatmap and flame graph from one file, without a server.

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { HelpSheet } from '../shell/help-sheet.tsx';
import { listenForShortcuts, useShortcuts } from '../shell/keyboard.ts';
import { Empty, Skeleton } from '../shell/messages.tsx';
import { followAddress, query, setQuery } from '../shell/route.ts';
import '../style/base.css';
import '../style/shell.css';
import '../style/table.css';
import '../style/benchmark.css';
import '../style/run.css';
import '../style/heatmap.css';
import '../style/flame-graph.css';
import '../style/profile-page.css';
import { DropZone } from './drop-zone.tsx';
import { ProfileView } from './profile-view.tsx';
import { ownProfile, profileOfFile, type CarriedProfile } from './standalone-file.ts';

function StandalonePage() {
  const [carried, setCarried] = useState<CarriedProfile | null | Error>(null);
  const [isLoading, setLoading] = useState(true);
  const [helpOpen, setHelpOpen] = useState(false);
  /** Of files that were opened: each begins anew. */
  const [count, setCount] = useState(0);
  useEffect(() => {
    followAddress();
    listenForShortcuts();
    ownProfile()
      .then(setCarried, (error: unknown) => setCarried(error instanceof Error ? error : new Error(String(error))))
      .finally(() => setLoading(false));
  }, []);
  useShortcuts('Everywhere', [
    { keys: ['?'], does: 'show or hide this sheet', run: () => setHelpOpen(!helpOpen) },
    { keys: ['Escape'], does: 'close what is open, leave a field', run: () => setHelpOpen(false) },
  ]);
  const openFile = async (file: File) => {
    const opened = await profileOfFile(file);
    forgetAddress();
    setCarried(opened);
    setCount((before) => before + 1);
  };
  const open = (
    <DropZone onFile={openFile} words="Drop it to open it">
      Open a file
    </DropZone>
  );
  if (isLoading) return <Skeleton />;
  return (
    <main>
      {carried === null || carried instanceof Error ? (
        <Empty title={carried === null ? 'This page carries no profile' : 'This profile can’t be read'}>
          {carried !== null && <p>{carried.message}</p>}
          <p>Open or drop a file that encodelab profile export --format html has written.</p>
          {open}
        </Empty>
      ) : (
        <article class="profile-page">
          <header class="page-head">
            <h1>Profile</h1>
            <p class="muted">of {carried.facts.name}</p>
            <span class="page-actions">
              {open}
              <button type="button" class="quiet" aria-label="Keyboard shortcuts" onClick={() => setHelpOpen(true)}>
                <kbd>?</kbd>
              </button>
            </span>
          </header>
          <Carried key={count} carried={carried} />
        </article>
      )}
      {helpOpen && <HelpSheet onClose={() => setHelpOpen(false)} />}
    </main>
  );
}

/** What it names was chosen in another profile. */
function forgetAddress(): void {
  setQuery(Object.fromEntries([...query.peek().keys()].map((name) => [name, null])));
}

const NO_SERIES = [] as const;
const NO_MARKERS = [] as const;

function Carried({ carried: { profile, facts } }: { carried: CarriedProfile }) {
  const { originNs, phases, frames, markers = NO_MARKERS, name } = facts;
  return (
    <ProfileView
      profile={profile}
      name={name}
      around={{ originNs, phases, frames, markers, page: null, series: NO_SERIES }}
      against={query.value.get('vs')}
      hasRuns={false}
    />
  );
}

render(<StandalonePage />, document.getElementById('app')!);
