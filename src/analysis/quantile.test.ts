import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mean, median, quantile } from './quantile.ts';

test('quantiles agree with R type 7 on known samples', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([10, 20, 30, 40, 50], 0.05)).toBeCloseTo(12);
  expect(quantile([7], 0.99)).toBe(7);
});

test('an empty sample has no quantile and no mean', () => {
  expect(quantile([], 0.5)).toBeNaN();
  expect(mean([NaN])).toBeNaN();
});

test('NaN does not count', () => {
  expect(median([NaN, 1, 3, NaN])).toBe(2);
  expect(mean([NaN, 1, 3])).toBe(2);
});

test('a quantile lies within the sample and grows with p', () => {
  const sample = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(
      sample,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, p, q) => {
        const [low, high] = [quantile(values, Math.min(p, q)), quantile(values, Math.max(p, q))];
        expect(low).toBeLessThanOrEqual(high + 1e-6);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      },
    ),
  );
});
