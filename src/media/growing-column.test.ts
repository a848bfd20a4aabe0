import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingColumn } from './growing-column.ts';

const ROWS = 40_000;

test('rows are what was set, zero between them, and copied in one piece across blocks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: ROWS - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 20 }),
      fc.nat({ max: ROWS }),
      (values, first) => {
        const column = new GrowingColumn(Uint8Array);
        const plain = new Uint8Array(2 * ROWS);
        for (const [row, value] of values) {
          column.set(row, value);
          plain[row] = value;
        }
        for (const [row] of values) expect(column.get(row)).toBe(plain[row]);
        expect(Buffer.compare(column.copy(first, ROWS), plain.subarray(first, first + ROWS))).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});
