// Did the machine itself change while the bench ran? One cell, visited again and again, tells.

import { median } from './quantile.ts';

export interface Drift {
  /** `trend`: a steady change over the bench; `disturbed`: single visits far from the others. */
  readonly kind: 'trend' | 'disturbed';
  /** Share of the median: change from the first visit to the last, or the largest distance of a visit. */
  readonly share: number;
  /** Two-sided p of the Mann-Kendall test; null for `disturbed`. */
  readonly p: number | null;
  /** Positions of the visits that stand apart. */
  readonly visits: readonly number[];
}

/** A smaller change is of no interest, however certain. */
const LEAST_TREND = 0.03;
/** A visit this far from the median of all is a disturbance, whatever the others do. */
const LEAST_DISTURBANCE = 0.15;
const SIGNIFICANCE = 0.05;
/** With fewer visits a trend cannot reach that significance. */
const LEAST_VISITS = 5;

/**
 * Looks for drift in the visits of a sentinel.
 * @param timesS when each visit began, seconds, ascending
 * @param values one metric of each visit
 * @returns null where nothing is certain enough
 */
export function findDrift(timesS: readonly number[], values: readonly number[]): Drift | null {
  const middle = median(values);
  if (values.length >= LEAST_VISITS) {
    const p = mannKendall(values);
    const share = (theilSenSlope(timesS, values) * (timesS.at(-1)! - timesS[0]!)) / middle;
    if (p < SIGNIFICANCE && Math.abs(share) >= LEAST_TREND)
      return { kind: 'trend', share, p, visits: values.map((_, i) => i) };
  }
  if (values.length < 3) return null;
  const distances = values.map((value) => (value - middle) / middle);
  const visits = distances.flatMap((distance, i) => (Math.abs(distance) >= LEAST_DISTURBANCE ? [i] : []));
  if (visits.length === 0) return null;
  const share = distances.reduce((worst, distance) => (Math.abs(distance) > Math.abs(worst) ? distance : worst), 0);
  return { kind: 'disturbed', share, p: null, visits };
}

/** Median of the slopes between all pairs (Theil 1950, Sen 1968), value a second. */
export function theilSenSlope(timesS: readonly number[], values: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) {
      if (timesS[j] !== timesS[i]) slopes.push((values[j]! - values[i]!) / (timesS[j]! - timesS[i]!));
    }
  }
  return median(slopes);
}

/** Two-sided p of the Mann-Kendall trend test: exact for up to 10 values without ties, else by the normal approximation. */
export function mannKendall(values: readonly number[]): number {
  const n = values.length;
  let score = 0;
  let ties = false;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const sign = Math.sign(values[j]! - values[i]!);
      score += sign;
      ties ||= sign === 0;
    }
  }
  if (n <= 10 && !ties) return exactP(n, Math.abs(score));
  const variance = (n * (n - 1) * (2 * n + 5)) / 18;
  const z = Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance);
  return Math.min(1, 2 * (1 - normalCdf(z)));
}

/** Share of all orders of n values whose score is at least as far from zero, from the numbers of inversions. */
function exactP(n: number, score: number): number {
  let counts = [1];
  for (let k = 2; k <= n; k++) {
    const next = Array<number>(counts.length + k - 1).fill(0);
    for (let i = 0; i < counts.length; i++) for (let j = 0; j < k; j++) next[i + j]! += counts[i]!;
    counts = next;
  }
  const pairs = (n * (n - 1)) / 2;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const extreme = counts.reduce(
    (sum, count, inversions) => sum + (Math.abs(pairs - 2 * inversions) >= score ? count : 0),
    0,
  );
  return extreme / total;
}

/** Abramowitz and Stegun 26.2.17: error below 7.5e-8. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}
