import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unfitness, upperHull, type RatePoint } from './rate-quality.ts';

const points = (...pairs: (readonly [rate: number, quality: number])[]): RatePoint[] =>
  pairs.map(([rate, quality]) => ({ rate, quality }));

test('points in any order are a curve where quality rises with the rate', () => {
  expect(unfitness(points([4e6, 42], [1e6, 36], [2e6, 39], [5e5, 33]))).toBeNull();
});

test.each([
  [points([1e6, 36], [2e6, 39], [4e6, 42]), 'it has 3 points, and at least 4 are needed'],
  [points([1e6, 36]), 'it has 1 point, and at least 4 are needed'],
  [
    points([5e5, 33], [1e6, 36], [2e6, 35.9], [4e6, 42]),
    'its quality falls while the rate rises: 36 at 1 Mbit/s, then 35.9 at 2 Mbit/s',
  ],
  [
    points([5e5, 33], [1e6, 36], [2e6, 100], [4e6, 100]),
    'its quality stays while the rate rises: 100 at 2 Mbit/s, then 100 at 4 Mbit/s',
  ],
  [points([5e5, 33], [1e6, 36], [1e6, 37], [4e6, 42]), 'two of its points have the same rate, 1 Mbit/s'],
  [points([5e5, 33], [1e6, NaN], [2e6, 37], [4e6, 42]), 'it has a point without a rate or a quality (– at 1 Mbit/s)'],
  [points([0, 33], [1e6, 35], [2e6, 37], [4e6, 42]), 'it has a point without a rate or a quality (33 at 0 bit/s)'],
  [
    points([5e5, 33], [1e6, 35], [2e6, 37], [4e6, Infinity]),
    'it has a point without a rate or a quality (– at 4 Mbit/s)',
  ],
])('what is no curve is told with its points %#', (odd, why) => {
  expect(unfitness(odd)).toBe(why);
});

test('the hull leaves out what lies below it, and what a lower rate reaches as well', () => {
  const hull = upperHull(points([1, 30], [2, 34], [3, 34.5], [4, 37], [5, 36.9], [6, 38], [6, 37.5], [8, 37.9]));
  expect(hull).toEqual(points([1, 30], [2, 34], [4, 37], [6, 38]));
});

test('quality rises along a hull, and no point lies above it', () => {
  const anyPoint = fc.record({
    rate: fc.integer({ min: 1, max: 1000 }),
    quality: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 30 }), (all) => {
      const hull = upperHull(all);
      for (let i = 1; i < hull.length; i++) {
        expect(hull[i].rate).toBeGreaterThan(hull[i - 1].rate);
        expect(hull[i].quality).toBeGreaterThan(hull[i - 1].quality);
      }
      expect(hull.at(-1)!.quality).toBe(Math.max(...all.map(({ quality }) => quality)));
      for (const { rate, quality } of all) {
        const right = hull.findIndex((point) => point.rate >= rate);
        if (right < 1) continue;
        const [a, b] = [hull[right - 1], hull[right]];
        const line = a.quality + ((b.quality - a.quality) * (rate - a.rate)) / (b.rate - a.rate);
        expect(quality).toBeLessThanOrEqual(line + 1e-9);
      }
    }),
  );
});
