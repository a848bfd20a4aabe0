// A lane of a title for the page: a letter a cell, and a cell for several items where they are many; and how long its items take.

import { quantileSorted, sortedSample } from '#analysis/quantile';
import { ITEM_STATES } from '#core/queue';
import { countStates, NO_ITEM, type TitleLane } from '#pipeline/progress/title-lanes';
import { TRY_ENDS, type Tries } from '#pipeline/progress/tries';
import type { LaneView, WayTimes } from './titles-wire.ts';

/** More dots than these are not told apart. */
const MAX_CELLS = 480;
/** Letters of ITEM_STATES: waiting, ready, running, done, failed, cancelled. */
const LETTERS = 'wrRdfc';
const MIXED = 'm';
const FAILED = ITEM_STATES.indexOf('failed');
const RUNNING = ITEM_STATES.indexOf('running');

export function laneView(lane: TitleLane): LaneView {
  const { kind, group, states } = lane;
  const perCell = Math.max(1, Math.ceil(states.length / MAX_CELLS));
  let cells = '';
  for (let from = 0; from < states.length; from += perCell) cells += cellOf(states.subarray(from, from + perCell));
  return { kind, group, counts: countStates(lane), cells, perCell };
}

/** What a person has to see wins: a failure, then work. */
function cellOf(states: Uint8Array): string {
  if (states.includes(FAILED)) return LETTERS[FAILED]!;
  if (states.includes(RUNNING)) return LETTERS[RUNNING]!;
  const present = states.filter((state) => state !== NO_ITEM);
  if (present.length === 0) return ' ';
  return present.every((state) => state === present[0]) ? LETTERS[present[0]!]! : MIXED;
}

/** By kind, in the order in which the first of each began. */
export function wayTimes(tries: Tries): WayTimes[] {
  const byKind = new Map<string, { waiting: number[]; running: number[] }>();
  for (let row = 0; row < tries.length; row++) {
    if (tries.end[row] !== TRY_ENDS.indexOf('done')) continue;
    const { kind } = tries.lanes[tries.lane[row]!]!;
    let times = byKind.get(kind);
    if (times === undefined) byKind.set(kind, (times = { waiting: [], running: [] }));
    times.waiting.push((tries.beganAt[row]! - tries.readyAt[row]!) / 1000);
    times.running.push((tries.endedAt[row]! - tries.beganAt[row]!) / 1000);
  }
  return [...byKind].map(([kind, { waiting, running }]) => ({
    kind,
    count: waiting.length,
    waitingS: quantiles(waiting),
    runningS: quantiles(running),
  }));
}

function quantiles(values: readonly number[]): [number, number, number] {
  const sorted = sortedSample(values);
  return [quantileSorted(sorted, 0.5), quantileSorted(sorted, 0.95), quantileSorted(sorted, 0.99)];
}
