import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupRows, rankKeys } from './grouping.ts';

const digitColumns = fc
  .array(fc.constantFrom(1, 2, 5, 90_000), { minLength: 1, maxLength: 4 })
  .chain((sizes) =>
    fc.array(fc.tuple(...sizes.map((size) => fc.nat(size - 1))), { maxLength: 40 }).map((items) => ({ sizes, items })),
  );

test('keys number the combinations that occur, in their order, whatever the sizes', () => {
  fc.assert(
    fc.property(digitColumns, ({ sizes, items }) => {
      const columns = sizes.map((_, k) => Int32Array.from(items, (item) => item[k]!));
      const keys = rankKeys(columns, sizes, items.length);
      const text = (item: readonly number[]) => item.map((digit) => String(digit).padStart(6, '0')).join();
      const known = [...new Set(items.map(text))].toSorted();
      expect(keys.count).toBe(known.length);
      for (const [i, item] of items.entries()) {
        expect(known[keys.ids[i]!]).toBe(text(item));
        expect(keys.digits.map((digits) => digits[keys.ids[i]!])).toEqual([...item]);
      }
    }),
    { numRuns: 60 },
  );
});

test('each row with a value and a place is in one group, with its values ascending', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          a: fc.integer({ min: -1, max: 2 }),
          b: fc.nat(1),
          value: fc.oneof(fc.constant(NaN), fc.integer({ min: 0, max: 9 })),
        }),
        { maxLength: 80 },
      ),
      (runs) => {
        // Rows are every other one of the dataset: a row is not its own position.
        const rows = Uint32Array.from(runs, (_, i) => 2 * i);
        const values = new Float64Array(2 * runs.length).fill(99);
        for (const [i, { value }] of runs.entries()) values[2 * i] = value;
        const split = (of: (run: (typeof runs)[number]) => number, length: number) => ({
          positions: Int32Array.from(runs, of),
          titles: { length },
        });
        const groups = groupRows(rows, values, [split(({ a }) => a, 3), split(({ b }) => b, 2)]);
        const kept = runs.flatMap(({ a, value }, i) => (a >= 0 && !Number.isNaN(value) ? [2 * i] : []));
        expect([...groups.rows].toSorted((x, y) => x - y)).toEqual(kept);
        for (let group = 0; group < groups.count; group++) {
          const own = [...groups.rows.subarray(groups.first[group], groups.first[group + 1])];
          const ownValues = [...groups.values.subarray(groups.first[group], groups.first[group + 1])];
          expect(own.length).toBeGreaterThan(0);
          expect(ownValues).toEqual(own.map((row) => values[row]!).toSorted((x, y) => x - y));
          for (const row of own) {
            expect(runs[row / 2]!.a).toBe(groups.digits[0]![group]);
            expect(runs[row / 2]!.b).toBe(groups.digits[1]![group]);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a group of many values is sorted as well', () => {
  const values = Float64Array.from({ length: 1_000 }, (_, i) => (i * 7_919) % 1_000);
  const rows = Uint32Array.from(values.keys());
  const all = { positions: new Int32Array(1_000), titles: { length: 1 } };
  expect([...groupRows(rows, values, [all]).values]).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
});
