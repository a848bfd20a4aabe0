// Has a sample one mode, or more? Hartigans' dip test.

import { CRITICAL_DIPS, DIP_COUNTS, DIP_LEVELS } from './dip-levels.ts';
import { sortedSample } from './quantile.ts';

/**
 * The dip: the largest distance between the sample's distribution and the nearest distribution of one mode (Hartigan and Hartigan,
 * "The Dip Test of Unimodality", Annals of Statistics 13, 1985). From 1 / (2 n) up to 0.25.
 * @param sorted ascending, without NaN; made for values that are all different: heaps of equal ones count as modes
 * @returns NaN for an empty sample
 */
export function dipStatistic(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  if (n === 0) return NaN;
  const steps = distribution(sorted);
  const last = steps.at.length - 1;
  if (last === 0) return 1 / (2 * n);
  let low = 0;
  let high = last;
  // In halves of 1 / n: no distribution of one mode comes nearer to steps of 1 / n.
  let dip = 1;
  const convex = new Int32Array(last + 1);
  const concave = new Int32Array(last + 1);
  for (;;) {
    const convexCount = hull(steps.at, steps.below, low, high, -1, convex);
    const concaveCount = hull(steps.at, steps.upTo, low, high, 1, concave);
    const { distance, left, right } = widest(steps, convex.subarray(0, convexCount), concave.subarray(0, concaveCount));
    if (distance <= dip) break;
    // Outside of the interval where the mode must lie, the hulls stay as they are.
    dip = Math.max(
      dip,
      farthest(steps.at, steps.below, steps.upTo, convex.subarray(0, convexCount), low, left),
      farthest(steps.at, steps.upTo, steps.below, concave.subarray(0, concaveCount), right, high),
    );
    if (left === low && right === high) break;
    low = left;
    high = right;
  }
  return dip / (2 * n);
}

/**
 * How often so large a dip comes from a uniform distribution, the hardest one of a single mode: by a table that was simulated once, between
 * its rows by the square root of the count, between its columns by the logarithm of p. 1 above the first column, never below the last.
 * @param values of any order; NaN values do not count
 */
export function dipTest(values: ArrayLike<number>): { readonly dip: number; readonly p: number } {
  const sorted = sortedSample(values);
  const dip = dipStatistic(sorted);
  return { dip, p: dipP(dip, sorted.length) };
}

/** Two-sided it is not: a small dip is no sign of anything. 1 below 8 values, of which the table tells nothing. */
export function dipP(dip: number, count: number): number {
  if (!(count >= DIP_COUNTS[0]!)) return 1;
  const row = Math.max(
    0,
    DIP_COUNTS.findLastIndex((known) => known <= count),
  );
  const next = Math.min(row + 1, DIP_COUNTS.length - 1);
  const rootOf = (at: number) => Math.sqrt(DIP_COUNTS[at]!);
  const way = next === row ? 0 : (Math.sqrt(count) - rootOf(row)) / (rootOf(next) - rootOf(row));
  const scaled = dip * Math.sqrt(count);
  const critical = (level: number) =>
    (1 - way) * CRITICAL_DIPS[row]![level]! * rootOf(row) + way * CRITICAL_DIPS[next]![level]! * rootOf(next);
  if (scaled < critical(0)) return 1;
  for (let level = 1; level < DIP_LEVELS.length; level++) {
    const above = critical(level);
    if (scaled >= above) continue;
    const below = critical(level - 1);
    const share = (scaled - below) / (above - below);
    return Math.exp((1 - share) * Math.log(DIP_LEVELS[level - 1]!) + share * Math.log(DIP_LEVELS[level]!));
  }
  return DIP_LEVELS.at(-1)!;
}

interface Steps {
  /** Different values, ascending. */
  readonly at: Float64Array;
  /** How many are smaller than each. */
  readonly below: Float64Array;
  /** How many are not larger. */
  readonly upTo: Float64Array;
}

function distribution(sorted: ArrayLike<number>): Steps {
  const n = sorted.length;
  const at = new Float64Array(n);
  const below = new Float64Array(n);
  const upTo = new Float64Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) {
      at[count] = sorted[i]!;
      below[count] = i;
      count++;
    }
    upTo[count - 1] = i + 1;
  }
  return { at: at.subarray(0, count), below: below.subarray(0, count), upTo: upTo.subarray(0, count) };
}

/** Corners of the convex hull of points low to high: of its lower side (turn -1) or its upper one (1). */
function hull(x: Float64Array, y: Float64Array, low: number, high: number, turn: -1 | 1, corners: Int32Array): number {
  let count = 0;
  for (let i = low; i <= high; i++) {
    while (count >= 2) {
      const a = corners[count - 2]!;
      const b = corners[count - 1]!;
      const bend = (y[b]! - y[a]!) * (x[i]! - x[b]!) - (y[i]! - y[b]!) * (x[b]! - x[a]!);
      if (bend * turn > 0) break;
      count--;
    }
    corners[count++] = i;
  }
  return count;
}

/** Where the hulls of both sides are farthest apart, and the corners of both that enclose that place. */
function widest({ at, below, upTo }: Steps, convex: Int32Array, concave: Int32Array) {
  let distance = -1;
  let left = convex[0]!;
  let right = concave.at(-1)!;
  for (let i = 0, j = 0; i < convex.length; i++) {
    const corner = convex[i]!;
    while (concave[j]! < corner) j++;
    const gap = lineAt(at, upTo, concave[Math.max(0, j - 1)]!, concave[j]!, corner) - below[corner]!;
    if (gap > distance) {
      distance = gap;
      left = corner;
      right = concave[j]!;
    }
  }
  for (let j = 0, i = 0; j < concave.length; j++) {
    const corner = concave[j]!;
    while (i + 1 < convex.length && convex[i + 1]! <= corner) i++;
    const gap = upTo[corner]! - lineAt(at, below, convex[i]!, convex[Math.min(i + 1, convex.length - 1)]!, corner);
    if (gap > distance) {
      distance = gap;
      left = convex[i]!;
      right = corner;
    }
  }
  return { distance, left, right };
}

/** The largest distance between a hull's line and the other side of the steps, over points from to to. */
function farthest(
  x: Float64Array,
  onHull: Float64Array,
  other: Float64Array,
  corners: Int32Array,
  from: number,
  to: number,
): number {
  let largest = 0;
  let segment = 0;
  for (let i = from; i <= to; i++) {
    while (segment + 1 < corners.length - 1 && corners[segment + 1]! <= i) segment++;
    const end = corners[Math.min(segment + 1, corners.length - 1)]!;
    largest = Math.max(largest, Math.abs(other[i]! - lineAt(x, onHull, corners[segment]!, end, i)));
  }
  return largest;
}

function lineAt(x: Float64Array, y: Float64Array, from: number, to: number, i: number): number {
  if (from === to || i === from) return y[from]!;
  return y[from]! + ((y[to]! - y[from]!) * (x[i]! - x[from]!)) / (x[to]! - x[from]!);
}
