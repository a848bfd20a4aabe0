// Columns of numbers as bytes: the bin of each value. Trees look for their splits between bins, not between values.

/** Values that are not there have a bin of their own. */
export const MISSING_BIN = 0;

/** Bins of a column at most, the one of missing values not counted. */
export const MAX_BINS = 255;

const STORED_DIGITS = 6;

/** The edges between a column's bins, ascending: a value is in the first bin whose upper edge is not below it, or in the last. */
export type BinEdges = ArrayLike<number>;

/**
 * Parts a column into bins: one for each value where they suffice, else of about as many rows each. An edge is the middle between two values, so
 * that a value never seen before falls to its nearer neighbour.
 * @param column NaN where there is no value
 * @param bins 2 to {@link MAX_BINS}
 */
export function binEdges(column: Float64Array, bins: number): Float64Array {
  const sorted = column.filter((value) => !Number.isNaN(value)).sort();
  let left = distinctCount(sorted);
  const edges: number[] = [];
  let begun = 0;
  for (let i = 1; i < sorted.length && edges.length < bins - 1; i++) {
    const low = sorted[i - 1]!;
    const high = sorted[i]!;
    if (low === high) continue;
    left--;
    const binsLeft = bins - edges.length;
    if (left >= binsLeft && i - begun < (sorted.length - begun) / binsLeft) continue;
    edges.push(edgeBetween(low, high));
    begun = i;
  }
  return Float64Array.from(edges);
}

/** The bin of a value, from 1; {@link MISSING_BIN} for NaN. */
export function binOf(value: number, edges: BinEdges): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** The bins of a whole column. */
export function binColumn(column: Float64Array, edges: BinEdges): Uint8Array {
  const bins = new Uint8Array(column.length);
  for (let i = 0; i < column.length; i++) bins[i] = binOf(column[i]!, edges);
  return bins;
}

/** Their middle, with no more digits than part them: edges are stored. */
function edgeBetween(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  const short = Number(middle.toPrecision(STORED_DIGITS));
  return short >= low && short < high ? short : middle;
}

function distinctCount(sorted: Float64Array): number {
  let count = sorted.length === 0 ? 0 : 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) count++;
  return count;
}
