import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverValues } from './cover-values.ts';

const words = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => prefix + i);
const cross = (a: readonly string[], b: readonly string[], c: readonly string[]) =>
  a.flatMap((x) => b.flatMap((y) => c.map((z) => ({ group: 'x', settings: { x, y, z } }))));

test('a full matrix of words is covered by far fewer cells, and every word is among them', () => {
  const size = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(size, size, size, (a, b, c) => {
      const cells = cross(words('a', a), words('b', b), words('c', c));
      const chosen = coverValues(cells).map((index) => cells[index]!.settings);
      expect(new Set(chosen.map(({ x }) => x)).size).toBe(a);
      expect(new Set(chosen.map(({ y }) => y)).size).toBe(b);
      expect(new Set(chosen.map(({ z }) => z)).size).toBe(c);
      expect(chosen.length).toBeLessThanOrEqual(a + b + c);
    }),
  );
});

test('of a row of numbers the smallest and the largest are enough, whatever their spelling', () => {
  const cells = ['500k', '4M', '2M', 800_000].map((bitrate) => ({ group: 'x', settings: { bitrate } }));
  expect(coverValues(cells)).toEqual([0, 1]);
});

test('the same value of another encoder is tried again', () => {
  const cells = [
    { group: 'libx264', settings: { preset: 8 } },
    { group: 'libsvtav1', settings: { preset: 8 } },
  ];
  expect(coverValues(cells)).toEqual([0, 1]);
});
