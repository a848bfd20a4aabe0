// Where a moment stands in a heatmap, and which moment stands at a place: in one line of time, or folded, a column a second.

import type { TimeRange } from '../chart/chart-group.ts';

export const FORMS = ['folded', 'linear'] as const;
export type HeatmapForm = (typeof FORMS)[number];

/** Cells in a column of a second, from its bottom to its top. */
export const FOLDED_ROWS = [10, 20, 50, 100] as const;

export interface HeatmapLayout {
  readonly form: HeatmapForm;
  readonly range: TimeRange;
  /** Where the cells are, CSS pixels. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** Rows drawn one above the other: cells of a second, or those of the profile. */
  readonly rows: number;
  /** Seconds of a cell. */
  readonly cellS: number;
  /** Seconds of a column: more than one where a second would be narrower than a pixel. */
  readonly columnS: number;
}

/** What a place shows. */
export interface HeatmapPlace {
  /** Where its cell begins, seconds. */
  readonly timeS: number;
  /** Row of the profile, from the top; 0 in a folded heatmap. */
  readonly row: number;
}

export function xOf({ left, width, range }: HeatmapLayout, timeS: number): number {
  return left + ((timeS - range.from) * width) / (range.to - range.from);
}

export function timeOfX({ left, width, range }: HeatmapLayout, x: number): number {
  return range.from + ((x - left) * (range.to - range.from)) / Math.max(1, width);
}

export function placeAt(layout: HeatmapLayout, x: number, y: number): HeatmapPlace {
  const { form, width, left, height, rows, cellS, columnS } = layout;
  const timeS = timeOfX(layout, Math.max(left, Math.min(left + width, x)));
  const fromTop = Math.max(0, Math.min(rows - 1, Math.floor((y * rows) / height)));
  if (form === 'linear') return { timeS, row: fromTop };
  return { timeS: Math.floor(timeS / columnS) * columnS + (rows - 1 - fromTop) * cellS, row: 0 };
}

/** Perf begins a few milliseconds before the run: a cell of which so little is in view would look like one without data. */
const LEAST_TABLE_SHARE = 0.05;

/** The cells of a length that a range is in, by their numbers from second 0 on. */
export function tableCells(range: TimeRange, stepS: number): { readonly first: number; readonly count: number } {
  const leastS = LEAST_TABLE_SHARE * Math.min(stepS, range.to - range.from);
  const first = Math.floor((range.from + leastS) / stepS);
  return { first, count: Math.max(1, Math.ceil((range.to - leastS) / stepS) - first) };
}

export interface Box {
  readonly x: number;
  readonly y: number;
  width: number;
  readonly height: number;
}

/** Boxes that are drawn of ranges at most: the rest of a very fine choice is not seen anyway. */
const MAX_BOXES = 20_000;

/**
 * What ranges cover, as boxes: one for each in a line of time; in a folded heatmap one for each column that it goes through, or for
 * neighbours that are covered alike.
 * @param ranges normal, seconds
 */
export function boxesOf(layout: HeatmapLayout, ranges: Float64Array): Box[] {
  const boxes: Box[] = [];
  const { form, range, left, width, height, columnS } = layout;
  const pxPerS = width / (range.to - range.from);
  for (let i = 0; i < ranges.length && boxes.length < MAX_BOXES; i += 2) {
    const [from, to] = [Math.max(ranges[i]!, Math.floor(range.from)), Math.min(ranges[i + 1]!, Math.ceil(range.to))];
    if (!(from < to)) continue;
    if (form === 'linear') {
      const x = Math.max(left, xOf(layout, from));
      boxes.push({ x, y: 0, width: Math.max(1, Math.min(left + width, xOf(layout, to)) - x), height });
      continue;
    }
    for (let column = Math.floor(from / columnS); column * columnS < to && boxes.length < MAX_BOXES; column++) {
      const start = column * columnS;
      // Several seconds in a column: its rows are those of each second.
      const low = columnS > 1 ? 0 : rounded(Math.max(0, from - start));
      const high = columnS > 1 ? 1 : rounded(Math.min(1, to - start));
      const y = (1 - high) * height;
      const tall = Math.max(1, (high - low) * height);
      const last = boxes.at(-1);
      const x = xOf(layout, start);
      const isNext =
        last !== undefined && last.y === y && last.height === tall && Math.abs(last.x + last.width - x) < 0.01;
      if (isNext) last.width += columnS * pxPerS;
      else boxes.push({ x, y, width: columnS * pxPerS, height: tall });
    }
  }
  return boxes;
}

/** To a microsecond: the same rows of two seconds are the same. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** Whole seconds in a column, so that it is a pixel wide at least. */
export function columnSeconds(range: TimeRange, width: number): number {
  return Math.max(1, Math.ceil((range.to - range.from) / Math.max(1, width)));
}

/** Moved or zoomed, but never out of the whole; null where it is all of it. */
export function clampRange({ from, to }: TimeRange, whole: TimeRange, leastS: number): TimeRange | null {
  const span = Math.max(leastS, to - from);
  if (span >= whole.to - whole.from) return null;
  const start = Math.max(whole.from, Math.min(from, whole.to - span));
  return { from: start, to: start + span };
}
