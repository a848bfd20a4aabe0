import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeRange } from './range.ts';

function values(...args: Parameters<typeof makeRange>): unknown[] {
  const result = makeRange(...args);
  if (!result.ok) throw new Error(result.what);
  return Array.from({ length: result.range.count }, (_, index) => result.range.at(index));
}

test.each<[unknown[], ...Parameters<typeof makeRange>]>([
  [[1, 4, 7, 10], 1, 10, { step: 3 }],
  [[1, 4, 7], 1, 9, { step: 3 }],
  [[5], 5, 5, { step: 1 }],
  [[3, 2, 1], 3, 1, { step: -1 }],
  [[0.1, 0.2, 0.3], 0.1, 0.3, { step: 0.1 }],
  [['1M', '2M', '4M', '8M'], '1M', '8M', { times: 2 }],
  [['500k', '1M', '2M', '4M'], '500k', '4M', { times: 2 }],
  [['1M', '1.5M', '2M'], '1M', '2M', { step: '500k' }],
  [[0, '1M', '2M'], 0, '2M', { step: '1M' }],
  [['10ms', '20ms', '30ms'], '10ms', '30ms', { step: '10ms' }],
  [[8, 4, 2, 1], 8, 1, { times: 0.5 }],
  [[1, 10, 100], 1, 500, { times: 10 }],
  [[-4, -2, 0], -4, 0, { step: 2 }],
])('%j', (expected, from, to, by) => {
  expect(values(from, to, by)).toEqual(expected);
});

test('what is zero is zero, at the end of a range and inside of it', () => {
  expect(values(-5.1, 0, { step: 1.7 })).toEqual([-5.1, -3.4, -1.7, 0]);
  expect(values(-0.3, 0.3, { step: 0.1 })).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  expect(values(-0.6, 0, { step: 0.3 })).toEqual([-0.6, -0.3, 0]);
});

test('both ends of a range belong to it, however its steps are written', () => {
  const scales = fc.constantFrom(1, 0.1, 0.01, 0.3, 1.7);
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 400 }), scales, (start, steps, scale) => {
      const from = Number((start * scale).toPrecision(12));
      const to = Number(((start + steps) * scale).toPrecision(12));
      const found = values(from, to, { step: scale });
      expect(found.length).toBe(steps + 1);
      expect(found[0]).toBeCloseTo(from, 9);
      expect(found.at(-1)).toBe(to);
    }),
  );
});

test('a range with times reaches its end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(2, 3, 1.5, 10),
      (from, steps, times) => {
        const to = Number((from * times ** steps).toPrecision(12));
        const found = values(from, to, { times });
        expect(found.length).toBe(steps + 1);
        expect(found.at(-1)).toBe(to);
      },
    ),
  );
});
