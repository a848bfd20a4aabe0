// Values that stand apart from the rest of a small sample: flagged, never dropped.

import { median } from './quantile.ts';

/** Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): beyond this the modified z-score stands out. */
const LIMIT = 3.5;
/** 0.6745 is the third quartile of the standard normal distribution: it makes the MAD comparable to a deviation. */
const MAD_TO_SIGMA = 0.6745;
/** Repeats that agree to a hair have almost no MAD; a difference below this share of the median is never an outlier. */
const LEAST_SHARE = 0.02;
/** Fewer values than this cannot tell an outlier from spread. */
const LEAST_COUNT = 4;

/** Positions of the outliers in a sample, by the modified z-score (median absolute deviation). */
export function outliers(values: readonly number[]): number[] {
  if (values.length < LEAST_COUNT) return [];
  const middle = median(values);
  const mad = median(values.map((value) => Math.abs(value - middle)));
  return values.flatMap((value, position) => {
    const distance = Math.abs(value - middle);
    if (distance <= LEAST_SHARE * Math.abs(middle)) return [];
    return mad === 0 || (MAD_TO_SIGMA * distance) / mad > LIMIT ? [position] : [];
  });
}
