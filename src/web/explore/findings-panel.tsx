// What the explorer noticed by itself, with what it rests on. It is asked for when the plots are there.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { Evidence, Finding } from '#explore/findings/finding';
import { nothingStandsOut } from '#explore/findings/nothing-stands-out';
import { EMPTY_VIEW, type View } from '#explore/view';
import { Show } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { runPath } from '../shell/route.ts';
import { exploreApi } from './explore-api.ts';
import { explorePath, showView } from './explore-path.ts';
import type { ExploreStore } from './explore-store.ts';

/** More are read when asked for: the weightiest come first. */
const FIRST_SHOWN = 6;
/** Of the evidence of a finding; the rest is behind a click. */
const FIRST_EVIDENCE = 3;

export function FindingsPanel({ store, benchmarks }: { store: ExploreStore; benchmarks: readonly string[] }) {
  const [isWanted, setWanted] = useState(false);
  // After the plots are painted: looking for findings takes the server a while.
  useEffect(() => {
    const timer = setTimeout(() => setWanted(true));
    return () => clearTimeout(timer);
  }, []);
  return (
    <section class="panel explore-findings" aria-label="Findings">
      <header class="panel-head">
        <h2>Findings</h2>
        <span class="muted">what the explorer noticed in all {store.dataset.value.count} runs, by weight</span>
      </header>
      {isWanted ? <FindingList benchmarks={benchmarks} runs={store.dataset.value.count} /> : <Looking />}
    </section>
  );
}

function FindingList({ benchmarks, runs }: { benchmarks: readonly string[]; runs: number }) {
  const [asked, setAsked] = useState(runs);
  const page = useMemo(() => resource(() => exploreApi.findings(benchmarks)), [benchmarks.join('\n')]);
  const [showsAll, setShowsAll] = useState(false);
  // No skeleton: how long the list will be is not known.
  if (page.value.value.state === 'loading') return <Looking />;
  return (
    <Show of={page}>
      {({ findings, notes }) => (
        <>
          {runs !== asked && (
            <p class="pad">
              Runs have come or gone since.{' '}
              <button type="button" onClick={() => void page.reload().then(() => setAsked(runs))}>
                Look again
              </button>
            </p>
          )}
          {findings.length === 0 ? (
            nothingStandsOut({ findings, notes }) && (
              <p class="muted pad">Nothing stands out from what chance alone would make of these runs.</p>
            )
          ) : (
            <ul>
              {(showsAll ? findings : findings.slice(0, FIRST_SHOWN)).map((finding) => (
                <FindingItem key={finding.id} finding={finding} benchmarks={benchmarks} />
              ))}
            </ul>
          )}
          {findings.length > FIRST_SHOWN && !showsAll && (
            <button type="button" class="quiet" onClick={() => setShowsAll(true)}>
              {findings.length - FIRST_SHOWN} more
            </button>
          )}
          {notes.length > 0 && <p class="muted small pad">{notes.join(' · ')}</p>}
        </>
      )}
    </Show>
  );
}

function Looking() {
  return (
    <p class="muted pad explore-looking" role="status">
      Looking for what stands out …
    </p>
  );
}

function FindingItem({ finding, benchmarks }: { finding: Finding; benchmarks: readonly string[] }) {
  const view: View = { ...EMPTY_VIEW, benchmarks, ...finding.view };
  const evidence = [...finding.evidence.map(evidenceWords), ...pWords(finding)];
  const show = (event: MouseEvent) => {
    event.preventDefault();
    showView(view);
    document.querySelector('.explore-plots')?.scrollIntoView({ block: 'start' });
  };
  return (
    <li data-finding={finding.kind}>
      <b>{finding.title}</b>
      <span class="tag">{finding.kind.replace('-', ' ')}</span>
      <p>{finding.advice}</p>
      <p class="muted small">{evidence.slice(0, FIRST_EVIDENCE).join(' · ')}</p>
      {evidence.length > FIRST_EVIDENCE && (
        <details class="muted small">
          <summary>{evidence.length - FIRST_EVIDENCE} more</summary>
          <ul class="explore-evidence">
            {evidence.slice(FIRST_EVIDENCE).map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </details>
      )}
      <p class="explore-finding-links">
        <a href={explorePath(view)} onClick={show}>
          Show it
        </a>
        {finding.runs.map((id, position) => (
          <a key={id} href={runPath(id)}>
            run {position + 1}
          </a>
        ))}
      </p>
    </li>
  );
}

function evidenceWords({ label, value, unit }: Evidence): string {
  return `${label} ${typeof value === 'number' ? formatQuantity(value, unit ?? '1') : value}`;
}

/** Where the evidence does not name it already. */
function pWords({ p, evidence }: Finding): string[] {
  if (p === null || evidence.some(({ label }) => /^p\b/.test(label))) return [];
  return [p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(2)}`];
}
