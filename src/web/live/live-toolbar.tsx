// The tabs, and what holds for all of them: how much of the time is in view, pause, clear, marker, picture; and their keys.

import { useLayoutEffect } from 'preact/hooks';
import type { LiveProfile, LiveState } from '#core/live';
import { formatQuantity } from '#core/format-quantity';
import { useShortcuts } from '../shell/keyboard.ts';
import { query, setQuery } from '../shell/route.ts';
import type { Live } from './live.ts';
import { liveApi } from './live-api.ts';
import { numberOf } from './live-store.ts';
import { RATE_WINDOWS_S, USUAL_WINDOW_S, WINDOWS_S } from './live-view.ts';
import { requestedText } from './session-settings.ts';
import { TABS, TAB_NAMES, type Tab } from './tab-charts.ts';
import { useAsking } from './use-asking.ts';

export function shownTab(): Tab {
  const asked = query.value.get('tab');
  return TABS.find((tab) => tab === asked) ?? 'control';
}

function chooseTab(tab: Tab): void {
  setQuery({ tab: tab === 'control' ? null : tab }, 'push');
}

/** Keys of the tabs, in their order. */
const TAB_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', 'h', '9', '0', 'y'];

interface LiveToolbarProps {
  readonly live: Live;
  readonly tab: Tab;
  readonly hasPicture: boolean;
  /** Null where none was taken. */
  readonly profile: LiveProfile | null;
}

export function LiveToolbar({ live, tab, hasPicture, profile }: LiveToolbarProps) {
  const { view, store, loop, group } = live;
  const { isBusy, problem, ask } = useAsking();
  const windowS = chosenSeconds(WINDOWS_S, query.value.get('window')) ?? USUAL_WINDOW_S;
  const rateS = chosenSeconds(RATE_WINDOWS_S, query.value.get('rate')) ?? RATE_WINDOWS_S[0];
  useLayoutEffect(() => {
    view.windowS.value = windowS;
    view.rateWindowS.value = rateS;
    loop.redraw();
  }, [view, windowS, rateS]);
  const isPaused = view.pausedAt.value !== null;
  const isZoomed = view.zoom.value !== null;
  const setWindow = (seconds: number) => setQuery({ window: seconds === USUAL_WINDOW_S ? null : String(seconds) });
  const otherWindow = (by: 1 | -1) => {
    const next = WINDOWS_S[WINDOWS_S.indexOf(windowS) + by];
    if (next !== undefined) setWindow(next);
  };
  const pause = () => {
    view.pause(!isPaused);
    loop.redraw();
  };
  const clear = () => {
    store.clear();
    loop.redraw();
  };
  const mark = () => ask(() => liveApi.say(`!marker ${live.markers.peek().length + 1}`));
  const togglePicture = () => setQuery({ picture: hasPicture ? 'off' : null });
  const isProfiled = profile !== null && profile.state !== 'ended';
  const toggleProfile = () => {
    if (!isProfiled) chooseTab('profile');
    ask(() => liveApi.profile(isProfiled ? 'stop' : 'start'));
  };
  const step = (by: number) => {
    const range = view.rangeAt(performance.now() / 1e3);
    if (range === null) return;
    // A crosshair that is moved step by step wants the time to stand still.
    if (!view.isReplay && !isPaused) view.pause(true);
    const at = (group.time.peek() ?? range.to) + (by * (range.to - range.from)) / 200;
    group.setTime(Math.min(range.to, Math.max(range.from, at)));
  };
  const zoomBy = (factor: number) => {
    const range = view.rangeAt(performance.now() / 1e3);
    if (range === null) return;
    const centre = group.time.peek() ?? (range.from + range.to) / 2;
    live.look({ from: centre - (centre - range.from) * factor, to: centre + (range.to - centre) * factor });
  };
  const replay = view.isReplay;
  useShortcuts('Live', [
    ...TABS.map((one, position) => ({
      keys: [TAB_KEYS[position]!],
      does: TAB_NAMES[one],
      run: () => chooseTab(one),
    })),
    ...(replay
      ? []
      : [
          { keys: [' '], does: 'pause, go on', run: pause },
          { keys: ['m'], does: 'put a marker on all charts', run: mark },
          { keys: ['x'], does: 'clear all charts', run: clear },
          { keys: ['p'], does: 'show or hide what the client sees', run: togglePicture },
          { keys: ['o'], does: 'begin or end a profile of the server’s machine', run: toggleProfile },
          { keys: ['['], does: 'see less time', run: () => otherWindow(-1) },
          { keys: [']'], does: 'see more time', run: () => otherWindow(1) },
          { keys: ['r'], does: 'to the recording', run: () => toField('live-record-name') },
          { keys: ['/'], does: 'say something', run: () => toField('live-say') },
        ]),
    { keys: ['ArrowRight'], does: 'crosshair on', run: () => step(1) },
    { keys: ['ArrowLeft'], does: 'crosshair back', run: () => step(-1) },
    { keys: ['+', '='], does: 'zoom in at the crosshair', run: () => zoomBy(0.5) },
    { keys: ['-'], does: 'zoom out', run: () => zoomBy(2) },
    { keys: ['z'], does: replay ? 'see all of it' : 'go on with the time', run: () => live.look(null) },
  ]);
  return (
    <div class="live-bar">
      <nav class="tabs" aria-label="Tabs">
        {TABS.map((one, position) => (
          <a
            key={one}
            href={tabAddress(one)}
            aria-current={one === tab ? 'page' : undefined}
            title={`key ${TAB_KEYS[position]}`}
          >
            {TAB_NAMES[one]}
          </a>
        ))}
      </nav>
      <div class="live-tools">
        {!replay && (
          <span class="segments" role="group" aria-label="Time in view">
            {WINDOWS_S.map((seconds) => (
              <button key={seconds} type="button" aria-pressed={windowS === seconds} onClick={() => setWindow(seconds)}>
                {seconds < 60 ? `${seconds} s` : `${seconds / 60} min`}
              </button>
            ))}
          </span>
        )}
        {(tab === 'frame-rate' || tab === 'frame-size' || tab === 'mine') && (
          <span class="segments" role="group" aria-label="Rates are counted over">
            <span class="muted">rates over </span>
            {RATE_WINDOWS_S.map((seconds) => (
              <button
                key={seconds}
                type="button"
                aria-pressed={rateS === seconds}
                onClick={() => setQuery({ rate: seconds === 2 ? null : String(seconds) })}
              >
                {seconds} s
              </button>
            ))}
          </span>
        )}
        {!replay && (
          <>
            <button type="button" aria-pressed={isPaused} onClick={pause}>
              {isPaused ? '▶ Go on' : '❚❚ Pause'}
            </button>
            <button type="button" onClick={clear}>
              Clear
            </button>
            <button type="button" onClick={mark}>
              ⚑ Marker
            </button>
            <button type="button" aria-pressed={hasPicture} onClick={togglePicture}>
              {hasPicture ? 'Hide picture' : 'Show picture'}
            </button>
            <button
              type="button"
              aria-pressed={isProfiled}
              disabled={isBusy}
              title="key o: a profile of the machine on which the server runs"
              onClick={toggleProfile}
            >
              {isProfiled ? '■ End profile' : 'Profile'}
            </button>
          </>
        )}
        {replay && (
          <button type="button" disabled={!isZoomed} onClick={() => live.look(null)}>
            Show all
          </button>
        )}
        <Crosshair live={live} />
        {problem !== null && <span class="bad">✕ {problem}</span>}
      </div>
    </div>
  );
}

function Crosshair({ live }: { live: Live }) {
  const time = live.group.time.value;
  const isPaused = live.view.pausedAt.value !== null;
  const words = live.view.isReplay
    ? 'drag zooms, a double click shows all'
    : 'drag zooms and pauses, a double click goes on';
  return (
    <span class="muted crosshair-words">
      {isPaused && <b class="warn">paused · </b>}
      {time === null ? words : `at ${live.timeText(Math.round(time * 1e3) / 1e3)}`}
    </span>
  );
}

/** What streams, in one line. */
export function SessionLine({ state: { session, agents, recording } }: { state: LiveState }) {
  const there = agents.filter(({ connected }) => connected).length;
  const running = session?.running === true;
  const asked = (name: string) => (session === null ? '' : requestedText(name, session.settings));
  const rate = numberOf(session?.settings['bitrate']);
  return (
    <p class="muted">
      <span class="outcome badge" data-state={running ? 'done' : 'waiting'}>
        <b aria-hidden="true">{running ? '●' : '○'}</b> {running ? 'a session runs' : 'no session'}
      </span>{' '}
      {running &&
        [
          asked('session') === 'spice' ? 'SPICE' : '',
          asked('codec'),
          asked('encoder'),
          asked('resolution'),
          asked('framerate') === '' ? '' : `${asked('framerate')} frame/s`,
          Number.isNaN(rate) ? '' : formatQuantity(rate, 'bit/s'),
          asked('transport'),
        ]
          .filter((word) => word !== '')
          .join(' · ')}
      {running && ' · '}
      {there} of {agents.length} agents
      {recording !== null && (
        <>
          {' · '}
          <b class="bad">● {recording.stage}</b> {recording.name}
        </>
      )}
    </p>
  );
}

function chosenSeconds<T extends number>(known: readonly T[], text: string | null): T | undefined {
  return known.find((seconds) => String(seconds) === text);
}

function tabAddress(tab: Tab): string {
  const wanted = new URLSearchParams(query.value);
  if (tab === 'control') wanted.delete('tab');
  else wanted.set('tab', tab);
  const text = wanted.toString();
  return `/live${text === '' ? '' : `?${text}`}`;
}

/** The field is on the control centre. */
function toField(id: string): void {
  if (document.getElementById(id) === null) chooseTab('control');
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
