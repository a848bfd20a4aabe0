// How long a title will take: from its own finished items, by kind and rendition, weighted by what the plan says of each.

import { ITEM_STATES } from '#core/queue';
import type { ItemKind } from '#core/title';
import { TimeLeft, type RunToCome, type SecondsLeft } from '#analysis/time-left';
import { NO_ITEM, type TitleLane } from './title-lanes.ts';
import { TRY_ENDS, type Tries } from './tries.ts';

/** Newest finished items of a lane that are learned from. */
const MAX_LEARNED = 200;
/** Tries over which is counted how many are at work at once. */
const WIDTH_TRIES = 60;
/** An item of which the plan says nothing (packaging) counts as so much work, seconds. */
const UNKNOWN_COST_S = 1;
/** An item that takes longer than was expected is expected to go on for this share of that. */
const LEAST_LEFT = 0.1;
/** One after the other, after everything else. */
const AT_THE_END: readonly string[] = ['package', 'publish'] satisfies ItemKind[];
const DONE = TRY_ENDS.indexOf('done');
/** By state: 1 where nothing more is done for an item. */
const IS_OVER = new Uint8Array(NO_ITEM + 1);
for (const state of ['done', 'failed', 'cancelled'] as const) IS_OVER[ITEM_STATES.indexOf(state)] = 1;
IS_OVER[NO_ITEM] = 1;
const RUNNING = ITEM_STATES.indexOf('running');

/**
 * Wall seconds until a title is published, with an interval of 80 %; null while no item but `inspect` is done.
 * @param nowMs the queue's clock, UTC
 */
export function titleTimeLeft(lanes: readonly TitleLane[], tries: Tries, nowMs: number): SecondsLeft | null {
  const byName = new Map(lanes.map((lane) => [`${lane.kind} ${lane.group}`, lane]));
  const left = new TimeLeft();
  if (learn(left, byName, tries) === 0) return null;
  const elapsedS = new Map<string, number>();
  for (const row of tries.running) {
    const { kind, group } = tries.lanes[tries.lane[row]!]!;
    elapsedS.set(`${kind} ${group} ${tries.chunk[row]}`, Math.max(0, nowMs - tries.beganAt[row]!) / 1000);
  }
  const beside: RunToCome[] = [];
  const last: RunToCome[] = [];
  for (const [name, lane] of byName) {
    const run = { cell: name, group: lane.kind };
    const perCostS = left.forecast([run])!.middle;
    let times = 0;
    for (let chunk = 0; chunk < lane.states.length; chunk++) {
      const state = lane.states[chunk]!;
      if (IS_OVER[state] === 1) continue;
      const cost = costOf(lane, chunk);
      const gone = state === RUNNING ? (elapsedS.get(`${name} ${chunk}`) ?? 0) / perCostS : 0;
      times += Math.max(cost * LEAST_LEFT, cost - gone);
    }
    (AT_THE_END.includes(lane.kind) ? last : beside).push({ ...run, times });
  }
  const width = atWorkAtOnce(tries, nowMs);
  const work = left.forecast(beside)!;
  const end = left.forecast(last)!;
  return {
    low: work.low / width + end.low,
    middle: work.middle / width + end.middle,
    high: work.high / width + end.high,
  };
}

/** Returns how many items were learned from; seconds for each CPU second that the plan guessed. */
function learn(left: TimeLeft, lanes: ReadonlyMap<string, TitleLane>, tries: Tries): number {
  const learned = new Uint32Array(tries.lanes.length);
  let all = 0;
  for (let row = tries.length - 1; row >= 0; row--) {
    const number = tries.lane[row]!;
    const { kind, group } = tries.lanes[number]!;
    if (tries.end[row] !== DONE || kind === 'inspect' || learned[number]! >= MAX_LEARNED) continue;
    const lane = lanes.get(`${kind} ${group}`);
    if (lane === undefined) continue;
    const seconds = Math.max(1, tries.endedAt[row]! - tries.beganAt[row]!) / 1000;
    left.learn({ cell: `${kind} ${group}`, group: kind }, seconds / costOf(lane, tries.chunk[row]!));
    learned[number]!++;
    all++;
  }
  return all;
}

function costOf({ costS }: TitleLane, chunk: number): number {
  const cost = costS[chunk];
  return cost === undefined || !(cost > 0) ? UNKNOWN_COST_S : cost;
}

/** Items that were at work at once, on average, since one of the last tries began; 1 at least. */
function atWorkAtOnce(tries: Tries, nowMs: number): number {
  const first = Math.max(0, tries.length - WIDTH_TRIES);
  let busyMs = 0;
  let from = Infinity;
  let to = -Infinity;
  for (let row = first; row < tries.length; row++) {
    if (tries.lanes[tries.lane[row]!]!.kind === 'inspect') continue;
    const began = tries.beganAt[row]!;
    const ended = tries.end[row] === 0 ? Math.max(began, nowMs) : tries.endedAt[row]!;
    busyMs += ended - began;
    from = Math.min(from, began);
    to = Math.max(to, ended);
  }
  return to > from ? Math.max(1, busyMs / (to - from)) : 1;
}
