// Does a series grow over time? A test that noise with a memory does not deceive.

import { theilSenSlope } from './drift.ts';
import { median } from './quantile.ts';
import { studentTwoSided } from './student-t.ts';

export interface Trend {
  /** From the first to the last time, by the slope; in the unit of the values. */
  readonly change: number;
  /** Two-sided. */
  readonly p: number;
}

export interface RunDrift extends Trend {
  /** The change as a share of the median. */
  readonly share: number;
}

/** Fewer values than this show no trend. */
const LEAST_COUNT = 12;
/** The series is cut into so many pieces of equal counts, each of which is its median. */
const PIECES = 24;
/** A memory beyond this cannot be told from a trend. */
const MOST_MEMORY = 0.9;
/** Nothing drifts in less than this. */
const LEAST_SECONDS = 3;
/** At both ends of a run an encoder fills and empties itself: this share of the values does not count. */
const ENDS = 0.05;

/**
 * Mann-Kendall's test over medians of pieces, its variance widened for their memory (an AR(1) estimated around Theil and Sen's line and freed of its bias
 * by Marriott and Pope 1954; the factor (1 + r) / (1 - r) is that of Yue and Wang 2004), judged by Student's t.
 * @param times ascending; any unit
 * @param values NaN values do not count
 * @returns null for fewer than 12 values
 */
export function findTrend(times: ArrayLike<number>, values: ArrayLike<number>): Trend | null {
  const known: number[] = [];
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) known.push(i);
  const n = known.length;
  if (n < LEAST_COUNT) return null;
  const count = n >= 2 * PIECES ? PIECES : n;
  const x: number[] = [];
  const y: number[] = [];
  for (let piece = 0; piece < count; piece++) {
    const own = known.slice(Math.floor((piece * n) / count), Math.floor(((piece + 1) * n) / count));
    x.push(own.reduce((sum, i) => sum + times[i]!, 0) / own.length);
    y.push(median(own.map((i) => values[i]!)));
  }
  const slope = theilSenSlope(x, y);
  if (Number.isNaN(slope)) return null;
  const change = slope * (times[known.at(-1)!]! - times[known[0]!]!);
  const memory = lagOne(y.map((value, i) => value - slope * x[i]!));
  const r = Math.min(MOST_MEMORY, Math.max(0, (memory + 2 / count) / (1 - 4 / count)));
  const { score, variance } = kendall(y);
  const z = Math.max(0, Math.abs(score) - 1) / Math.sqrt((variance * (1 + r)) / (1 - r));
  // Fewer pieces are independent than there are: so many degrees of freedom are left.
  const freedom = Math.max(2, (count * (1 - r)) / (1 + r) - 2);
  return { change, p: variance === 0 ? 1 : studentTwoSided(z, freedom) };
}

/**
 * The trend of what was measured of frames over a run, as a share of its median: encode times that grow, say.
 * @param times when each frame was there, ascending, seconds
 * @param values above 0
 * @returns null where there are too few frames or seconds
 */
export function driftWithinRun(times: Float64Array, values: Float64Array): RunDrift | null {
  const cut = Math.ceil(ENDS * values.length);
  const [from, to] = [cut, values.length - cut];
  if (!(times[to - 1]! - times[from]! >= LEAST_SECONDS)) return null;
  const trend = findTrend(times.subarray(from, to), values.subarray(from, to));
  const middle = median(values);
  if (trend === null || !(middle > 0)) return null;
  return { ...trend, share: trend.change / middle };
}

/** Score of Mann and Kendall, and its variance with ties (Kendall 1975). */
function kendall(values: readonly number[]): { score: number; variance: number } {
  const n = values.length;
  let score = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) score += Math.sign(values[j]! - values[i]!);
  let variance = n * (n - 1) * (2 * n + 5);
  for (const { length: t } of Map.groupBy(values, (value) => value).values()) variance -= t * (t - 1) * (2 * t + 5);
  return { score, variance: variance / 18 };
}

/** Autocorrelation from one value to the next; 0 where they are all the same. */
function lagOne(values: readonly number[]): number {
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  let along = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total += (values[i]! - middle) ** 2;
    if (i > 0) along += (values[i]! - middle) * (values[i - 1]! - middle);
  }
  return total > 0 ? along / total : 0;
}
