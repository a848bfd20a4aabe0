import { expect, test } from 'vitest';
import { beyondInterval, LEAST_OF_INTERVAL } from './median-interval.ts';

/** Chance that the median lies within: of the binomial distribution of values below it. */
function coverage(count: number, beyond: number): number {
  let chance = 0.5 ** count;
  let outside = 0;
  for (let below = 0; below <= beyond; below++) {
    outside += chance;
    chance *= (count - below) / (below + 1);
  }
  return 1 - 2 * outside;
}

test('it holds the median in 95 % or more, and none that is narrower does', () => {
  for (let count = LEAST_OF_INTERVAL; count <= 100; count++) {
    const beyond = beyondInterval(count)!;
    expect(coverage(count, beyond)).toBeGreaterThanOrEqual(0.95);
    expect(coverage(count, beyond + 1)).toBeLessThan(0.95);
  }
  for (const count of [101, 150, 400, 1_000]) expect(coverage(count, beyondInterval(count)!)).toBeCloseTo(0.95, 1);
});

test('fewer than 6 values have none: even all of them hold it too seldom', () => {
  for (const count of [0, 1, 2, 5]) expect(beyondInterval(count)).toBeNull();
  expect(coverage(5, 0)).toBeLessThan(0.95);
  expect(beyondInterval(6)).toBe(0);
});
