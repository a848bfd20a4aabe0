import { expect, test } from 'vitest';
import { filterCells } from './cell-filter.ts';

const LABELS = [
  'codec=x264 preset=medium crf=18.5 bitrate=1M',
  'codec=x264 preset=slow crf=20 bitrate=2M',
  'codec=x265 preset=medium crf=23 bitrate=400k',
];

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
  ['crf>20', [2]],
  ['crf<=18.5', [0]],
  ['-crf>=20', [0]],
  ['bitrate>400k', [0, 1]],
  ['bitrate>=1M bitrate<2M', [0]],
  ['codec>5', []],
])('the filter "%s" leaves %o', (text, cells) => {
  expect(filterCells(text, LABELS, (cell) => (cell === 2 ? 'failed' : 'done'))).toEqual(cells);
});
