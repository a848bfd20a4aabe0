// Intervals that assume no shape of the noise: of a shift between two samples (Mann and Whitney), and of the middle of one (Wilcoxon).
// The interval lies between two of all pairwise differences, or of all pairwise means (Hodges and Lehmann 1963).

import { quantileSorted } from './quantile.ts';

export interface RankInterval {
  /** The median of the pairs. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Half of what a 95 % interval leaves out, and the value that so much of the standard normal distribution lies above. */
const TAIL = 0.025;
const Z_TAIL = 1.959963984540054;
/** Up to here the distribution is counted, not approximated. */
const EXACT_MOST = 25;
/** Values of a sample at the most: its pairs are all made. */
const MOST_RANKED = 500;

/**
 * 95 % interval of how far `b` lies above `a`, exact where the two differ by a shift only, whatever the shape of the noise.
 * @returns null where so few values reach no 95 % (3 against 3), or a sample has more than MOST_RANKED
 */
export function shiftInterval(a: ArrayLike<number>, b: ArrayLike<number>): RankInterval | null {
  const pairs = a.length * b.length;
  if (pairs === 0 || a.length > MOST_RANKED || b.length > MOST_RANKED) return null;
  const cut =
    Math.max(a.length, b.length) <= EXACT_MOST
      ? exactCut(`shift ${a.length} ${b.length}`, () => shiftCounts(a.length, b.length))
      : normalCut(pairs / 2, (pairs * (a.length + b.length + 1)) / 12);
  if (cut < 1) return null;
  const differences = new Float64Array(pairs);
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) differences[i * b.length + j] = b[j]! - a[i]!;
  return between(differences.sort(), cut);
}

/**
 * 95 % interval of the middle of a sample, exact where its noise is symmetric.
 * @returns null below 6 values, or above MOST_RANKED
 */
export function middleInterval(values: ArrayLike<number>): RankInterval | null {
  const n = values.length;
  if (n > MOST_RANKED) return null;
  const pairs = (n * (n + 1)) / 2;
  const cut =
    n <= EXACT_MOST
      ? exactCut(`middle ${n}`, () => signedRankCounts(n))
      : normalCut(pairs / 2, (n * (n + 1) * (2 * n + 1)) / 24);
  if (cut < 1) return null;
  const means = new Float64Array(pairs);
  let at = 0;
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) means[at++] = (values[i]! + values[j]!) / 2;
  return between(means.sort(), cut);
}

/** The cut-th of the pairs from below and from above. */
function between(sorted: Float64Array, cut: number): RankInterval {
  return { estimate: quantileSorted(sorted, 0.5), low: sorted[cut - 1]!, high: sorted[sorted.length - cut]! };
}

const cuts = new Map<string, number>();

/** How many pairs are left out on each side, plus one: the largest whose probability is within the tail; 0 where none is. */
function exactCut(key: string, makeCounts: () => Float64Array): number {
  let cut = cuts.get(key);
  if (cut !== undefined) return cut;
  const counts = makeCounts();
  const limit = counts.reduce((sum, count) => sum + count, 0) * TAIL;
  let sum = 0;
  for (cut = 0; cut < counts.length; cut++) {
    sum += counts[cut]!;
    if (sum > limit) break;
  }
  cuts.set(key, cut);
  return cut;
}

function normalCut(mean: number, variance: number): number {
  return Math.floor(mean - Z_TAIL * Math.sqrt(variance) + 0.5);
}

/** In how many orders of n and m values the statistic of Mann and Whitney is 0, 1, 2 …: their recurrence (1947), row by row. */
function shiftCounts(n: number, m: number): Float64Array {
  let rows = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i++) {
    const next = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      const counts = new Float64Array(i * j + 1);
      for (const [k, count] of rows[j]!.entries()) counts[k + j]! += count;
      for (const [k, count] of next[j - 1]!.entries()) counts[k]! += count;
      next.push(counts);
    }
    rows = next;
  }
  return rows[m]!;
}

/** In how many of the 2^n signs the sum of the positive ranks is 0, 1, 2 … (Wilcoxon 1945). */
function signedRankCounts(n: number): Float64Array {
  const counts = new Float64Array((n * (n + 1)) / 2 + 1);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++)
    for (let sum = counts.length - 1; sum >= rank; sum--) counts[sum]! += counts[sum - rank]!;
  return counts;
}
