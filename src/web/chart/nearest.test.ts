import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test('no time is nearer than the nearest', () => {
  const times = fc
    .array(fc.integer({ min: 0, max: 50 }), { minLength: 1 })
    .map((list) => list.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(times, fc.integer({ min: -10, max: 60 }), (list, time) => {
      const distance = Math.abs(list[nearest(list, time)]! - time);
      expect(distance).toBe(Math.min(...list.map((one) => Math.abs(one - time))));
    }),
  );
  expect(nearest([], 1)).toBe(-1);
});
