import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bonferroniZ, differenceInterval, normalCdf, probablyBelow, wilson } from './proportion.ts';

test("Wilson's interval is that of the literature", () => {
  // Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263 and 15 of 148.
  const some = wilson(81 / 263, 263);
  expect([some.low, some.high].map((x) => x.toFixed(4))).toEqual(['0.2553', '0.3662']);
  const few = wilson(15 / 148, 148);
  expect([few.low, few.high].map((x) => x.toFixed(4))).toEqual(['0.0624', '0.1605']);
});

test("Newcombe's interval of a difference is that of the literature", () => {
  // Newcombe, Statistics in Medicine 17, 1998, table II, method 10: 56/70 - 48/80.
  const { low, high } = differenceInterval(56 / 70, 70, 48 / 80, 80);
  expect([low, high].map((x) => x.toFixed(4))).toEqual(['0.0524', '0.3339']);
});

test('an interval holds its share, lies in 0 to 1, and shrinks with more samples', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 1e6 }), (share, count) => {
      const { low, high } = wilson(share, count);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(share + 1e-9);
      expect(high).toBeGreaterThanOrEqual(share - 1e-9);
      const more = wilson(share, count * 10);
      expect(more.high - more.low).toBeLessThan(high - low);
    }),
    { numRuns: 50 },
  );
});

test('what is tested against a limit is even at the limit, and sure far from it', () => {
  expect(normalCdf(1.959964)).toBeCloseTo(0.975, 5);
  expect(probablyBelow(0.1, 0.1, 100)).toBeCloseTo(0.5, 6);
  expect(probablyBelow(0.02, 0.1, 400)).toBeGreaterThan(0.999);
  expect(probablyBelow(0.02, 0.1, 0)).toBe(0);
  expect(bonferroniZ(1)).toBeCloseTo(2.5758, 3);
  expect(bonferroniZ(10)).toBeCloseTo(3.2905, 3);
});
