// The mean of a series by time: a value counts as long as the interval that it ends.

import { median } from '#analysis/quantile';

/** A longer interval than so many usual ones is a gap: its value counts for so many. */
const MAX_INTERVALS = 3;

/**
 * @param isWanted whether a sample counts, by its time
 * @returns NaN where nothing was measured
 */
export function timeWeightedMean(
  { timeUs, value }: { readonly timeUs: Float64Array; readonly value: Float64Array },
  isWanted: (timeUs: number) => boolean,
): number {
  const intervals = timeUs.map((us, i) => (i === 0 ? NaN : us - timeUs[i - 1]!));
  const usual = median(intervals);
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < value.length; i++) {
    if (Number.isNaN(value[i]!) || !isWanted(timeUs[i]!)) continue;
    // Of the first sample nobody knows how long its interval was; of a single one it does not matter.
    const known = i === 0 ? usual : Math.min(intervals[i]!, MAX_INTERVALS * usual);
    const weight = Number.isNaN(known) ? 1 : known;
    sum += value[i]! * weight;
    weights += weight;
  }
  return weights === 0 ? NaN : sum / weights;
}
