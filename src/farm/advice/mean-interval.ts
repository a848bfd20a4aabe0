// How sure the mean of a few numbers is: Student's interval.

import { mean } from '#analysis/quantile';
import type { Interval } from '#core/shape';

/** Of the normal distribution, 97.5 %. */
const Z = 1.959_964;

/** The mean and its 95 % interval; of fewer than two numbers the bounds are infinite. */
export function meanInterval(values: readonly number[]): Interval {
  const value = mean(values);
  const freedom = values.length - 1;
  if (freedom < 1) return { value, low: -Infinity, high: Infinity };
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / freedom;
  const half = studentT(freedom) * Math.sqrt(variance / values.length);
  return { value, low: value - half, high: value + half };
}

/** Student's t of 97.5 % (Abramowitz and Stegun 1964, 26.7.5): within 1 % from four degrees of freedom on. */
function studentT(freedom: number): number {
  const first = (Z ** 3 + Z) / 4;
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}
