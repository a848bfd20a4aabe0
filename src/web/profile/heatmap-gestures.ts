// What a mouse does on a heatmap: a drag chooses a range, with Alt a rectangle of a folded one, with Ctrl one more; the wheel with
// Ctrl zooms where it stands, and sideways it moves.

import {
  intersectRanges,
  MAX_PERIODIC,
  NO_RANGES,
  normalRanges,
  periodicRanges,
  rectangleRanges,
  uniteRanges,
} from '#profile/selection-ranges';
import type { TimeRange } from '../chart/chart-group.ts';
import { placeAt, timeOfX, type HeatmapLayout } from './heatmap-layout.ts';

/** A drag that is shorter was meant as a click. */
const LEAST_DRAG_PX = 4;
const WHEEL_ZOOM = 1.0015;

/** A drag from a place to another, CSS pixels from the heatmap's corner. */
export interface Drag {
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
  /** A rectangle of a folded heatmap rather than all that lies between two moments. */
  readonly isRectangle: boolean;
}

export function isClick({ fromX, fromY, toX, toY }: Drag): boolean {
  return Math.abs(toX - fromX) < LEAST_DRAG_PX && Math.abs(toY - fromY) < LEAST_DRAG_PX;
}

/** What a drag chooses, seconds: whole cells, those at both ends too. */
export function draggedRanges(layout: HeatmapLayout, drag: Drag): Float64Array {
  if (isClick(drag)) return NO_RANGES;
  const one = placeAt(layout, drag.fromX, drag.fromY);
  const other = placeAt(layout, drag.toX, drag.toY);
  if (layout.form === 'linear')
    return normalRanges([Math.min(one.timeS, other.timeS), Math.max(one.timeS, other.timeS)]);
  const { columnS, cellS, rows } = layout;
  if (!drag.isRectangle) {
    const last = Math.max(one.timeS, other.timeS);
    return normalRanges([Math.min(one.timeS, other.timeS), last + cellS]);
  }
  const rowOf = (timeS: number) => Math.round((timeS - Math.floor(timeS + cellS / 2)) / cellS);
  const columnOf = (timeS: number) => Math.floor(timeS + cellS / 2);
  const [left, right] = [one.timeS, other.timeS].map(columnOf).toSorted((a, b) => a - b) as [number, number];
  return rectangleRanges(
    // A column of several seconds is all of them.
    { fromColumn: left, toColumn: right + columnS - 1, fromRow: rowOf(one.timeS), toRow: rowOf(other.timeS) },
    0,
    1,
    rows,
  );
}

/** @param adds to what was chosen before, rather than instead of it */
export function chosenWith(before: Float64Array, dragged: Float64Array, adds: boolean): Float64Array {
  return adds ? uniteRanges(before, dragged) : dragged;
}

/**
 * Every `everyS` a stretch of `heldS`, so that one begins at the crosshair. Perf begins a little before second 0: nothing is chosen there.
 * @returns null where they would be too many
 */
export function periodicWithin(
  { from, to }: TimeRange,
  crosshairS: number | null,
  everyS: number,
  heldS: number,
): Float64Array | null {
  const start = Math.max(0, from);
  if (!(to > start)) return NO_RANGES;
  const at = Math.max(start, Math.min(crosshairS ?? start, to));
  const first = at - Math.floor((at - start) / everyS) * everyS;
  if ((to - first) / everyS > MAX_PERIODIC) return null;
  return intersectRanges(periodicRanges(first, to, everyS, heldS), normalRanges([start, to]));
}

/** The view after a turn of the wheel; null where the wheel is the page's. */
export function wheelRange(layout: HeatmapLayout, event: WheelEvent): TimeRange | null {
  const { from, to } = layout.range;
  if (event.ctrlKey || event.metaKey) {
    const at = timeOfX(layout, event.offsetX);
    const factor = WHEEL_ZOOM ** event.deltaY;
    return { from: at - (at - from) * factor, to: at + (to - at) * factor };
  }
  const movedPx = event.shiftKey ? event.deltaY : event.deltaX;
  if (movedPx === 0 || (!event.shiftKey && Math.abs(event.deltaX) < Math.abs(event.deltaY))) return null;
  const moved = (movedPx * (to - from)) / layout.width;
  return { from: from + moved, to: to + moved };
}
