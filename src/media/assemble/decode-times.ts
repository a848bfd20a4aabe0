// Decode times of a joined stream, made anew from its presentation times: they grow steadily over every seam. Pure.

/** Frames that a codec of today reorders at the most. */
export const MAX_REORDERING = 16;

/**
 * The n-th packet to be decoded gets the time of the frame that is presented n - reordering: the latest times that are never
 * behind a packet's own presentation, and evenly spread where the rate is constant, as encoders make them. Those made by
 * the encoders of chunks go back at a seam where the rate varies.
 */
export class DecodeTimes {
  readonly reordering: number;
  readonly #step: number;
  /** The latest presentation times that are not given out yet, ascending. */
  readonly #waiting: number[] = [];
  #count = 0;
  #firstPts = 0;
  #last = -Infinity;

  /**
   * @param reordering frames by which decoding is ahead
   * @param step ticks between the times before the first presentation
   */
  constructor(reordering: number, step: number) {
    this.reordering = reordering;
    this.#step = step;
  }

  /**
   * Decode time of the next packet.
   * @param pts ticks, of packets in the order of decoding
   * @returns null where the packets are reordered more deeply than was said
   */
  next(pts: number): number | null {
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > 0 && waiting[at - 1]! > pts) at--;
    waiting.splice(at, 0, pts);
    if (this.#count === 0) this.#firstPts = pts;
    const ahead = this.reordering - this.#count++;
    const dts = ahead > 0 ? this.#firstPts - ahead * this.#step : waiting.shift()!;
    if (dts <= this.#last || dts > pts) return null;
    return (this.#last = dts);
  }
}
