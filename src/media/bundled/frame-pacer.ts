// Which source frame is shown at which output time: the nearest one. Pure: it is told times and answers counts.

import type { Fraction } from '#core/source';

/** Times that differ by less than this share of an output frame are the same. */
const SAME_TIME = 1e-6;

/**
 * Converts to a constant rate. A source frame is kept until the next one is known, then shown for every output frame
 * that it is nearest to: none (dropped), one, or several (doubled).
 */
export class FramePacer {
  readonly #outputRate: number;
  readonly #tick: number;
  #first: number | null = null;
  #previous = 0;
  #emitted = 0;
  #steps = 0;
  readonly #sourceStep: number;

  /**
   * @param timeBase seconds a tick of the source
   * @param frameRate of the output
   * @param sourceRate frames a second of the source: how long its last frame lasts where it has only one and its duration is not known
   */
  constructor(timeBase: Fraction, frameRate: Fraction, sourceRate: Fraction) {
    this.#tick = timeBase.num / timeBase.den;
    this.#outputRate = frameRate.num / frameRate.den;
    this.#sourceStep = sourceRate.num > 0 ? sourceRate.den / sourceRate.num : 1 / this.#outputRate;
  }

  /**
   * The next source frame has arrived.
   * @returns how many output frames the frame before it is shown for
   */
  next(ticks: number): number {
    const time = ticks * this.#tick;
    if (this.#first === null) {
      this.#first = time;
      this.#previous = time;
      return 0;
    }
    this.#steps++;
    const count = this.#showUntil((this.#previous + time) / 2);
    this.#previous = time;
    return count;
  }

  /**
   * No more frames come.
   * @param lastTicks how long the last frame lasts; 0 where that is not known: then as long as the frames before it do
   *   on average, since the one right before it may be a pause
   * @returns how many output frames the last one is shown for
   */
  end(lastTicks: number): number {
    if (this.#first === null) return 0;
    const average = this.#steps > 0 ? (this.#previous - this.#first) / this.#steps : this.#sourceStep;
    const last = lastTicks > 0 ? lastTicks * this.#tick : average;
    const count = this.#showUntil(this.#previous + last - 0.5 / this.#outputRate);
    // A source shorter than half an output frame is still one frame.
    if (count > 0 || this.#emitted > 0) return count;
    return ++this.#emitted;
  }

  /** Output frames up to a time, which belongs to the earlier frame. */
  #showUntil(time: number): number {
    const due = Math.floor((time - this.#first!) * this.#outputRate + SAME_TIME) + 1;
    const count = Math.max(0, due - this.#emitted);
    this.#emitted += count;
    return count;
  }
}
