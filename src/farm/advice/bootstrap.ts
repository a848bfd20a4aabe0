// How sure a number from a sample is: the percentile bootstrap (Efron 1979).

import { quantileSorted } from '#analysis/quantile';
import { randomBelow, seededRandom } from '#analysis/random';
import type { Interval } from '#core/shape';

const SAMPLES = 1_000;
const SEED = 1;
/** The middle 95 %. */
const LOW = 0.025;
const HIGH = 0.975;

/**
 * @param sample drawn from again and again, with repetition; the same sample gives the same interval
 * @param of a number of such a draw; draws of which it is NaN do not count
 */
export function bootstrap<Row>(sample: readonly Row[], of: (draw: readonly Row[]) => number): Interval {
  const random = seededRandom(SEED);
  const values = Float64Array.from({ length: SAMPLES }, () =>
    of(sample.map(() => sample[randomBelow(sample.length, random)]!)),
  );
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return { value: of(sample), low: quantileSorted(sorted, LOW), high: quantileSorted(sorted, HIGH) };
}
