// What the parts of the live page share: where rows are, what is in view, and the crosshair of all charts.

import { computed, type ReadonlySignal } from '@preact/signals';
import { ChartGroup, type TimeRange } from '../chart/chart-group.ts';
import type { Marker } from '../chart/scroll-chart.ts';
import { DrawLoop } from './draw-loop.ts';
import { LiveStore } from './live-store.ts';
import { LiveView } from './live-view.ts';

export interface Live {
  readonly store: LiveStore;
  readonly view: LiveView;
  readonly loop: DrawLoop;
  readonly group: ChartGroup;
  /** Texts of the feed that begin with `!`. */
  readonly markers: ReadonlySignal<readonly Marker[]>;
  readonly timeText: (seconds: number) => string;
  /** What is added to a time so that whole seconds of the wall's clock are whole. */
  readonly originS: () => number;
  look(range: TimeRange | null): void;
}

/** Of a session that goes on. */
export function watchSession(): Live {
  const store = new LiveStore();
  return shared(
    store,
    new LiveView(store, null),
    'live',
    (seconds) => clockText(store, seconds),
    () => wallSecond0(store),
  );
}

/** @param whole all of the time that was recorded */
export function replayOf(store: LiveStore, run: string, whole: ReadonlySignal<TimeRange>): Live {
  return shared(
    store,
    new LiveView(store, whole),
    `replay ${run}`,
    (seconds) => `${Number(seconds.toFixed(3))} s`,
    () => 0,
  );
}

function shared(
  store: LiveStore,
  view: LiveView,
  key: string,
  timeText: Live['timeText'],
  originS: Live['originS'],
): Live {
  const loop = new DrawLoop(view, store);
  const markers = computed(() =>
    store.feed.value
      .filter(({ text }) => text.startsWith('!'))
      .map(({ timeS, text }) => ({ timeS, text: text.slice(1).trim() })),
  );
  const look = (range: TimeRange | null) => {
    view.look(range);
    loop.redraw();
  };
  return { store, view, loop, group: new ChartGroup(key), markers, timeText, originS, look };
}

const TWO = (value: number) => String(value).padStart(2, '0');

/** The time of day, as a clock on the wall has it. */
function clockText(store: LiveStore, seconds: number): string {
  const second0 = wallSecond0(store);
  if (second0 === 0) return `${Number(seconds.toFixed(3))} s`;
  const ms = Math.round((second0 + seconds) * 1e3);
  const at = new Date(ms);
  const text = `${TWO(at.getHours())}:${TWO(at.getMinutes())}:${TWO(at.getSeconds())}`;
  return ms % 1e3 === 0
    ? text
    : `${text}.${String(ms % 1e3)
        .padStart(3, '0')
        .replace(/0+$/, '')}`;
}

/** Seconds since 1970 of the collector's second 0; 0 until it is known. */
function wallSecond0(store: LiveStore): number {
  const epoch = Date.parse(store.state.peek()?.epoch ?? '');
  return Number.isNaN(epoch) ? 0 : epoch / 1e3;
}
