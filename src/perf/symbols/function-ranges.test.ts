import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FunctionRanges, orderByStart, type Ranges } from './function-ranges.ts';

test('at each address the range with the highest rank is found, whatever overlaps', () => {
  const range = fc.record({ start: fc.integer({ min: -20, max: 20 }), length: fc.integer({ min: 0, max: 15 }) });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), (list) => {
      const ranges: Ranges = {
        start: Float64Array.from(list, ({ start }) => start),
        end: Float64Array.from(list, ({ start, length }) => start + length),
        rank: Float64Array.from(list, (_, i) => (i * 7) % 13),
      };
      const found = new FunctionRanges(ranges);
      for (let address = -22; address < 40; address++) {
        const holding = [...list.keys()].filter((i) => address >= ranges.start[i]! && address < ranges.end[i]!);
        const best = Math.max(-1, ...holding.map((i) => ranges.rank[i]!));
        const piece = found.at(address);
        expect(piece < 0 ? -1 : ranges.rank[found.owner[piece]!]).toBe(best);
      }
    }),
    { numRuns: 60 },
  );
});

test('ranges far apart, as those of a kernel and a program, are found too', () => {
  const start = Float64Array.of(-(2 ** 31), 2 ** 46, 16);
  const ranges = new FunctionRanges({ start, end: start.map((value) => value + 8), rank: new Float64Array(3) });
  expect([ranges.at(-(2 ** 31) + 7), ranges.at(16), ranges.at(2 ** 46 + 1), ranges.at(24)]).toEqual([0, 1, 2, -1]);
});

test('positions are ordered by where they start, equal ones as they came, however far apart', () => {
  const start = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  const far = fc.constantFrom(0, 1, 2 ** 46);
  fc.assert(
    fc.property(fc.array(start, { maxLength: 60 }), far, (list, last) => {
      const starts = Float64Array.from([...list, last, last]);
      expect([...orderByStart(starts)]).toEqual([...starts.keys()].sort((a, b) => starts[a]! - starts[b]! || a - b));
    }),
    { numRuns: 60 },
  );
});
