// A column that grows: a typed array that doubles when it is full.

import { UserError } from '#core/user-error';

/** Rows of a table at most, of samples an hour of 18 CPUs at 1000 Hz: a small file can be unpacked into any number. */
const MAX_ROWS = 2 ** 26;

type NumberArray = Float64Array | Int32Array | Uint32Array | Int16Array | Uint8Array;

export class GrowingColumn<A extends NumberArray> {
  #values: A;
  #length = 0;
  readonly #make: new (length: number) => A;

  constructor(make: new (length: number) => A, capacity = 1024) {
    this.#make = make;
    this.#values = new make(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new this.#make(doubledCapacity(this.#values.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get(row: number): number {
    return this.#values[row]!;
  }

  set(row: number, value: number): void {
    this.#values[row] = value;
  }

  /** The rows so far: a view, which the next `push` may leave behind. */
  view(): A {
    return this.#values.subarray(0, this.#length) as A;
  }

  /** The rows in this order, as an array of their own. */
  taken(order: Uint32Array | null): A {
    if (order === null) return this.#values.slice(0, this.#length) as A;
    const sorted = new this.#make(order.length);
    for (let i = 0; i < order.length; i++) sorted[i] = this.#values[order[i]!]!;
    return sorted;
  }
}

/** @throws UserError where a table would have more rows than it may */
export function doubledCapacity(capacity: number): number {
  if (capacity < MAX_ROWS) return capacity * 2;
  throw new UserError({
    what: `the profile has more than ${Math.floor(MAX_ROWS / 1e6)} million samples or stacks`,
    todo: 'Record a shorter time, or with fewer samples a second.',
  });
}
