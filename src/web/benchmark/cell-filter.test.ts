import { expect, test } from 'vitest';
import { filterCells } from './cell-filter.ts';

const LABELS = ['codec=x264 preset=medium', 'codec=x264 preset=slow', 'codec=x265 preset=medium'];

test.each([
  ['', [0, 1, 2]],
  ['  ', [0, 1, 2]],
  ['X264', [0, 1]],
  ['codec=x26', []],
  ['codec=x264 preset=slow', [1]],
  ['-preset=medium', [1]],
  ['failed', [2]],
  ['medium -failed', [0]],
  ['-', [0, 1, 2]],
])('the filter "%s" leaves %o', (text, cells) => {
  expect(filterCells(text, LABELS, (cell) => (cell === 2 ? 'failed' : 'done'))).toEqual(cells);
});
