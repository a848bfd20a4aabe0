// What the finished pieces of a title say of the rest of it: all of a title's pieces tend to be off to the same side.

import { randomBelow, seededRandom } from '#analysis/random';

/** How residuals vary, squared logarithms: from title to title, and from piece to piece of one title. */
export interface ResidualVariance {
  readonly titles: number;
  readonly pieces: number;
}

/** More finished pieces than this say nothing more; the latest count. */
export const MAX_SIBLINGS = 20;

/** Numbers of finished pieces that bounds are calibrated for. */
export const SIBLING_STEPS = [0, 1, 2, 3, 5, 10, MAX_SIBLINGS] as const;

/** One-way random effects by the method of moments (Searle, Casella and McCulloch, "Variance components", 1992), titles counted once each. */
export function residualVariance(residuals: Float64Array, groups: Int32Array): ResidualVariance {
  const members = rowsByGroup(groups);
  const means: number[] = [];
  let within = 0;
  let several = 0;
  let shareOfWithin = 0;
  for (const rows of members.values()) {
    let mean = 0;
    for (const row of rows) mean += residuals[row]! / rows.length;
    means.push(mean);
    shareOfWithin += 1 / rows.length;
    if (rows.length < 2) continue;
    several++;
    let squares = 0;
    for (const row of rows) squares += (residuals[row]! - mean) ** 2;
    within += squares / (rows.length - 1);
  }
  const pieces = several === 0 ? 0 : within / several;
  let between = 0;
  const middle = means.reduce((sum, mean) => sum + mean / means.length, 0);
  for (const mean of means) between += (mean - middle) ** 2 / Math.max(1, means.length - 1);
  return { titles: Math.max(0, between - (pieces * shareOfWithin) / means.length), pieces };
}

/** The offset of a title, shrunk to zero as far as few pieces may mislead (best linear unbiased prediction). */
export function titleOffset(siblings: ArrayLike<number>, variance: ResidualVariance): number {
  if (siblings.length === 0 || variance.titles === 0) return 0;
  let sum = 0;
  for (let i = 0; i < siblings.length; i++) sum += siblings[i]!;
  return sum / (siblings.length + variance.pieces / variance.titles);
}

/**
 * Residuals as they would be had a number of other pieces of the title been finished, drawn at random.
 * @returns NaN where the title has too few pieces
 */
export function residualsAfter(
  count: number,
  residuals: Float64Array,
  groups: Int32Array,
  variance: ResidualVariance,
  seed: number,
): Float64Array {
  if (count === 0) return residuals;
  const random = seededRandom(seed);
  const after = new Float64Array(residuals.length).fill(NaN);
  const siblings = new Float64Array(count);
  for (const rows of rowsByGroup(groups).values()) {
    if (rows.length <= count) continue;
    const pool = [...rows];
    for (const row of rows) {
      // One more than are needed, as the row itself may be among them.
      let taken = 0;
      for (let i = 0; taken < count; i++) {
        const j = i + randomBelow(pool.length - i, random);
        [pool[i], pool[j]] = [pool[j]!, pool[i]!];
        if (pool[i] !== row) siblings[taken++] = residuals[pool[i]!]!;
      }
      after[row] = residuals[row]! - titleOffset(siblings, variance);
    }
  }
  return after;
}

function rowsByGroup(groups: Int32Array): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (const [row, group] of groups.entries()) {
    const rows = members.get(group);
    if (rows === undefined) members.set(group, [row]);
    else rows.push(row);
  }
  return members;
}
