// One loop draws all live charts that can be seen, once for each frame of the screen; a chart out of view costs nothing.

import type { LiveStore } from './live-store.ts';
import type { LiveView } from './live-view.ts';

export interface Drawable {
  readonly element: HTMLElement;
  /**
   * @param touchedFrom seconds: rows from there on are new or changed; Infinity for none
   * @param atMs the page's time
   */
  draw(from: number, to: number, touchedFrom: number, atMs: number): void;
  /** It was out of sight, or something else than rows has changed: all of it is to be drawn. */
  invalidate(): void;
}

/** Times of rows that wait to be drawn, where somebody measures how long that takes. */
const MOST_WAITING = 8_192;
/** Set before the page begins by whoever measures (bench/live-page.ts): each row's way from its time to its drawing. */
const MEASURE = 'encodelab:measure-drawing';

export class DrawLoop {
  readonly #view: LiveView;
  readonly #store: LiveStore;
  readonly #charts = new Map<HTMLElement, Drawable>();
  readonly #visible = new Set<Drawable>();
  /** Never drawn yet: once, even out of sight, so that their axes are those of the time. */
  readonly #fresh = new Set<Drawable>();
  readonly #sight: IntersectionObserver;
  readonly #measures = performance.getEntriesByName(MEASURE).length > 0;
  readonly #waiting = new Float64Array(MOST_WAITING);
  #waits = 0;
  #sinceS = Infinity;
  #request = 0;

  constructor(view: LiveView, store: LiveStore) {
    this.#view = view;
    this.#store = store;
    this.#sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const chart = this.#charts.get(target as HTMLElement);
        if (chart === undefined) continue;
        if (isIntersecting) {
          chart.invalidate();
          this.#visible.add(chart);
        } else this.#visible.delete(chart);
      }
    });
    this.#request = requestAnimationFrame(this.#tick);
  }

  add(chart: Drawable): () => void {
    this.#charts.set(chart.element, chart);
    this.#sight.observe(chart.element);
    this.#fresh.add(chart);
    return () => {
      this.#fresh.delete(chart);
      this.#sight.unobserve(chart.element);
      this.#charts.delete(chart.element);
      this.#visible.delete(chart);
    };
  }

  /** Something else than the time and the rows has changed. */
  redraw(): void {
    for (const chart of this.#visible) chart.invalidate();
  }

  /** Rows that came in and were not drawn yet. */
  heard(timeS: Float64Array): void {
    if (!this.#measures) return;
    // What is sent of the past was drawn late on purpose.
    for (const time of timeS)
      if (time > this.#sinceS && this.#waits < MOST_WAITING) this.#waiting[this.#waits++] = time;
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
    this.#sight.disconnect();
  }

  readonly #tick = (atMs: number) => {
    this.#request = requestAnimationFrame(this.#tick);
    const range = this.#view.rangeAt(performance.now() / 1e3);
    if (range === null) return;
    if (this.#sinceS === Infinity) this.#sinceS = range.to;
    const touchedFrom = this.#store.takeTouched();
    for (const chart of this.#visible) {
      chart.draw(range.from, range.to, touchedFrom, atMs);
      this.#fresh.delete(chart);
    }
    for (const chart of this.#fresh) chart.draw(range.from, range.to, touchedFrom, atMs);
    this.#fresh.clear();
    if (this.#waits > 0) this.#tellDelays();
  };

  /** Both clocks are of one machine where this is asked for. */
  #tellDelays(): void {
    const epoch = Date.parse(this.#store.state.peek()?.epoch ?? '');
    const now = performance.timeOrigin + performance.now();
    for (let i = 0; i < this.#waits; i++) {
      const measured = epoch + this.#waiting[i]! * 1e3;
      performance.measure('encodelab:drawn', { start: 0, duration: Math.max(0, now - measured) });
    }
    this.#waits = 0;
  }
}
