// What the repeats of a cell say together: the middle, how sure it is, how far they spread.

import { outliers } from './outliers.ts';
import { median, quantileSorted } from './quantile.ts';
import { randomBelow, seededRandom } from './random.ts';

export interface Summary {
  readonly count: number;
  readonly median: number;
  /** 95 % bootstrap interval of the median; null for a single value. With few values it is wide, as it should be. */
  readonly interval: readonly [low: number, high: number] | null;
  /** (largest - smallest) / median; null for a single value or a median of zero. */
  readonly spread: number | null;
  readonly min: number;
  readonly max: number;
  /** Positions of values that stand apart; they count all the same. */
  readonly outliers: readonly number[];
}

const RESAMPLES = 1000;
const CONFIDENCE = 0.95;
/** Any number: the same sample always gets the same interval. */
const SEED = 20_200_218;

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
    // Of equal values every resample is the same: qualities and rates of most encoders.
    interval: !several ? null : min === max ? [min, max] : bootstrapMedian(values),
    spread: several && middle !== 0 ? (max - min) / Math.abs(middle) : null,
    min,
    max,
    outliers: outliers(values),
  };
}

/** Percentile bootstrap of the median (Efron 1979), with a fixed seed. */
export function bootstrapMedian(values: readonly number[]): [low: number, high: number] {
  const picks = resamples(values.length);
  const sample = new Float64Array(values.length);
  const medians = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i++) {
    for (let j = 0; j < values.length; j++) sample[j] = values[picks[i * values.length + j]!]!;
    medians[i] = quantileSorted(sample.sort(), 0.5);
  }
  medians.sort();
  return [quantileSorted(medians, (1 - CONFIDENCE) / 2), quantileSorted(medians, (1 + CONFIDENCE) / 2)];
}

const resamplesByCount = new Map<number, Uint32Array>();
/** Tables kept at the most: benchmarks use a few counts of repeats. */
const MOST_TABLES = 32;

function resamples(count: number): Uint32Array {
  const known = resamplesByCount.get(count);
  if (known !== undefined) return known;
  const random = seededRandom(SEED);
  const picks = Uint32Array.from({ length: RESAMPLES * count }, () => randomBelow(count, random));
  if (resamplesByCount.size < MOST_TABLES) resamplesByCount.set(count, picks);
  return picks;
}
