import { bootstrapMedian } from '#analysis/summary';
import { median, quantileSorted } from '#analysis/quantile';
import { seededRandom } from '#analysis/random';
import { expect, test } from 'vitest';
import { intervalOfMedian } from './median-intervals.ts';

function interval(values: readonly number[]): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const into = { low: NaN, high: NaN };
  intervalOfMedian(sorted, 0, sorted.length, into);
  return [into.low, into.high];
}

/** Medians of every resample that there is, sorted. */
function allMedians(values: readonly number[]): Float64Array {
  const count = values.length ** values.length;
  const medians = new Float64Array(count);
  for (let resample = 0; resample < count; resample++) {
    let rest = resample;
    const sample = values.map(() => {
      const value = values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
      return value;
    });
    medians[resample] = median(sample);
  }
  return medians.sort();
}

/** The smallest value that a share of them does not exceed. */
const reached = (sorted: Float64Array, share: number) => sorted[Math.ceil(share * sorted.length - 1e-9) - 1]!;

test.each([
  [[3, 8]],
  [[1, 5, 6]],
  [[1, 2, 4, 8]],
  [[10, 11, 13, 17, 29]],
  [[1, 2, 4, 8, 16, 32]],
  [[2, 2, 3, 50, 51, 51]],
])('the interval of %j is that of all its resamples', (values) => {
  const medians = allMedians(values);
  expect(interval(values)).toEqual([reached(medians, 0.025), reached(medians, 0.975)]);
});

test('of more values it is near the bootstrap by chance', () => {
  const random = seededRandom(5);
  for (const count of [9, 12, 19, 20, 21, 40, 101]) {
    const values = Array.from({ length: count }, () => random() / 2 ** 32);
    const sorted = Float64Array.from(values).sort();
    const rankOf = (value: number) => sorted.findIndex((one) => one >= value);
    const [low, high] = interval(values);
    const [chanceLow, chanceHigh] = bootstrapMedian(values);
    // As ranks, which do not depend on how the values are spread.
    expect(Math.abs(rankOf(low) - rankOf(chanceLow))).toBeLessThanOrEqual(2);
    expect(Math.abs(rankOf(high) - rankOf(chanceHigh))).toBeLessThanOrEqual(2);
    expect(low).toBeLessThanOrEqual(quantileSorted(sorted, 0.5));
    expect(high).toBeGreaterThanOrEqual(quantileSorted(sorted, 0.5));
  }
});

test('one value has no interval, equal values have one of no width', () => {
  expect(interval([4])).toEqual([NaN, NaN]);
  expect(interval([4, 4, 4, 4])).toEqual([4, 4]);
});

test('95 of 100 intervals hold the median that the values come from', () => {
  const random = seededRandom(11);
  const held = (count: number) => {
    let hits = 0;
    for (let trial = 0; trial < 2_000; trial++) {
      const [low, high] = interval(Array.from({ length: count }, () => random() / 2 ** 32));
      if (low <= 0.5 && 0.5 <= high) hits++;
    }
    return hits / 2_000;
  };
  for (const count of [9, 16, 30, 60]) {
    expect(held(count)).toBeGreaterThan(0.9);
    expect(held(count)).toBeLessThan(0.99);
  }
});
