// When which frame is due: ticks of the requested rate on a schedule that does not drift. Pure.

import type { Fraction } from '#core/source';

export class FrameTicks {
  #frame: number;
  #dueUs: number;
  /** Frame and time that the schedule counts from. */
  #baseFrame: number;
  #baseUs: number;
  #intervalUs: number;

  /**
   * @param frame number of the first frame
   * @param startUs when it is due, monotonic microseconds
   */
  constructor(rate: Fraction, frame: number, startUs: number) {
    this.#intervalUs = (1e6 * rate.den) / rate.num;
    this.#frame = this.#baseFrame = frame;
    this.#dueUs = this.#baseUs = startUs;
  }

  /** Number of the frame that is due next, and its time. */
  get frame(): number {
    return this.#frame;
  }

  get dueUs(): number {
    return this.#dueUs;
  }

  /** True where the frame's time has passed by more than an interval: it is not worth capturing any more. */
  isLate(nowUs: number): boolean {
    return nowUs - this.#dueUs > this.#intervalUs;
  }

  /** On to the next frame. */
  advance(): void {
    this.#frame++;
    this.#dueUs = this.#baseUs + (this.#frame - this.#baseFrame) * this.#intervalUs;
  }

  /** Another rate from the next frame on, which keeps its number and its time. */
  setRate(rate: Fraction): void {
    this.#baseFrame = this.#frame;
    this.#baseUs = this.#dueUs;
    this.#intervalUs = (1e6 * rate.den) / rate.num;
  }

  /** Number of the frame that is due at a time, or the next one if that has passed. */
  frameAt(timeUs: number): number {
    return Math.max(this.#frame, this.#baseFrame + Math.ceil((timeUs - this.#baseUs) / this.#intervalUs));
  }
}
