// What the repeats of a cell say together: the middle, how sure it is, how far they spread.

import { beyondInterval } from './median-interval.ts';
import { outliers } from './outliers.ts';
import { median } from './quantile.ts';

export interface Summary {
  readonly count: number;
  readonly median: number;
  /** 95 % interval of the median, by order statistics; of fewer values than LEAST_OF_INTERVAL their range; null for a single value. */
  readonly interval: readonly [low: number, high: number] | null;
  /** (largest - smallest) / median; null for a single value or a median of zero. */
  readonly spread: number | null;
  readonly min: number;
  readonly max: number;
  /** Positions of values that stand apart; they count all the same. */
  readonly outliers: readonly number[];
}

/** Summarises a sample; null for an empty one. NaN is not allowed in it. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const middle = median(values);
  const min = Math.min(...values);
  const max = Math.max(...values);
  const several = values.length > 1;
  return {
    count: values.length,
    median: middle,
    interval: intervalOf(values),
    spread: several && middle !== 0 ? (max - min) / Math.abs(middle) : null,
    min,
    max,
    outliers: outliers(values),
  };
}

function intervalOf(values: readonly number[]): readonly [low: number, high: number] | null {
  if (values.length < 2) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const beyond = beyondInterval(values.length) ?? 0;
  return [sorted[beyond]!, sorted.at(-1 - beyond)!];
}
