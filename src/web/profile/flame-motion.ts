// Moves a flame graph's window: at once, or over a moment so that the eye can follow; and draws once a frame of the screen at most.

import { between, type FlameWindow } from '#profile/flame-window';

const MOTION_MS = 180;
/** With this mark on the page each drawing is measured, as `encodelab:flame-drawing`: for bench/flame-graph.ts. */
const MEASURE = 'encodelab:measure-drawing';

export class FlameMotion {
  window: FlameWindow;
  /** Set anew whenever what is drawn changes. */
  draw: () => void = () => undefined;
  #frame = 0;
  #target: { readonly from: FlameWindow; readonly to: FlameWindow; readonly at: number } | null = null;
  readonly #isMeasured = performance.getEntriesByName(MEASURE).length > 0;

  constructor(window: FlameWindow) {
    this.window = window;
  }

  /** At once; a motion ends. */
  set(window: FlameWindow): void {
    this.#target = null;
    this.window = window;
    this.redraw();
  }

  /** Over a moment, unless the person asked for less motion. */
  moveTo(window: FlameWindow): void {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.set(window);
    this.#target = { from: this.window, to: window, at: performance.now() };
    this.redraw();
  }

  redraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#onFrame);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  readonly #onFrame = () => {
    this.#frame = 0;
    const begun = performance.now();
    if (this.#target !== null) {
      const share = Math.min(1, (begun - this.#target.at) / MOTION_MS);
      // Quick at first, slow at the end.
      this.window = between(this.#target.from, this.#target.to, 1 - (1 - Math.max(0, share)) ** 3);
      if (share >= 1) this.#target = null;
    }
    this.draw();
    if (this.#isMeasured) performance.measure('encodelab:flame-drawing', { start: begun });
    if (this.#target !== null) this.redraw();
  };
}
