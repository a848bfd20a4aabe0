import { expect, test } from 'vitest';
import { middleInterval, shiftInterval } from './rank-interval.ts';

/** Values whose pairwise differences are all different, so that a bound tells its rank. */
function spread(count: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => i * step);
}

test.each([
  // Critical values of U at two-sided 0.05 in the tables of Mann and Whitney: the interval begins one after.
  [4, 4, 0],
  [5, 5, 2],
  [3, 5, 0],
  [6, 8, 8],
  [10, 10, 23],
  [20, 20, 127],
])('of %i and %i values %i differences are left out on each side', (n, m, critical) => {
  const a = spread(n, 1);
  const b = spread(m, 1000);
  const differences = b.flatMap((to) => a.map((from) => to - from)).sort((x, y) => x - y);
  const { low, high } = shiftInterval(a, b)!;
  expect(differences.indexOf(low)).toBe(critical);
  expect(differences.indexOf(high)).toBe(differences.length - 1 - critical);
});

test.each([
  // Critical values of Wilcoxon's signed ranks.
  [6, 0],
  [8, 3],
  [10, 8],
  [20, 52],
])('of %i values %i pairwise means are left out on each side', (n, critical) => {
  const values = Array.from({ length: n }, (_, i) => 2 ** i);
  const means = values.flatMap((a, i) => values.slice(i).map((b) => (a + b) / 2)).sort((x, y) => x - y);
  const { low, high } = middleInterval(values)!;
  expect(means.indexOf(low)).toBe(critical);
  expect(means.lastIndexOf(high)).toBe(means.length - 1 - critical);
});

test('too few values have no 95 % interval, and nor have very many here', () => {
  expect(shiftInterval([1, 2, 3], [1, 2, 3])).toBeNull();
  expect(middleInterval([1, 2, 3, 4, 5])).toBeNull();
  expect(shiftInterval(spread(501, 1), spread(5, 1))).toBeNull();
});

test('beyond what is counted the interval goes on where the counted one ends', () => {
  const width = (n: number) => {
    const { low, high } = shiftInterval(spread(n, 1), spread(n, Math.SQRT2))!;
    return (high - low) / n;
  };
  expect(width(26)).toBeGreaterThan(width(25) * 0.9);
  expect(width(26)).toBeLessThan(width(25) * 1.1);
});
