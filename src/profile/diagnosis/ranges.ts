// How much of a span lies in ranges of time.

/** Answers for many spans; a question costs the logarithm of the number of pairs. */
export class RangeSet {
  readonly pairs: Float64Array;
  /** Nanoseconds in the pairs before each. */
  readonly #before: Float64Array;

  constructor(pairs: Float64Array) {
    this.pairs = pairs;
    this.#before = new Float64Array(pairs.length / 2 + 1);
    for (let i = 0; i < pairs.length / 2; i++) {
      this.#before[i + 1] = this.#before[i]! + pairs[2 * i + 1]! - pairs[2 * i]!;
    }
  }

  has(timeNs: number): boolean {
    const pair = this.#pairAt(timeNs);
    return pair >= 0 && timeNs < this.pairs[2 * pair + 1]!;
  }

  /** Nanoseconds of [from, to) that lie in the pairs. */
  overlapNs(from: number, to: number): number {
    return to > from ? this.#until(to) - this.#until(from) : 0;
  }

  #until(timeNs: number): number {
    const pair = this.#pairAt(timeNs);
    if (pair < 0) return 0;
    return this.#before[pair]! + Math.min(timeNs, this.pairs[2 * pair + 1]!) - this.pairs[2 * pair]!;
  }

  /** The last pair that begins at or before a time; -1 before the first. */
  #pairAt(timeNs: number): number {
    let low = 0;
    let high = this.pairs.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[2 * middle]! <= timeNs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
