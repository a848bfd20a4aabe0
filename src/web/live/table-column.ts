// Columns of a table that grows, as charts draw them.

import type { Track } from '../chart/track.ts';

/** What all columns of a table have in common. */
interface Rows {
  readonly times: Float64Array;
  readonly length: number;
}

/** The arrays of a table are others when it has grown. */
export class ColumnTrack implements Track {
  readonly #table: Rows;
  readonly #column: () => Float64Array;

  constructor(table: Rows, column: () => Float64Array) {
    this.#table = table;
    this.#column = column;
  }

  get times(): Float64Array {
    return this.#table.times;
  }
  get values(): Float64Array {
    return this.#column();
  }
  get length(): number {
    return this.#table.length;
  }
}

export type Column = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The same in an array with more room. */
export function grown<T extends Column>(array: T, capacity: number): T {
  const next = new (array.constructor as new (length: number) => T)(capacity);
  next.set(array);
  return next;
}
