import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areaBetween, pchip, valueAt } from './pchip.ts';

test('a curve and the area below it are those of SciPy', () => {
  // scipy.interpolate.PchipInterpolator, SciPy 1.17.1.
  const curve = pchip([0, 1, 2.5, 4, 7, 8], [0, 3, 3.2, 9, 8, 8.5]);
  const heights = [0.3, 1.7, 3, 5.5, 7.9].map((at) => valueAt(curve, at));
  const known = [1.240430090634441, 3.099243170340532, 4.760987654320988, 8.5, 8.428625];
  for (const [i, height] of heights.entries()) expect(height).toBeCloseTo(known[i], 12);
  expect(areaBetween(curve, 0.3, 7.9)).toBeCloseTo(48.3311027190752, 11);
});

const steps = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 2, maxLength: 12 });
const ascending = (widths: readonly number[]) =>
  widths.map((_, i) => widths.slice(0, i + 1).reduce((a, b) => a + b, 0));

test('a curve through rising points rises everywhere and meets each point', () => {
  fc.assert(
    fc.property(steps, steps, (widths, heights) => {
      const count = Math.min(widths.length, heights.length);
      const x = ascending(widths.slice(0, count));
      const y = ascending(heights.slice(0, count));
      const curve = pchip(x, y);
      let before = -Infinity;
      for (let i = 0; i <= 200; i++) {
        const at = x[0] + ((x[count - 1] - x[0]) * i) / 200;
        const height = valueAt(curve, Math.min(at, x[count - 1]));
        expect(height).toBeGreaterThanOrEqual(before - 1e-9);
        before = height;
      }
      for (let i = 0; i < count; i++) expect(valueAt(curve, x[i])).toBeCloseTo(y[i], 9);
    }),
  );
});

test('two areas side by side are the area of both', () => {
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (widths, share) => {
      const x = ascending(widths);
      const curve = pchip(x, x.map(Math.sin));
      const [from, to] = [x[0], x[x.length - 1]];
      const between = from + share * (to - from);
      expect(areaBetween(curve, from, between) + areaBetween(curve, between, to)).toBeCloseTo(
        areaBetween(curve, from, to),
        9,
      );
    }),
  );
});

test('there is no curve outside of its points', () => {
  const curve = pchip([1, 2, 3], [1, 4, 9]);
  expect([0.9, 3.1, NaN].map((at) => valueAt(curve, at))).toEqual([NaN, NaN, NaN]);
});
