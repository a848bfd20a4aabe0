// The live page: tabs of charts that go on by themselves, and the control centre that steers the session; or the replay of
// a recording in the same tabs.

import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { LiveState } from '#core/live';
import { AgentsPanel } from '../live/agents-panel.tsx';
import { ClientPicture } from '../live/client-picture.tsx';
import { ConfigurationTab } from '../live/configuration-tab.tsx';
import { FeedPanel } from '../live/feed-panel.tsx';
import { EMPTY_LAYOUT } from '../live/layouts.ts';
import { LiveChart } from '../live/live-chart.tsx';
import { LiveToolbar, SessionLine, shownTab } from '../live/live-toolbar.tsx';
import { replayOf, watchSession, type Live } from '../live/live.ts';
import { clockErrorS } from '../live/live-store.ts';
import { LossTable } from '../live/loss-table.tsx';
import { MyCharts, layoutCharts } from '../live/my-charts.tsx';
import { RecordPanel } from '../live/record-panel.tsx';
import { ProfileTab } from '../live/profile-tab.tsx';
import { ReplaySummary } from '../live/replay-summary.tsx';
import { loadReplay, type Replay } from '../live/replay.ts';
import { SessionPanel } from '../live/session-panel.tsx';
import { sessionWay } from '../live/session-way.ts';
import { openStream } from '../live/stream-socket.ts';
import { tabCharts, wantedIndicators, type ChartPlan, type ProcessingView, type Tab } from '../live/tab-charts.ts';
import { connection } from '../shell/live.ts';
import { Empty, Show, Skeleton } from '../shell/messages.tsx';
import { resource } from '../shell/resource.ts';
import { query, runPath, setQuery } from '../shell/route.ts';
import { ScriptsPage } from './scripts-page.tsx';

/** More than any window: a longer one is filled from the start. */
const PAST_S = 300;

/** @param run the run to replay; null for the session that goes on */
export function LivePage({ run }: { run: string | null }) {
  return run === null ? <Watched /> : <Replayed key={run} run={run} />;
}

function Watched() {
  const live = useMemo(watchSession, []);
  const stream = useMemo(
    () =>
      openStream((message) => {
        live.store.take(message, performance.now() / 1e3);
        if (message.type === 'series') live.loop.heard(message.timeS);
        else if (message.type === 'frames') live.loop.heard(message.captureS);
      }),
    [live],
  );
  useEffect(() => {
    document.title = 'Live · encodelab';
    return () => {
      stream.close();
      live.loop.stop();
    };
  }, [live, stream]);
  const state = live.store.state.value;
  const charts = useCharts(state);
  const hasPicture = query.value.get('picture') !== 'off';
  useEffect(() => {
    stream.want({
      indicators: wantedIndicators(charts.plans),
      frames: true,
      pictures: hasPicture,
      pastS: PAST_S,
    });
  }, [stream, charts.plans, hasPicture]);
  if (state === null) return stream.connected.value ? <Skeleton /> : <Waiting />;
  return (
    <article class="live">
      <header class="page-head">
        <h1>Live</h1>
        <SessionLine state={state} />
      </header>
      {!stream.connected.value && connection.value === 'open' && (
        <p class="banner inline" role="alert">
          The stream is interrupted: what you see is from before. It goes on by itself.
        </p>
      )}
      <Lost state={state} />
      {live.store.thinned.value > 1 && (
        <p class="banner inline" role="status">
          This browser is slow to take everything in: only every {live.store.thinned.value}th row is drawn, and rates of
          frames are too low. A recording has all of them.
        </p>
      )}
      <LiveToolbar live={live} tab={charts.tab} hasPicture={hasPicture} profile={state.profile} />
      <Columns live={live} tab={charts.tab} hasPicture={hasPicture}>
        <TabContent live={live} state={state} charts={charts} />
      </Columns>
    </article>
  );
}

function Replayed({ run }: { run: string }) {
  const loaded = useMemo(() => resource(() => loadReplay(run)), [run]);
  useEffect(() => {
    document.title = `replay ${run.slice(0, 8)} · encodelab`;
  }, [run]);
  return <Show of={loaded}>{(replay) => <ReplayOf replay={replay} />}</Show>;
}

function ReplayOf({ replay: { page, store, whole } }: { replay: Replay }) {
  const id = page.run.id;
  const live = useMemo(() => replayOf(store, id, signal(whole)), [store, id]);
  useEffect(() => () => live.loop.stop(), [live]);
  const state = store.state.value;
  const charts = useCharts(state);
  if (state === null) {
    return (
      <Empty title={page.run.outcome === null ? 'This run is being recorded' : 'There is nothing to replay'}>
        <p>
          {page.noRecording}. <a href={runPath(id)}>See the run</a>, or <a href="/live">what goes on now</a>.
        </p>
      </Empty>
    );
  }
  return (
    <article class="live replay">
      <header class="page-head">
        <h1>Replay</h1>
        <p class="muted">
          {page.run.cell ?? 'recorded by hand'} · <a href={runPath(id)}>the run {id.slice(0, 8)}</a> ·{' '}
          <a href="/live">what goes on now</a>
        </p>
      </header>
      <LiveToolbar live={live} tab={charts.tab} hasPicture={false} profile={null} />
      <Columns live={live} tab={charts.tab} hasPicture={false}>
        {charts.tab === 'control' ? (
          <ReplaySummary live={live} page={page} whole={whole} />
        ) : (
          <TabContent live={live} state={state} charts={charts} />
        )}
      </Columns>
    </article>
  );
}

interface Charts {
  readonly tab: Tab;
  readonly plans: readonly ChartPlan[];
  readonly processing: ProcessingView;
  readonly layout: typeof EMPTY_LAYOUT;
  readonly onLayout: (layout: typeof EMPTY_LAYOUT) => void;
}

/** The charts of the tab that the address names; new ones only where something that they draw is new. */
function useCharts(state: LiveState | null): Charts {
  const [layout, setLayout] = useState(EMPTY_LAYOUT);
  const tab = shownTab();
  const processing: ProcessingView = query.value.get('steps') === 'lines' ? 'lines' : 'stack';
  const measured = (state?.agents ?? []).map(
    ({ name, hostId, connected, indicators }) => `${name} ${hostId} ${connected} ${indicators.length}`,
  );
  const plans = useMemo(
    () => (tab === 'mine' ? layoutCharts(layout, state) : tabCharts(tab, state, processing)),
    [tab, processing, layout, measured.join('|'), sessionWay(state)],
  );
  return { tab, plans, processing, layout, onLayout: setLayout };
}

function Columns({
  live,
  tab,
  hasPicture,
  children,
}: {
  live: Live;
  tab: Tab;
  hasPicture: boolean;
  children: preact.ComponentChildren;
}) {
  const isBeside = hasPicture && !['control', 'profile', 'scripts', 'configuration'].includes(tab);
  return (
    <div class={isBeside ? 'live-columns beside' : 'live-columns'}>
      <div class="live-main">{children}</div>
      {isBeside && (
        <aside>
          <ClientPicture live={live} />
        </aside>
      )}
    </div>
  );
}

function TabContent({ live, state, charts }: { live: Live; state: LiveState; charts: Charts }) {
  const { tab, plans, processing, layout, onLayout } = charts;
  switch (tab) {
    case 'control':
      return <ControlCentre live={live} state={state} />;
    case 'scripts':
      return <ScriptsPage />;
    case 'profile':
      return <ProfileTab live={live} state={state} />;
    case 'configuration':
      return <ConfigurationTab state={state} />;
    case 'mine':
      return <MyCharts live={live} state={state} layout={layout} onLayout={onLayout} />;
    default:
      return (
        <>
          {tab === 'frame-processing' && <ProcessingChoice chosen={processing} error={errorOf(state)} />}
          {plans.length === 0 && <NothingMeasured tab={tab} state={state} />}
          {plans.map((plan) => (
            <LiveChart key={plan.key} live={live} plan={plan} />
          ))}
          {(tab === 'frame-processing' || tab === 'frame-rate') && <LossTable live={live} />}
        </>
      );
  }
}

function ControlCentre({ live, state }: { live: Live; state: LiveState }) {
  return (
    <div class="control-centre">
      <div>
        <SessionPanel state={state} />
      </div>
      <div>
        <AgentsPanel live={live} state={state} />
        <RecordPanel live={live} state={state} />
        <ClientPicture live={live} />
        <FeedPanel live={live} />
      </div>
    </div>
  );
}

function ProcessingChoice({ chosen, error }: { chosen: ProcessingView; error: string }) {
  return (
    <p class="live-choice">
      <span class="segments">
        {(['stack', 'lines'] as const).map((view) => (
          <button
            key={view}
            type="button"
            aria-pressed={view === chosen}
            onClick={() => setQuery({ steps: view === 'stack' ? null : view })}
          >
            {view === 'stack' ? 'step on step' : 'lines'}
          </button>
        ))}
      </span>
      <span class="muted">{error}</span>
    </p>
  );
}

/** Between two machines a time is as good as their clocks are known. */
function errorOf(state: LiveState): string {
  const errorS = clockErrorS(state);
  if (errorS === null) return '';
  const times = sessionWay(state) === 'stock' ? 'network times' : 'network and end-to-end times';
  return `${times} are right within ± ${(errorS * 1e3).toFixed(2)} ms: the errors of two clocks`;
}

function NothingMeasured({ tab, state }: { tab: Tab; state: LiveState }) {
  const why = state.agents.flatMap(({ name, absent }) =>
    absent.filter((line) => tab !== 'gpu' || /gpu|drm|dri|nvidia|intel/i.test(line)).map((line) => `${name}: ${line}`),
  );
  return (
    <section class="panel pad nothing">
      <h2>Nothing of this is measured</h2>
      <p class="muted">
        {state.agents.length === 0
          ? 'No agent has come yet: the control centre has the line that starts one.'
          : 'No agent tells of it.'}
      </p>
      <ul class="muted">
        {why.slice(0, 12).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

/** On every tab: who is gone. */
function Lost({ state }: { state: LiveState }) {
  const lost = state.agents.filter(({ connected }) => !connected);
  if (lost.length === 0) return null;
  return (
    <p class="banner inline" role="alert">
      ✕ Lost: {lost.map(({ name }) => name).join(', ')}. What it measures meanwhile is kept there and comes when it is
      back.
    </p>
  );
}

function Waiting() {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 3_000);
    return () => clearTimeout(timer);
  }, []);
  return isLong ? (
    <Empty title="The live stream does not answer">
      <p>
        This server may have no collector. <code>encodelab serve</code> has one; this page goes on by itself as soon as
        it answers.
      </p>
    </Empty>
  ) : (
    <Skeleton />
  );
}
