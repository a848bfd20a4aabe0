// A straight line through points by least squares, and how sure it is.

import { studentBound, studentTwoSided } from './student-t.ts';

/** Two points always lie on a line: of fewer than this nothing can be said. */
export const FEWEST_FOR_LINE = 3;

export interface LineFit {
  readonly count: number;
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope. */
  readonly slopeError: number;
  /** Share of the variance of y that the line explains; NaN where y does not vary. */
  readonly rSquared: number;
  /** Two-sided t test of the slope against 0; NaN where y does not vary. */
  readonly p: number;
  /** Standard deviation of what the line leaves, with count - 2 degrees of freedom. */
  readonly residual: number;
  readonly meanX: number;
  /** Sum of (x - meanX)². */
  readonly spreadX: number;
  readonly minX: number;
  readonly maxX: number;
}

/**
 * Ordinary least squares of y over x, the sums taken about the means so that large numbers lose no digits. Points where either is
 * not finite do not count.
 * @returns null where fewer than {@link FEWEST_FOR_LINE} points count or all have the same x
 */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): LineFit | null {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  let minX = Infinity;
  let maxX = -Infinity;
  for (let i = 0; i < x.length; i++) {
    const [atX, atY] = [x[i]!, y[i]!];
    if (!Number.isFinite(atX) || !Number.isFinite(atY)) continue;
    count++;
    sumX += atX;
    sumY += atY;
    if (atX < minX) minX = atX;
    if (atX > maxX) maxX = atX;
  }
  if (count < FEWEST_FOR_LINE || minX === maxX) return null;
  const meanX = sumX / count;
  const meanY = sumY / count;
  let spreadX = 0;
  let spreadY = 0;
  let together = 0;
  for (let i = 0; i < x.length; i++) {
    const [byX, byY] = [x[i]! - meanX, y[i]! - meanY];
    if (!Number.isFinite(byX) || !Number.isFinite(byY)) continue;
    spreadX += byX * byX;
    spreadY += byY * byY;
    together += byX * byY;
  }
  if (!(spreadX > 0)) return null;
  const slope = together / spreadX;
  const intercept = meanY - slope * meanX;
  // Summed point by point: the difference of two sums has no digits left where the line fits well.
  let left = 0;
  for (let i = 0; i < x.length; i++) {
    const rest = y[i]! - meanY - slope * (x[i]! - meanX);
    if (Number.isFinite(rest) && Number.isFinite(x[i]!)) left += rest * rest;
  }
  const residual = Math.sqrt(left / (count - 2));
  const slopeError = residual / Math.sqrt(spreadX);
  return {
    count,
    slope,
    intercept,
    slopeError,
    rSquared: spreadY > 0 ? Math.max(0, 1 - left / spreadY) : NaN,
    p: spreadY > 0 ? studentTwoSided(slope / slopeError, count - 2) : NaN,
    residual,
    meanX,
    spreadX,
    minX,
    maxX,
  };
}

/** Height of the line at a place. */
export function lineAt({ slope, intercept }: LineFit, at: number): number {
  return intercept + slope * at;
}

/**
 * How far above and below the line the mean of y at a place lies with a confidence: its pointwise band (Working and Hotelling's
 * standard error of the mean, times t).
 * @param confidence 0.95 where left out
 */
export function confidenceBand(fit: LineFit, confidence = 0.95): (at: number) => number {
  const bound = studentBound(confidence, fit.count - 2);
  return (at) => bound * fit.residual * Math.sqrt(1 / fit.count + (at - fit.meanX) ** 2 / fit.spreadX);
}
