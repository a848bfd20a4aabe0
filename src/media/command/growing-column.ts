// Numbers that come one by one, within a bound: all of them, or ever fewer of them for a quantile.

const FIRST_SIZE = 1024;

/** Keeps the numbers in their order. Beyond the limit it keeps none: half a history is no history. */
export class GrowingColumn {
  readonly #limit: number;
  #values = new Float64Array(FIRST_SIZE);
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(value: number): void {
    if (this.#size > this.#limit) return;
    if (this.#size === this.#values.length) {
      const larger = new Float64Array(2 * this.#size);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#size++] = value;
  }

  /** A copy of what came; empty where more came than the limit. */
  values(): Float64Array {
    return this.#values.slice(0, this.#size > this.#limit ? 0 : this.#size);
  }
}

/** A sample for quantiles: every number at first; each time it is full, every second one of it goes. */
export class ThinnedSample {
  readonly #values: Float64Array;
  #kept = 0;
  #stride = 1;
  /** Numbers that came. */
  size = 0;

  /** @param limit numbers kept, even */
  constructor(limit: number) {
    this.#values = new Float64Array(limit);
  }

  add(value: number): void {
    if (this.size++ % this.#stride !== 0) return;
    if (this.#kept === this.#values.length) {
      this.#kept /= 2;
      for (let i = 0; i < this.#kept; i++) this.#values[i] = this.#values[2 * i]!;
      this.#stride *= 2;
      if ((this.size - 1) % this.#stride !== 0) return;
    }
    this.#values[this.#kept++] = value;
  }

  sorted(): Float64Array {
    return this.#values.slice(0, this.#kept).sort();
  }
}
