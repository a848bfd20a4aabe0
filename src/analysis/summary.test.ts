import { expect, test } from 'vitest';
import { outliers } from './outliers.ts';
import { seededRandom, type Random } from './random.ts';
import { summarize } from './summary.ts';

const uniform = (random: Random) => random() / 2 ** 32;

/** Twelve uniform numbers added: near enough to a normal one. */
function normals(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform(random);
    return sum;
  });
}

test('a single value has no interval and no spread', () => {
  expect(summarize([5])).toEqual({ count: 1, median: 5, interval: null, spread: null, min: 5, max: 5, outliers: [] });
  expect(summarize([])).toBeNull();
});

test('three repeats give their own range as the interval: less would be a claim', () => {
  expect(summarize([10, 11, 12])).toMatchObject({ median: 11, interval: [10, 12] });
});

test('the interval covers the true median about as often as it says', () => {
  let covered = 0;
  for (let trial = 0; trial < 400; trial++) {
    const [low, high] = summarize(normals(15, trial + 1))!.interval!;
    if (low <= 0 && high >= 0) covered++;
  }
  expect(covered / 400).toBeGreaterThan(0.94);
});

test('a value far from the others is flagged and still counts', () => {
  const summary = summarize([100, 101, 99, 100, 60]);
  expect(summary).toMatchObject({ outliers: [4], min: 60, count: 5 });
});

test('spread without a stray value is not flagged, nor are hair-fine differences', () => {
  expect(outliers([90, 95, 100, 105, 110])).toEqual([]);
  expect(outliers([100, 100, 100, 100, 101])).toEqual([]);
  expect(outliers([1, 100])).toEqual([]);
});
