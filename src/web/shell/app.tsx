// The frame of every page: where one is, whether the server is there, and the sheet of keys.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { BenchmarkPageView } from '../pages/benchmark-page.tsx';
import { BenchmarksPage } from '../pages/benchmarks-page.tsx';
import { EncoderPageView } from '../pages/encoder-page.tsx';
import { EncodersPage } from '../pages/encoders-page.tsx';
import { LivePage } from '../pages/live-page.tsx';
import { RunPageView } from '../pages/run-page.tsx';
import { ScriptsPage } from '../pages/scripts-page.tsx';
import { ShapesPageView } from '../pages/shapes-page.tsx';
import { TitlePageView } from '../pages/title-page.tsx';
import { TitlesPage } from '../pages/titles-page.tsx';
import { ExplorePageChunk } from '../explore/explore-chunk.tsx';
import { ProfilePageChunk } from '../profile/profile-chunk.tsx';
import { HelpSheet } from './help-sheet.tsx';
import { listenForShortcuts, useShortcuts } from './keyboard.ts';
import { connectLive, connection, retryNow, type Connection } from './live.ts';
import { Empty } from './messages.tsx';
import { followAddress, navigate, query, route, type Route } from './route.ts';

const helpOpen = signal(false);

export function App() {
  useEffect(() => {
    followAddress();
    listenForShortcuts();
    connectLive();
  }, []);
  useShortcuts('Everywhere', [
    { keys: ['?'], does: 'show or hide this sheet', run: () => (helpOpen.value = !helpOpen.value) },
    { keys: ['g b'], does: 'go to the benchmarks', run: () => navigate('/') },
    { keys: ['g x'], does: 'go to the explorer', run: () => navigate('/explore') },
    { keys: ['g t'], does: 'go to the titles', run: () => navigate('/titles') },
    { keys: ['g h'], does: 'go to the shapes of work', run: () => navigate('/shapes') },
    { keys: ['g l'], does: 'go to what is live', run: () => navigate('/live') },
    { keys: ['g e'], does: 'go to the encoders', run: () => navigate('/encoders') },
    { keys: ['g s'], does: 'go to the scripts', run: () => navigate('/scripts') },
    { keys: ['Escape'], does: 'close what is open, leave a field', run: () => (helpOpen.value = false) },
  ]);
  const { page } = route.value;
  const here = (...pages: Route['page'][]) => (pages.includes(page) ? 'page' : undefined);
  return (
    <>
      <header class="bar">
        <a class="brand" href="/">
          <Mark />
          encodelab
        </a>
        <nav aria-label="Pages">
          <a href="/" aria-current={here('benchmarks', 'benchmark', 'run', 'profile')}>
            Benchmarks
          </a>
          <a href="/explore" aria-current={here('explore')}>
            Explore
          </a>
          <a href="/titles" aria-current={here('titles', 'title')}>
            Titles
          </a>
          <a href="/shapes" aria-current={here('shapes')}>
            Shapes
          </a>
          <a href="/live" aria-current={here('live')}>
            Live
          </a>
          <a href="/encoders" aria-current={here('encoders', 'encoder')}>
            Encoders
          </a>
          <a href="/scripts" aria-current={here('scripts')}>
            Scripts
          </a>
        </nav>
        <ConnectionState state={connection.value} />
        <button type="button" class="quiet" aria-label="Keyboard shortcuts" onClick={() => (helpOpen.value = true)}>
          <kbd>?</kbd>
        </button>
      </header>
      <ConnectionBanner state={connection.value} />
      <main>
        <Page route={route.value} />
      </main>
      {helpOpen.value && <HelpSheet onClose={() => (helpOpen.value = false)} />}
    </>
  );
}

function Page({ route: shown }: { route: Route }) {
  switch (shown.page) {
    case 'benchmarks':
      return <BenchmarksPage />;
    case 'benchmark':
      return <BenchmarkPageView key={shown.name} name={shown.name} />;
    case 'run':
      return <RunPageView key={shown.id} id={shown.id} />;
    case 'profile':
      return <ProfilePageChunk key={shown.id} id={shown.id} />;
    case 'explore':
      return <ExplorePageChunk />;
    case 'titles':
      return <TitlesPage />;
    case 'title':
      return <TitlePageView key={shown.id} id={shown.id} />;
    case 'shapes':
      return <ShapesPageView />;
    case 'live':
      return <LivePage run={query.value.get('run')} />;
    case 'encoders':
      return <EncodersPage />;
    case 'encoder':
      return <EncoderPageView key={`${shown.engine} ${shown.name}`} engine={shown.engine} name={shown.name} />;
    case 'scripts':
      return <ScriptsPage />;
    case 'nowhere':
      return (
        <Empty title="There is no such page">
          <p>
            Nothing is at <code>{shown.path}</code>. <a href="/">See the benchmarks</a>.
          </p>
        </Empty>
      );
  }
}

const STATES: Readonly<Record<Connection, string>> = {
  connecting: 'connecting',
  open: 'live',
  lost: 'reconnecting',
  'signed-out': 'signed out',
};

function ConnectionState({ state }: { state: Connection }) {
  return (
    <span class="connection" data-state={state} role="status">
      <i aria-hidden="true" />
      {STATES[state]}
    </span>
  );
}

function ConnectionBanner({ state }: { state: Connection }) {
  if (state === 'lost')
    return (
      <p class="banner" role="alert">
        The server does not answer. What you see is from before; it goes on by itself when the server is back.
        <button type="button" onClick={retryNow}>
          Try now
        </button>
      </p>
    );
  if (state === 'signed-out')
    return (
      <p class="banner" role="alert">
        The server was started anew and no longer knows this browser. Run <code>encodelab serve --link</code> and open
        the link.
      </p>
    );
  return null;
}

function Mark() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <rect x="1" y="3" width="4" height="14" rx="1" />
      <rect x="7" y="11" width="3" height="6" rx="1" opacity=".6" />
      <rect x="11" y="13" width="3" height="4" rx="1" opacity=".6" />
      <rect x="15" y="8" width="4" height="9" rx="1" />
    </svg>
  );
}
