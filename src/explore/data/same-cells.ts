// Cells that only a spelling tells apart: runs with `1M` and runs with `1000k` are repeats of each other.

export interface SpelledCell {
  /** What cells are compared by: settings by their meaning, labels, and where and with what its runs were made. */
  readonly meaning: string;
  /** Settings as written. */
  readonly spelling: string;
}

/**
 * Of each cell the first that it is one with; itself where it is like no other. Cells of the same spelling differ in what stands nowhere (the content of
 * the source): which of them another spelling means nobody knows, and all stay apart.
 */
export function sameCells(cells: readonly SpelledCell[]): Int32Array {
  const first = Int32Array.from(cells, (_, cell) => cell);
  for (const alike of Map.groupBy(first, (cell) => cells[cell]!.meaning).values()) {
    const spellings = new Set(alike.map((cell) => cells[cell]!.spelling));
    if (spellings.size === alike.length) for (const cell of alike) first[cell] = alike[0]!;
  }
  return first;
}

/**
 * Joins cells, in place. Repeats of a cell are counted on behind those of the cells that it joins: two runs of one number would be two tries of one.
 * @param first of each cell the one that it becomes, itself or an earlier one
 * @param cells by row; afterwards numbered without gaps
 * @param repeats by row
 * @returns how many cells there are then
 */
export function joinCells(first: Int32Array, cells: Int32Array, repeats: Int32Array): number {
  const highest = new Int32Array(first.length);
  for (const [row, cell] of cells.entries()) highest[cell] = Math.max(highest[cell]!, repeats[row]!);
  const taken = new Int32Array(first.length);
  const before = first.map((to, cell) => (taken[to]! += highest[cell]!) - highest[cell]!);
  let count = 0;
  const numbers = new Int32Array(first.length);
  for (const [cell, to] of first.entries()) numbers[cell] = to === cell ? count++ : numbers[to]!;
  for (const [row, cell] of cells.entries()) {
    if (repeats[row]! > 0) repeats[row]! += before[cell]!;
    cells[row] = numbers[cell]!;
  }
  return count;
}
