// What of the time is in view: it goes on with the collector's clock, stands still, or is a stretch that was chosen.

import { signal, type ReadonlySignal } from '@preact/signals';
import type { TimeRange } from '../chart/chart-group.ts';
import type { LiveStore } from './live-store.ts';

export const WINDOWS_S = [10, 30, 60, 120, 300] as const;
export const USUAL_WINDOW_S = 30;
/** Seconds over which frame rates are counted. */
export const RATE_WINDOWS_S = [2, 3, 5] as const;

/** Behind the end of a replay: every row of it has come. */
const PAST_BY_S = 1;

export class LiveView {
  readonly windowS = signal<number>(USUAL_WINDOW_S);
  readonly rateWindowS = signal<number>(2);
  /** Where the time stands still, its right edge; null while it goes on. */
  readonly pausedAt = signal<number | null>(null);
  /** A stretch of it that was dragged over. */
  readonly zoom = signal<TimeRange | null>(null);
  readonly #store: LiveStore;
  readonly #whole: ReadonlySignal<TimeRange> | null;

  /** @param whole of a replay, all of it; null where time goes on */
  constructor(store: LiveStore, whole: ReadonlySignal<TimeRange> | null) {
    this.#store = store;
    this.#whole = whole;
  }

  get isReplay(): boolean {
    return this.#whole !== null;
  }

  /** The time that is now, on the axis of the charts; NaN until it is known. A replay is all past. */
  nowAt(localS: number): number {
    return this.#whole === null ? this.#store.clock.at(localS) : this.#whole.peek().to + PAST_BY_S;
  }

  /** Null until the time is known. */
  rangeAt(localS: number): TimeRange | null {
    const zoom = this.zoom.peek();
    if (zoom !== null) return zoom;
    if (this.#whole !== null) return this.#whole.peek();
    const to = this.pausedAt.peek() ?? this.nowAt(localS);
    return Number.isNaN(to) ? null : { from: to - this.windowS.peek(), to };
  }

  pause(isPaused: boolean): void {
    if (this.#whole !== null) return;
    this.pausedAt.value = isPaused ? this.nowAt(performance.now() / 1e3) : null;
    if (!isPaused) this.zoom.value = null;
  }

  /** A closer look stops the time; null lets it go on. */
  look(range: TimeRange | null): void {
    this.zoom.value = range;
    if (this.#whole !== null) return;
    if (range === null) this.pause(false);
    else if (this.pausedAt.peek() === null) this.pausedAt.value = this.nowAt(performance.now() / 1e3);
  }
}
