// What is known of frames on their way through encoder and link, by their numbers: arrays that are made once.

/** Frames on their way at once: lookahead of encoders (250 at most in x264 and x265) and what waits to be sent. */
const CAPACITY = 4096;
const MASK = CAPACITY - 1;

export class FrameNotes {
  readonly #frame = new Float64Array(CAPACITY).fill(-1);
  readonly #captureUs = new Float64Array(CAPACITY);
  readonly #sourceFrame = new Int32Array(CAPACITY);
  readonly #encodeUs = new Float64Array(CAPACITY);
  readonly #busyUs = new Float64Array(CAPACITY);
  /** When it was handed to the link; NaN where it was not, or is gone. */
  readonly #sendUs = new Float64Array(CAPACITY).fill(NaN);
  /** From capture to that moment. */
  readonly #beforeUs = new Float64Array(CAPACITY).fill(NaN);
  #sending = 0;

  /** A frame was captured. */
  begin(frame: number, captureUs: number, sourceFrame: number): void {
    const slot = frame & MASK;
    this.#frame[slot] = frame;
    this.#captureUs[slot] = captureUs;
    this.#sourceFrame[slot] = sourceFrame;
    this.#encodeUs[slot] = captureUs;
    this.#busyUs[slot] = 0;
    if (!Number.isNaN(this.#sendUs[slot]!)) this.#sending--;
    this.#sendUs[slot] = NaN;
    this.#beforeUs[slot] = NaN;
  }

  encodeFrom(frame: number, startUs: number): void {
    this.#encodeUs[frame & MASK] = startUs;
  }

  /** Time spent in calls of the encoder for it. */
  addBusy(frame: number, us: number): void {
    this.#busyUs[frame & MASK]! += us;
  }

  /** False for a frame that is not known (any more). */
  has(frame: number): boolean {
    return this.#frame[frame & MASK] === frame;
  }

  captureUs = (frame: number) => this.#captureUs[frame & MASK]!;
  sourceFrame = (frame: number) => this.#sourceFrame[frame & MASK]!;
  encodeUs = (frame: number) => this.#encodeUs[frame & MASK]!;
  busyUs = (frame: number) => this.#busyUs[frame & MASK]!;

  /** It was handed to the link. */
  sendFrom(frame: number, startUs: number): void {
    this.#sendUs[frame & MASK] = startUs;
    this.#beforeUs[frame & MASK] = startUs - this.captureUs(frame);
    this.#sending++;
  }

  /** Shortest time from capture to the hand-over of the frames after one, up to another; null where none of them is known. */
  shortestBeforeUs(after: number, to: number): number | null {
    let shortest = Infinity;
    for (let frame = Math.max(after, to - CAPACITY) + 1; frame <= to; frame++) {
      const us = this.#beforeUs[frame & MASK]!;
      if (this.has(frame) && us < shortest) shortest = us;
    }
    return shortest === Infinity ? null : shortest;
  }

  /** Its bytes left. @returns when it was handed over; NaN where that is not known */
  sent(frame: number): number {
    if (!this.has(frame)) return NaN;
    const startUs = this.#sendUs[frame & MASK]!;
    if (!Number.isNaN(startUs)) this.#sending--;
    this.#sendUs[frame & MASK] = NaN;
    return startUs;
  }

  /** The connection broke: tells of each frame whose bytes did not leave. */
  loseUnsent(tell: (frame: number, startUs: number) => void): void {
    if (this.#sending === 0) return;
    for (let slot = 0; slot < CAPACITY; slot++) {
      const startUs = this.#sendUs[slot]!;
      if (Number.isNaN(startUs)) continue;
      this.#sendUs[slot] = NaN;
      tell(this.#frame[slot]!, startUs);
    }
    this.#sending = 0;
  }
}
