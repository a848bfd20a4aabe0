import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  complementOf,
  intersectRanges,
  isWithin,
  lengthOf,
  normalRanges,
  periodicRanges,
  rectangleRanges,
  subtractRanges,
  uniteRanges,
} from './selection-ranges.ts';

const RUNS = { numRuns: 60 };
const END = 40;
const ranges = fc
  .array(fc.tuple(fc.integer({ min: 0, max: END }), fc.integer({ min: 0, max: END })), { maxLength: 8 })
  .map((pairs) => normalRanges(pairs.flat()));
const moments = Array.from({ length: END + 1 }, (_, time) => time);

test('ranges behave as the sets of moments that they are', () => {
  fc.assert(
    fc.property(ranges, ranges, (one, other) => {
      const made = {
        union: uniteRanges(one, other),
        intersection: intersectRanges(one, other),
        difference: subtractRanges(one, other),
        complement: complementOf(one, 0, END),
      };
      for (const time of moments) {
        const [a, b] = [isWithin(one, time), isWithin(other, time)];
        expect(isWithin(made.union, time)).toBe(a || b);
        expect(isWithin(made.intersection, time)).toBe(a && b);
        expect(isWithin(made.difference, time)).toBe(a && !b);
        expect(isWithin(made.complement, time)).toBe(!a && time < END);
      }
      for (const set of Object.values(made)) expect(set).toEqual(normalRanges(set));
      expect(lengthOf(made.union) + lengthOf(made.intersection)).toBe(lengthOf(one) + lengthOf(other));
    }),
    RUNS,
  );
});

test('a rectangle of a folded heatmap is the same cells of each of its seconds, whichever corner it was drawn from', () => {
  const up = rectangleRanges({ fromColumn: 2, toColumn: 4, fromRow: 10, toRow: 19 }, 100, 1, 50);
  expect([...up].map((time) => Number(time.toFixed(6)))).toEqual([102.2, 102.4, 103.2, 103.4, 104.2, 104.4]);
  expect(rectangleRanges({ fromColumn: 4, toColumn: 2, fromRow: 19, toRow: 10 }, 100, 1, 50)).toEqual(up);
});

test('all cells of some columns are one range', () => {
  expect([...rectangleRanges({ fromColumn: 2, toColumn: 4, fromRow: 0, toRow: 49 }, 0, 1, 50)]).toEqual([2, 5]);
});

test('a periodic choice ends where it is told to, and none is endless', () => {
  expect([...periodicRanges(0, 2.5, 1, 0.75)]).toEqual([0, 0.75, 1, 1.75, 2, 2.5]);
  expect(() => periodicRanges(0, 1e9, 1, 0.5)).toThrow(/at most/);
  expect(() => periodicRanges(0, 1, 0, 0.5)).toThrow(/above zero/);
});
