// Single strokes as a mark: grids, ticks, error bars.

import type { SegmentsMark } from './scene.ts';

/** From one end to the other, pixels. */
export type Stroke = readonly [x1: number, y1: number, x2: number, y2: number];

/** @param looks of each stroke, or one for all */
export function segmentsMark(
  strokes: readonly Stroke[],
  looks: readonly number[] | number,
  width: number,
): SegmentsMark {
  const column = (end: 0 | 1 | 2 | 3) => Float32Array.from(strokes, (stroke) => stroke[end]);
  return {
    kind: 'segments',
    panel: -1,
    behind: null,
    x1: column(0),
    y1: column(1),
    x2: column(2),
    y2: column(3),
    looks: typeof looks === 'number' ? new Uint16Array(strokes.length).fill(looks) : Uint16Array.from(looks),
    width,
  };
}
