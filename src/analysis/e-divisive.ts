// Where a series changed: E-divisive (Matteson and James 2014) finds the places, a t test of both sides keeps those that a person would call a change,
// as Hunter does (Fleming and others 2023).

import { randomBelow, seededRandom, type Random } from './random.ts';
import { meanShift } from './welch.ts';

export interface ChangePoint {
  /** Position of the first value after the change. */
  readonly at: number;
  readonly meanBefore: number;
  readonly meanAfter: number;
  /** Two-sided, of Welch's t test between this change and its neighbours. */
  readonly p: number;
}

export interface ChangePointOptions {
  /** Fewest values of a segment. */
  readonly leastValues?: number;
  /** Of the permutation test of each place. */
  readonly significance?: number;
  /** Of the t test: stricter, for the place was chosen where the difference is largest. */
  readonly tSignificance?: number;
  readonly seed?: number;
}

/** Values of a series at the most: a scan of n values takes n log n steps, and there are PERMUTATIONS of them for each change. */
export const MOST_VALUES = 5_000;
const PERMUTATIONS = 399;
/** Any number: the same series always changes at the same places. */
const SEED = 20_140_101;

/**
 * The places where the distribution of a series changed, ascending. Values are taken as independent but for the changes: noise that drifts is found as many changes.
 * @param values in the order of time, without NaN, {@link MOST_VALUES} at the most
 */
export function changePoints(values: readonly number[], options: ChangePointOptions = {}): ChangePoint[] {
  const { leastValues = 3, significance = 0.05, tSignificance = 0.001, seed = SEED } = options;
  const random = seededRandom(seed);
  const found: number[] = [];
  const segments: [begin: number, end: number][] = [[0, Math.min(values.length, MOST_VALUES)]];
  for (let segment = segments.pop(); segment !== undefined; segment = segments.pop()) {
    const [begin, end] = segment;
    if (end - begin < 2 * leastValues) continue;
    const scan = scanOf(values.slice(begin, end));
    const best = bestSplit(scan, leastValues);
    if (!isBeyondChance(scan, best.energy, leastValues, significance, random)) continue;
    found.push(begin + best.at);
    segments.push([begin, begin + best.at], [begin + best.at, end]);
  }
  return withoutWeak(
    values,
    found.sort((a, b) => a - b),
    tSignificance,
  );
}

interface Split {
  readonly at: number;
  readonly energy: number;
}

/** A segment, and room for the sums of its scans: a permutation allocates nothing. */
interface Scan {
  /** Distinct values, ascending. */
  readonly levels: Float64Array;
  /** Of each value its position in `levels`, from 1. */
  readonly ranks: Uint32Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

function scanOf(values: readonly number[]): Scan {
  const levels = Float64Array.from(new Set(values)).sort();
  const rank = new Map([...levels].map((value, i) => [value, i + 1]));
  return {
    levels,
    ranks: Uint32Array.from(values, (value) => rank.get(value)!),
    counts: new Float64Array(levels.length + 1),
    sums: new Float64Array(levels.length + 1),
    left: new Float64Array(values.length),
    right: new Float64Array(values.length),
  };
}

/**
 * The split with the largest energy distance between both sides, scaled by their sizes (Székely and Rizzo 2005, exponent 1). The sums of distances within a
 * side grow by one value at a time, from counts and sums by rank: n log n in all.
 */
function bestSplit(scan: Scan, leastValues: number): Split {
  const n = scan.ranks.length;
  sumWithin(scan, scan.left, 0, 1);
  sumWithin(scan, scan.right, n - 1, -1);
  const total = scan.left[n - 1]!;
  let energy = -Infinity;
  let best = leastValues;
  for (let at = leastValues; at <= n - leastValues; at++) {
    const within = scan.left[at - 1]!;
    const beyond = scan.right[at]!;
    const other = n - at;
    const distance =
      (2 * (total - within - beyond)) / (at * other) -
      (2 * within) / (at * (at - 1)) -
      (2 * beyond) / (other * (other - 1));
    const scaled = ((at * other) / n) * distance;
    if (scaled > energy) {
      energy = scaled;
      best = at;
    }
  }
  return { at: best, energy };
}

/** Whether chance alone seldom gives a split as good: the same values in other orders. Leaves the scan in one of them. */
function isBeyondChance(
  scan: Scan,
  energy: number,
  leastValues: number,
  significance: number,
  random: Random,
): boolean {
  if (!(energy > 0)) return false;
  const most = Math.floor(significance * (PERMUTATIONS + 1)) - 1;
  let asGood = 0;
  for (let i = 0; i < PERMUTATIONS; i++) {
    shuffle(scan.ranks, random);
    if (bestSplit(scan, leastValues).energy >= energy) asGood++;
    // Whatever the others give, it is not significant any more.
    if (asGood > most) return false;
  }
  return true;
}

/** In place (Fisher and Yates). */
function shuffle(ranks: Uint32Array, random: Random): void {
  for (let i = ranks.length - 1; i > 0; i--) {
    const j = randomBelow(i + 1, random);
    const kept = ranks[i]!;
    ranks[i] = ranks[j]!;
    ranks[j] = kept;
  }
}

/** Takes out the weakest change, and looks again, until all that are left differ from their neighbours. */
function withoutWeak(values: readonly number[], places: readonly number[], tSignificance: number): ChangePoint[] {
  let kept = [...places];
  for (;;) {
    const points = kept.map((at, i) => describe(values, kept[i - 1] ?? 0, at, kept[i + 1] ?? values.length));
    const weakest = points.reduce<ChangePoint | null>((a, b) => (a === null || b.p > a.p ? b : a), null);
    if (weakest === null || weakest.p <= tSignificance) return points;
    kept = kept.filter((at) => at !== weakest.at);
  }
}

function describe(values: readonly number[], begin: number, at: number, end: number): ChangePoint {
  const before = values.slice(begin, at);
  const after = values.slice(at, end);
  const meanBefore = before.reduce((sum, value) => sum + value, 0) / before.length;
  const meanAfter = after.reduce((sum, value) => sum + value, 0) / after.length;
  // Without any spread the permutation test has decided already.
  return { at, meanBefore, meanAfter, p: meanShift([{ a: before, b: after }])?.p ?? 0 };
}

/** At each position the sum of the distances between all pairs from `begin` to there: two Fenwick trees (1994) hold counts and sums by rank. */
function sumWithin({ levels, ranks, counts, sums }: Scan, within: Float64Array, begin: number, step: 1 | -1): void {
  counts.fill(0);
  sums.fill(0);
  let all = 0;
  let running = 0;
  for (let seen = 0; seen < ranks.length; seen++) {
    const i = begin + seen * step;
    const rank = ranks[i]!;
    const value = levels[rank - 1]!;
    let below = 0;
    let sumBelow = 0;
    for (let at = rank; at > 0; at -= at & -at) {
      below += counts[at]!;
      sumBelow += sums[at]!;
    }
    running += value * below - sumBelow + (all - sumBelow) - value * (seen - below);
    within[i] = running;
    all += value;
    for (let at = rank; at < counts.length; at += at & -at) {
      counts[at]! += 1;
      sums[at]! += value;
    }
  }
}
