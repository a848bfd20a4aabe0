// Neighbouring cells for which a rule holds, joined into stretches, with hysteresis.

import { BRIDGE_NS, MIN_SHARE, MIN_STRETCH_NS, MIN_STRETCH_SAMPLES } from './limits.ts';
import type { Timeline } from './timeline.ts';

/** Cells [from, to). */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * A stretch goes on as long as `stays` holds, over interruptions of at most BRIDGE_NS; at least half of its cells must meet `enters`, and it must last
 * `minNs` and rest on MIN_STRETCH_SAMPLES. Cells without data end it.
 */
export function stretchesOf(
  timeline: Timeline,
  enters: (cell: number) => boolean,
  stays: (cell: number) => boolean,
  minNs = MIN_STRETCH_NS,
): Stretch[] {
  const { cellNs, usable } = timeline;
  const bridge = Math.floor(BRIDGE_NS / cellNs);
  const least = leastCells(timeline, minNs);
  const found: Stretch[] = [];
  let from = -1;
  let last = -1;
  let strong = 0;
  const close = () => {
    const length = last + 1 - from;
    if (from >= 0 && length >= least && strong * 2 >= length) found.push({ from, to: last + 1 });
    from = -1;
    strong = 0;
  };
  for (let cell = 0; cell < usable.length; cell++) {
    const holds = usable[cell] === 1 && stays(cell);
    if (holds) {
      if (from < 0) from = cell;
      last = cell;
      if (enters(cell)) strong++;
    } else if (from >= 0 && (usable[cell] === 0 || cell - last > bridge)) close();
  }
  close();
  return found;
}

function leastCells({ cellNs, observations }: Timeline, minNs: number): number {
  return Math.max(2, Math.ceil(minNs / cellNs), Math.ceil(MIN_STRETCH_SAMPLES / observations));
}

/** A stretch of this length, nanoseconds, has enough whole cells wherever it begins. */
export function surelySeenNs(timeline: Timeline, minNs = MIN_STRETCH_NS): number {
  return (leastCells(timeline, minNs) + 1) * timeline.cellNs;
}

/** Whether stretches are long enough together to be told. */
export function areEnough(stretches: readonly Stretch[], { usable }: Timeline, minShare = MIN_SHARE): boolean {
  return stretches.length > 0 && cellsOf(stretches) >= minShare * usable.length;
}

export function cellsOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** As pairs of times. */
export function rangesOf(stretches: readonly Stretch[], { startNs, cellNs }: Timeline): Float64Array {
  return Float64Array.from(stretches.flatMap(({ from, to }) => [startNs + from * cellNs, startNs + to * cellNs]));
}

/** Mean over the cells of stretches. */
export function meanOver(stretches: readonly Stretch[], values: Float64Array): number {
  let sum = 0;
  for (const { from, to } of stretches) for (let cell = from; cell < to; cell++) sum += values[cell]!;
  return sum / cellsOf(stretches);
}
