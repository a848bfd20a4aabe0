// Sets of time as ranges: a flat array of pairs [from, to), from at 2i and to at 2i + 1. Normal means ascending, apart and none empty;
// every function here returns normal ranges. The unit is the caller's.

export const NO_RANGES: Float64Array = new Float64Array(0);

/** In order, joined where they meet or overlap; those that are empty or turned round are left out. */
export function normalRanges(pairs: ArrayLike<number>): Float64Array {
  const order: number[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) if (pairs[i]! < pairs[i + 1]!) order.push(i);
  order.sort((a, b) => pairs[a]! - pairs[b]!);
  const made = new Float64Array(order.length * 2);
  let length = 0;
  for (const i of order) {
    if (length > 0 && pairs[i]! <= made[length - 1]!) made[length - 1] = Math.max(made[length - 1]!, pairs[i + 1]!);
    else {
      made[length++] = pairs[i]!;
      made[length++] = pairs[i + 1]!;
    }
  }
  return made.slice(0, length);
}

export function uniteRanges(one: Float64Array, other: Float64Array): Float64Array {
  const pairs = new Float64Array(one.length + other.length);
  pairs.set(one);
  pairs.set(other, one.length);
  return normalRanges(pairs);
}

/** @param one and `other`: normal */
export function intersectRanges(one: Float64Array, other: Float64Array): Float64Array {
  const made: number[] = [];
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    const from = Math.max(one[i]!, other[j]!);
    const to = Math.min(one[i + 1]!, other[j + 1]!);
    if (from < to) made.push(from, to);
    if (one[i + 1]! < other[j + 1]!) i += 2;
    else j += 2;
  }
  return Float64Array.from(made);
}

/**
 * What of `one` is not in `other`.
 * @param one and `other`: normal
 */
export function subtractRanges(one: Float64Array, other: Float64Array): Float64Array {
  const made: number[] = [];
  let j = 0;
  for (let i = 0; i < one.length; i += 2) {
    let from = one[i]!;
    const to = one[i + 1]!;
    while (j < other.length && other[j + 1]! <= from) j += 2;
    for (let k = j; k < other.length && other[k]! < to; k += 2) {
      if (other[k]! > from) made.push(from, other[k]!);
      from = Math.max(from, other[k + 1]!);
    }
    if (from < to) made.push(from, to);
  }
  return Float64Array.from(made);
}

/** What is left of [from, to). */
export function complementOf(ranges: Float64Array, from: number, to: number): Float64Array {
  return subtractRanges(normalRanges([from, to]), ranges);
}

/** Time that they hold together. */
export function lengthOf(ranges: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < ranges.length; i += 2) sum += ranges[i + 1]! - ranges[i]!;
  return sum;
}

export function isWithin(ranges: Float64Array, time: number): boolean {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[2 * middle + 1]! <= time) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length / 2 && ranges[2 * low]! <= time;
}

/** Every one moved by the same time, and made longer or shorter by a factor first: from seconds to nanoseconds of another clock. */
export function mapRanges(ranges: Float64Array, factor: number, shift: number): Float64Array {
  return ranges.map((time) => time * factor + shift);
}

/** Most ranges that a periodic choice makes. */
export const MAX_PERIODIC = 100_000;

/**
 * Every `every` a stretch of the length `held`, the first at `from`, the last within `to`.
 * @throws RangeError where that is no period, or more than MAX_PERIODIC of them
 */
export function periodicRanges(from: number, to: number, every: number, held: number): Float64Array {
  const count = Math.ceil((to - from) / every);
  if (!(every > 0) || !(held > 0)) throw new RangeError('a period and what is held of it are above zero');
  if (!(count <= MAX_PERIODIC)) throw new RangeError(`a choice holds at most ${MAX_PERIODIC} periods`);
  const pairs: number[] = [];
  // Multiples, not sums: a sum of tenths drifts.
  for (let n = 0; n < count; n++) pairs.push(from + n * every, Math.min(to, from + n * every + held));
  return normalRanges(pairs);
}

/** A rectangle of a folded heatmap; both ends are part of it. */
export interface FoldedRectangle {
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/**
 * The times of a rectangle of a folded heatmap.
 * @param zero where its first column begins
 * @param column time of a column
 * @param rows cells in a column
 */
export function rectangleRanges(rectangle: FoldedRectangle, zero: number, column: number, rows: number): Float64Array {
  const cell = column / rows;
  const [left, right] = sorted(rectangle.fromColumn, rectangle.toColumn);
  const [low, high] = sorted(rectangle.fromRow, rectangle.toRow);
  return periodicRanges(
    zero + left * column + low * cell,
    zero + right * column + (high + 1) * cell,
    column,
    (high - low + 1) * cell,
  );
}

function sorted(a: number, b: number): readonly [number, number] {
  return a <= b ? [a, b] : [b, a];
}
