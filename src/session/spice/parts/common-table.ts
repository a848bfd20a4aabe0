// The textbook's table of the longest common subsequence, of frames by size and time: where two sequences that each lack something go on
// alike.

/** Frames of each side. */
export const TABLE_FRAMES = 256;
/** So long after it was captured a frame may be at the tap at the most, microseconds. */
export const LONGEST_US = 5e6;
/** It may seem to be there before: what the clocks of two machines may be apart. */
const SLACK_US = 250_000;
const WIDTH = TABLE_FRAMES + 1;

/** @param gapUs from the one side's time to the other's */
export function mayBe(gapUs: number): boolean {
  return gapUs >= -SLACK_US && gapUs <= LONGEST_US;
}

export class CommonTable {
  readonly #rowBytes = new Int32Array(TABLE_FRAMES);
  readonly #rowUs = new Float64Array(TABLE_FRAMES);
  readonly #columnBytes = new Int32Array(TABLE_FRAMES);
  readonly #columnUs = new Float64Array(TABLE_FRAMES);
  /** How many can be matched in order of what is left of both from a place on. */
  readonly #lengths = new Uint16Array(WIDTH * WIDTH);

  setRow(row: number, bytes: number, atUs: number): void {
    this.#rowBytes[row] = bytes;
    this.#rowUs[row] = atUs;
  }

  setColumn(column: number, bytes: number, atUs: number): void {
    this.#columnBytes[column] = bytes;
    this.#columnUs[column] = atUs;
  }

  /** The first pair of the longest; null where nothing fits. @param rows so many have been set, as `columns` */
  firstCommon(rows: number, columns: number): { readonly row: number; readonly column: number } | null {
    this.#fill(rows, columns);
    const lengths = this.#lengths;
    if (lengths[0] === 0) return null;
    for (let [row, column] = [0, 0]; ;) {
      const place = row * WIDTH + column;
      if (this.#fits(row, column) && lengths[place + WIDTH + 1]! + 1 === lengths[place]) return { row, column };
      if (lengths[place + WIDTH] === lengths[place]) row++;
      else column++;
    }
  }

  /** From the end. */
  #fill(rows: number, columns: number): void {
    const lengths = this.#lengths;
    const [rowBytes, columnBytes] = [this.#rowBytes, this.#columnBytes];
    lengths.fill(0, rows * WIDTH, rows * WIDTH + columns + 1);
    for (let row = rows - 1; row >= 0; row--) {
      const bytes = rowBytes[row]!;
      lengths[row * WIDTH + columns] = 0;
      for (let column = columns - 1; column >= 0; column--) {
        const place = row * WIDTH + column;
        const [below, beside] = [lengths[place + WIDTH]!, lengths[place + 1]!];
        // A pair that fits is never worse than leaving one of it out.
        if (bytes === columnBytes[column] && this.#fits(row, column)) lengths[place] = lengths[place + WIDTH + 1]! + 1;
        else lengths[place] = below > beside ? below : beside;
      }
    }
  }

  #fits(row: number, column: number): boolean {
    return this.#rowBytes[row] === this.#columnBytes[column] && mayBe(this.#columnUs[column]! - this.#rowUs[row]!);
  }
}
