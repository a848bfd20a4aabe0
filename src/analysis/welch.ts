// Do the means of samples differ? By Student's t, with a variance of its own for each sample.

import { studentBound, studentTwoSided } from './student-t.ts';

export interface MeanShift {
  readonly estimate: number;
  /** Standard error of the estimate, and its degrees of freedom. */
  readonly error: number;
  readonly degrees: number;
  /** Two-sided p of no shift. */
  readonly p: number;
}

/** 95 % interval of a shift: costlier than its p. */
export function shiftBounds({ estimate, error, degrees }: MeanShift): { readonly low: number; readonly high: number } {
  const half = error * studentBound(0.95, degrees);
  return { low: estimate - half, high: estimate + half };
}

export interface Sample {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
}

/** Mean and its squared standard error. */
interface Moments {
  readonly mean: number;
  readonly error2: number;
}

/**
 * How far the mean of b lies above that of a: Welch (1947). Of several pairs of samples the mean of their shifts, with the degrees of freedom of
 * Satterthwaite (1946).
 * @returns null where a sample has fewer than two values, or nothing spreads
 */
export function meanShift(samples: readonly Sample[]): MeanShift | null {
  let estimate = 0;
  let error2 = 0;
  let weight = 0;
  for (const { a, b } of samples) {
    if (a.length < 2 || b.length < 2) return null;
    const from = moments(a);
    const to = moments(b);
    estimate += to.mean - from.mean;
    error2 += from.error2 + to.error2;
    weight += from.error2 ** 2 / (a.length - 1) + to.error2 ** 2 / (b.length - 1);
  }
  return shiftOf(estimate / samples.length, error2 / samples.length ** 2, error2 ** 2 / weight);
}

/** How far the mean of a sample lies above 0: Student's t for one sample. Null below two values, or where none differs. */
export function meanAboveZero(values: ArrayLike<number>): MeanShift | null {
  if (values.length < 2) return null;
  const { mean, error2 } = moments(values);
  return shiftOf(mean, error2, values.length - 1);
}

function shiftOf(estimate: number, error2: number, degrees: number): MeanShift | null {
  if (!(error2 > 0)) return null;
  const error = Math.sqrt(error2);
  return { estimate, error, degrees, p: studentTwoSided(estimate / error, degrees) };
}

/** About the first value, so that equal values have no spread at all, not even that of rounding. */
function moments(values: ArrayLike<number>): Moments {
  const first = values[0]!;
  let shift = 0;
  for (let i = 0; i < values.length; i++) shift += values[i]! - first;
  shift /= values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - first - shift) ** 2;
  return { mean: first + shift, error2: squares / (values.length - 1) / values.length };
}
