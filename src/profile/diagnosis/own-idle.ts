// Idle time of a single thread that tells of it by itself, as JavaScript engines do: its stays are as long as they are told, without cells.

import type { Profile } from '#core/profile';
import { quantile } from '#analysis/quantile';
import type { Chosen } from './chosen.ts';
import { BRIDGE_NS, IDLE, MIN_STRETCH_NS } from './limits.ts';
import { RangeSet } from './ranges.ts';

/** Where a stay begins and ends is only as exact as the time between samples: an idle stretch is so many of them at least. */
const MIN_INTERVALS = 10;

export interface OwnIdle {
  /** Pairs [from, to), ascending and apart, nanoseconds. */
  readonly ranges: Float64Array;
  /** Time in them in which the thread ran. */
  readonly busyNs: number;
}

/** Whether the thread's samples tell how long it idled. */
export function tellsOwnIdle({ header, samples }: Profile, { single }: Chosen): boolean {
  return single && header.weightUnit === 'ns' && samples.weight !== null && header.clock !== 'none';
}

/** The shortest idle stretch that is looked for, nanoseconds. */
export function leastOwnIdleNs({ samples }: Profile): number {
  return Math.max(MIN_STRETCH_NS, MIN_INTERVALS * quantile(samples.weight!, 0.5));
}

/** Stretches in which the thread idled, over short work between that is at most the looser limit's share of them. */
export function ownIdle(profile: Profile, chosen: Chosen): OwnIdle {
  const leastNs = leastOwnIdleNs(profile);
  const ranges: number[] = [];
  let allBusyNs = 0;
  let from = NaN;
  let to = NaN;
  let busyNs = 0;
  const close = () => {
    if (!(to - from >= leastNs)) return;
    ranges.push(from, to);
    allBusyNs += busyNs;
  };
  for (const [stayFrom, stayTo] of idleStays(profile, chosen)) {
    const workNs = stayFrom - to;
    if (workNs <= BRIDGE_NS && busyNs + workNs <= IDLE.stay * (stayTo - from)) busyNs += workNs;
    else {
      close();
      from = stayFrom;
      busyNs = 0;
    }
    to = stayTo;
  }
  close();
  return { ranges: Float64Array.from(ranges), busyNs: allBusyNs };
}

/** Idle samples that follow one another as one stay, within the chosen times. */
function* idleStays({ samples }: Profile, { idle, ranges }: Chosen): Generator<readonly [from: number, to: number]> {
  const inside = new RangeSet(ranges);
  let from = NaN;
  let to = NaN;
  for (let row = 0; row < samples.timeNs.length; row++) {
    const at = samples.timeNs[row]!;
    if (idle[samples.thread[row]!] !== 1 || !inside.has(at)) continue;
    if (!(at - to <= MEETS_NS)) {
      if (to > from) yield [from, to];
      from = at;
    }
    to = at + samples.weight![row]!;
  }
  if (to > from) yield [from, to];
}

/** Of times in fractions of a microsecond. */
const MEETS_NS = 1000;
