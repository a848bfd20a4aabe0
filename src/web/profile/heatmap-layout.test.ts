import { expect, test } from 'vitest';
import { normalRanges } from '#profile/selection-ranges';
import { chosenWith, draggedRanges, type Drag } from './heatmap-gestures.ts';
import { boxesOf, clampRange, placeAt, xOf, type HeatmapLayout, tableCells } from './heatmap-layout.ts';

/** Ten seconds, 100 pixels each, 50 cells of 5 pixels in each. */
const folded: HeatmapLayout = {
  form: 'folded',
  range: { from: 20, to: 30 },
  left: 100,
  width: 1000,
  height: 250,
  rows: 50,
  cellS: 0.02,
  columnS: 1,
};
const linear: HeatmapLayout = { ...folded, form: 'linear', rows: 4, cellS: 0.01, columnS: 0.01 };
const drag = (fromX: number, fromY: number, toX: number, toY: number, isRectangle = false): Drag => ({
  fromX,
  fromY,
  toX,
  toY,
  isRectangle,
});
const rounded = (ranges: Float64Array) => [...ranges].map((time) => Number(time.toFixed(6)));

test('a folded second goes from its bottom to its top', () => {
  expect(placeAt(folded, 350, 249).timeS).toBe(22);
  expect(placeAt(folded, 350, 0).timeS).toBeCloseTo(22.98);
  expect(placeAt(linear, 350, 200)).toEqual({ timeS: 22.5, row: 3 });
  expect(placeAt(folded, 0, -5).timeS).toBeCloseTo(20.98);
});

test('a drag chooses whole cells from one moment to the other, in whichever direction it went', () => {
  const expected = [22.1, 24.52];
  // From 22.1 to the cell at 24.5.
  expect(rounded(draggedRanges(folded, drag(310, 224, 510, 124)))).toEqual(expected);
  expect(rounded(draggedRanges(folded, drag(510, 124, 310, 224)))).toEqual(expected);
  expect(rounded(draggedRanges(linear, drag(300, 0, 400, 0)))).toEqual([22, 23]);
  expect(draggedRanges(folded, drag(300, 100, 302, 101)).length).toBe(0);
});

test('with Alt it is a rectangle: the same cells of each of its seconds', () => {
  const made = draggedRanges(folded, drag(310, 224, 510, 204, true));
  expect(rounded(made)).toEqual([22.1, 22.2, 23.1, 23.2, 24.1, 24.2]);
  expect(rounded(chosenWith(normalRanges([1, 2]), made, true)).slice(0, 4)).toEqual([1, 2, 22.1, 22.2]);
  expect(chosenWith(normalRanges([1, 2]), made, false)).toBe(made);
});

test('what is chosen is drawn where it was dragged', () => {
  const boxes = boxesOf(folded, draggedRanges(folded, drag(310, 224, 510, 204, true)));
  expect(boxes.map(({ x, y, width, height }) => [x, y, width, height].map(Math.round))).toEqual([[300, 200, 300, 25]]);
  // A range through several seconds: the rest of the first, all of the next, the beginning of the last.
  const through = boxesOf(folded, normalRanges([22.5, 25.2]));
  expect(through.map(({ x, y, width, height }) => [x, y, width, height].map(Math.round))).toEqual([
    [300, 0, 100, 125],
    [400, 0, 200, 250],
    [600, 200, 100, 50],
  ]);
  expect(boxesOf(linear, normalRanges([0, 21])).map(({ x, width }) => [x, width])).toEqual([[100, 100]]);
});

test('the view never leaves the whole', () => {
  const whole = { from: 0, to: 100 };
  expect(clampRange({ from: -5, to: 5 }, whole, 1)).toEqual({ from: 0, to: 10 });
  expect(clampRange({ from: 95, to: 105 }, whole, 1)).toEqual({ from: 90, to: 100 });
  expect(clampRange({ from: 50, to: 50.1 }, whole, 1)).toEqual({ from: 50, to: 51 });
  expect(clampRange({ from: -5, to: 105 }, whole, 1)).toBeNull();
  expect(xOf(folded, 25)).toBe(600);
});

test('a table of cells has none of which next to nothing is in view, and all others', () => {
  expect(tableCells({ from: -0.0018, to: 2.5 }, 1)).toEqual({ first: 0, count: 3 });
  expect(tableCells({ from: -0.0018, to: 2.003 }, 1)).toEqual({ first: 0, count: 2 });
  expect(tableCells({ from: -0.2, to: 2.2 }, 1)).toEqual({ first: -1, count: 4 });
  expect(tableCells({ from: 0.3, to: 0.7 }, 0.1)).toEqual({ first: 3, count: 4 });
  // Of a cell that is longer than what is in view, what there is.
  expect(tableCells({ from: 9.9, to: 10.3 }, 5)).toEqual({ first: 1, count: 2 });
  expect(tableCells({ from: 0.1, to: 0.2 }, 1)).toEqual({ first: 0, count: 1 });
});
