import { expect, test } from 'vitest';
import { timeWeightedMean } from './time-weighted-mean.ts';

const series = (timeUs: number[], value: number[]) => ({
  timeUs: Float64Array.from(timeUs),
  value: Float64Array.from(value),
});
const all = () => true;

test('a value counts as long as the interval that it ends', () => {
  expect(timeWeightedMean(series([10, 20, 40], [1, 1, 4]), all)).toBeCloseTo((1 * 15 + 1 * 10 + 4 * 20) / 45);
});

test('a gap does not make the value after it count for all of it', () => {
  const times = [10, 20, 30, 40, 50, 10_050];
  expect(timeWeightedMean(series(times, [1, 1, 1, 1, 1, 9]), all)).toBeCloseTo((5 * 10 + 9 * 30) / 80);
});

test('what was not measured, and what lies outside, does not count', () => {
  expect(timeWeightedMean(series([10, 20, 30], [5, NaN, 7]), all)).toBe(6);
  expect(timeWeightedMean(series([10, 20, 30], [5, 6, 7]), (us) => us > 20)).toBe(7);
  expect(timeWeightedMean(series([10], [5]), all)).toBe(5);
  expect(timeWeightedMean(series([], []), all)).toBeNaN();
});
