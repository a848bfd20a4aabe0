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
 * Of rows that come in groups, those of one group more alike: groups are drawn, and rows within each (Davison and Hinkley 1997, 3.8).
 * @param sample drawn from again and again, with repetition; the same sample gives the same interval
 * @param of a number of such a draw; draws of which it is NaN do not count
 */
export function bootstrapGroups<Row>(
  sample: readonly (readonly Row[])[],
  of: (draw: readonly (readonly Row[])[]) => number,
): Interval {
  const random = seededRandom(SEED);
  const drawn = <T>(from: readonly T[]) => from.map(() => from[randomBelow(from.length, random)]!);
  const values = Float64Array.from({ length: SAMPLES }, () => of(drawn(sample).map(drawn)));
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return { value: of(sample), low: quantileSorted(sorted, LOW), high: quantileSorted(sorted, HIGH) };
}
