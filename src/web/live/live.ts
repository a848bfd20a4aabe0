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
  /** The same to the millisecond, all of one length: for a column of a table. */
  readonly exactTime: (seconds: number) => string;
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
    (seconds) => clockText(store, seconds, true),
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
    (seconds) => seconds.toFixed(3),
    () => 0,
  );
}

function shared(
  store: LiveStore,
  view: LiveView,
  key: string,
  timeText: Live['timeText'],
  exactTime: Live['exactTime'],
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
  return { store, view, loop, group: new ChartGroup(key), markers, timeText, exactTime, originS, look };
}

const TWO = (value: number) => String(value).padStart(2, '0');

/** The time of day, as a clock on the wall has it. */
function clockText(store: LiveStore, seconds: number, isExact = false): string {
  const second0 = wallSecond0(store);
  if (second0 === 0) return `${Number(seconds.toFixed(3))} s`;
  const ms = Math.round((second0 + seconds) * 1e3);
  const at = new Date(ms);
  const text = `${TWO(at.getHours())}:${TWO(at.getMinutes())}:${TWO(at.getSeconds())}`;
  const part = String(ms % 1e3).padStart(3, '0');
  if (isExact) return `${text}.${part}`;
  return ms % 1e3 === 0 ? text : `${text}.${part.replace(/0+$/, '')}`;
}

/** Seconds since 1970 of the collector's second 0; 0 until it is known. */
function wallSecond0(store: LiveStore): number {
  const epoch = Date.parse(store.state.peek()?.epoch ?? '');
  return Number.isNaN(epoch) ? 0 : epoch / 1e3;
}
