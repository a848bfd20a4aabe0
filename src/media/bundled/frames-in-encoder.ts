// Frames on their way through an encoder: which packet belongs to which frame, and how long it took.

import { EncodeFailure } from './encode-failure.ts';

/** Frames in an encoder at once: lookahead (250 at most in x264 and x265) and one a thread, many times over. */
const CAPACITY = 4096;
const MASK = CAPACITY - 1;

/** Their times rise from frame to frame, so that a packet's frame is found by halving. */
export class FramesInEncoder {
  readonly #pts = new Float64Array(CAPACITY);
  readonly #startUs = new Float64Array(CAPACITY);
  readonly #busyUs = new Float64Array(CAPACITY);
  readonly #sourceFrame = new Int32Array(CAPACITY);
  readonly #done = new Uint8Array(CAPACITY);
  #first = 0;
  #next = 0;

  /** Frames that went in so far. */
  get count(): number {
    return this.#next;
  }

  add(pts: number, sourceFrame: number, startUs: number): void {
    if (this.#next - this.#first === CAPACITY)
      throw new EncodeFailure(`the encoder holds more than ${CAPACITY} frames`);
    const slot = this.#next++ & MASK;
    this.#pts[slot] = pts;
    this.#startUs[slot] = startUs;
    this.#busyUs[slot] = 0;
    this.#sourceFrame[slot] = sourceFrame;
    this.#done[slot] = 0;
  }

  /** Time spent in the call that took the newest frame. */
  addBusy(us: number): void {
    this.#busyUs[(this.#next - 1) & MASK] = us;
  }

  /** Number of the frame with this time whose packet has not come yet; -1 where there is none. */
  find(pts: number): number {
    let low = this.#first;
    let high = this.#next - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#pts[middle & MASK]!;
      if (found === pts) return this.#done[middle & MASK] === 0 ? middle : -1;
      if (found < pts) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  sourceFrame = (frame: number) => this.#sourceFrame[frame & MASK]!;
  startUs = (frame: number) => this.#startUs[frame & MASK]!;
  busyUs = (frame: number) => this.#busyUs[frame & MASK]!;

  /** Its packet has come out. */
  finish(frame: number): void {
    this.#done[frame & MASK] = 1;
    while (this.#first < this.#next && this.#done[this.#first & MASK] === 1) this.#first++;
  }
}
