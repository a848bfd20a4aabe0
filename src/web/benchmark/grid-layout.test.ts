import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultAcross, layOutGrid } from './grid-layout.ts';

test('properties that are not crossed leave holes, not cells', () => {
  const grid = layOutGrid(
    ['codec', 'preset', 'bitrate'],
    [
      ['x264', 'x264', 'av1', 'av1'],
      ['fast', 'fast', '10', '8'],
      ['1M', '4M', '1M', '4M'],
    ],
    ['bitrate'],
  );
  expect(grid.rows).toEqual({
    properties: ['codec', 'preset'],
    entries: [
      ['x264', 'fast'],
      ['av1', '10'],
      ['av1', '8'],
    ],
  });
  expect(grid.columns).toEqual({ properties: ['bitrate'], entries: [['1M'], ['4M']] });
  expect(grid.cells.map((row) => [...row])).toEqual([
    [0, 1],
    [2, -1],
    [-1, 3],
  ]);
});

test('what goes across by itself leaves no holes where that can be', () => {
  const values = [
    ['x264', 'x264', 'x264', 'x264', 'av1', 'av1', 'av1', 'av1'],
    ['1M', '4M', '1M', '4M', '1M', '4M', '1M', '4M'],
    ['fast', 'fast', 'slow', 'slow', '10', '10', '8', '8'],
  ];
  expect(defaultAcross(['codec', 'bitrate', 'preset'], values)).toEqual(['bitrate']);
  expect(defaultAcross(['bitrate'], [['1M']])).toEqual([]);
});

test('every cell has one place, whatever goes across', () => {
  const names = ['a', 'b', 'c'];
  const cells = fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 1, selector: String });
  fc.assert(
    fc.property(cells, fc.subarray(names), (tuples, across) => {
      const values = names.map((_, property) => tuples.map((tuple) => String(tuple[property])));
      const placed = layOutGrid(names, values, across)
        .cells.flatMap((row) => [...row])
        .filter((cell) => cell >= 0);
      expect(placed.toSorted((x, y) => x - y)).toEqual(tuples.map((_, cell) => cell));
    }),
  );
});
