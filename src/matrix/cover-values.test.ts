import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverValues } from './cover-values.ts';

test('a full matrix is covered by far fewer cells, and every value is among them', () => {
  const matrix = fc.tuple(
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 8 }),
  );
  fc.assert(
    fc.property(matrix, ([a, b, c]) => {
      const cells: { group: string; settings: { i: number; j: number; k: number } }[] = [];
      for (let i = 0; i < a; i++)
        for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) cells.push({ group: 'x', settings: { i, j, k } });
      const chosen = coverValues(cells).map((index) => cells[index]!.settings);
      expect(new Set(chosen.map(({ i }) => i)).size).toBe(a);
      expect(new Set(chosen.map(({ j }) => j)).size).toBe(b);
      expect(new Set(chosen.map(({ k }) => k)).size).toBe(c);
      expect(chosen.length).toBeLessThanOrEqual(a + b + c);
    }),
  );
});

test('the same value of another encoder is tried again', () => {
  const cells = [
    { group: 'libx264', settings: { preset: 8 } },
    { group: 'libsvtav1', settings: { preset: 8 } },
  ];
  expect(coverValues(cells)).toEqual([0, 1]);
});
