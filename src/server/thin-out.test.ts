import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_POINTS, thinOut } from './thin-out.ts';

test('a short chart is left as it is', () => {
  expect([...thinOut([0, 1, 2], [[5, 6, 7]], 2)]).toEqual([0, 1, 2]);
});

test('of a long one every peak and every dip stays, at most two points a bucket and column', () => {
  const count = 100_000;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: count - 1 }), fc.integer({ min: 0, max: count - 1 }), (peak, dip) => {
      fc.pre(peak !== dip);
      const time = Float64Array.from({ length: count }, (_, i) => i / 1000);
      const value = Float64Array.from({ length: count }, (_, i) => Math.sin(i / 50));
      value[peak] = 100;
      value[dip] = -100;
      const kept = thinOut(time, [value], 1000);
      expect(kept).toContain(peak);
      expect(kept).toContain(dip);
      expect(kept.length).toBeLessThanOrEqual(2 * 1001 + 2);
      expect(kept[0]).toBe(0);
      expect(kept.at(-1)).toBe(count - 1);
    }),
    { numRuns: 20 },
  );
});

test('what is not known is never kept for its own sake', () => {
  const count = MAX_POINTS + 1;
  const time = Float64Array.from({ length: count }, (_, i) => i);
  const kept = thinOut(time, [new Float64Array(count).fill(NaN)], 10);
  expect([...kept]).toEqual([0, count - 1]);
});
