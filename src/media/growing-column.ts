// A column of numbers that grows by whole blocks: nothing is copied while it does, and half of it never lies empty.

type Numbers = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** Rows of a block: 64 KB of the widest type. */
const BLOCK_BITS = 13;
const BLOCK_ROWS = 1 << BLOCK_BITS;
const ROW_MASK = BLOCK_ROWS - 1;

export class GrowingColumn<T extends Numbers> {
  readonly #type: new (rows: number) => T;
  readonly #blocks: T[] = [];

  /** @param type of its numbers: `Float64Array` … */
  constructor(type: new (rows: number) => T) {
    this.#type = type;
  }

  /** @param row one that `set` has reached, or lies before such a one: those are zero until they are set */
  get(row: number): number {
    return this.#blocks[row >>> BLOCK_BITS]![row & ROW_MASK]!;
  }

  set(row: number, value: number): void {
    const block = row >>> BLOCK_BITS;
    while (this.#blocks.length <= block) this.#blocks.push(new this.#type(BLOCK_ROWS));
    this.#blocks[block]![row & ROW_MASK] = value;
  }

  /** A copy of some rows in one piece, whether they were reached or not. */
  copy(first: number, rows: number): T {
    const piece = new this.#type(rows);
    for (let done = 0; done < rows;) {
      const row = first + done;
      const block = this.#blocks[row >>> BLOCK_BITS];
      const count = Math.min(rows - done, BLOCK_ROWS - (row & ROW_MASK));
      if (block !== undefined) piece.set(block.subarray(row & ROW_MASK, (row & ROW_MASK) + count), done);
      done += count;
    }
    return piece;
  }
}
