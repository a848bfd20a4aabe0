// The timeline that most rules read: short cells, and how many CPUs were busy in each, with what thread in front.

import type { Profile } from '#core/profile';
import type { Chosen } from './chosen.ts';
import { coverageAt, type Coverage } from './coverage.ts';
import { fillFromSamples, fillFromSpans } from './fill-timeline.ts';
import { CELL_NS, COVERAGE, MAX_CELLS, SAMPLES_A_CELL } from './limits.ts';
import { RangeSet } from './ranges.ts';

export interface Timeline {
  readonly startNs: number;
  readonly cellNs: number;
  /** CPUs that the chosen threads kept busy, by cell. */
  readonly busy: Float64Array;
  /** CPUs that other threads kept busy, and of those the ones of the same run or process. */
  readonly others: Float64Array;
  readonly siblings: Float64Array;
  /** Chosen threads that were ready and did not run; null where the scheduler does not tell. */
  readonly waiting: Float64Array | null;
  /** Chosen threads that ran or could have: `busy` and `waiting`; what a machine with enough CPUs would have seen as busy. */
  readonly wanted: Float64Array;
  /** The chosen thread that wanted to run most, -1 where none did, and how much of `wanted` is its. */
  readonly top: Int32Array;
  readonly topWanted: Float64Array;
  /** 1 for cells that were chosen and whose samples came. */
  readonly usable: Uint8Array;
  /** From the scheduler's events, and not counted from samples. */
  readonly exact: boolean;
  /** Observations that a cell stands for, for how sure a share over cells is. */
  readonly observations: number;
  /** CPU time by thread, nanoseconds, in the chosen ranges. */
  readonly cpuNs: Float64Array;
}

/** Null where the profile has no times, or its samples are no CPU time. */
export function timelineOf(profile: Profile, chosen: Chosen, coverage: Coverage | null): Timeline | null {
  const { header } = profile;
  const length = header.endNs - header.startNs;
  const sampleNs = sampleNsOf(profile);
  const exact = profile.spans !== null && profile.spans.startNs.length > 0;
  if (header.clock === 'none' || !(length > 0) || (!exact && sampleNs === null)) return null;
  const rate = ((sampleNs === null ? 1000 : 1e9 / sampleNs) * (chosen.watched ?? 1)) / 1e9;
  const cellWanted = exact ? CELL_NS : Math.max(CELL_NS, SAMPLES_A_CELL / rate);
  const cellNs = Math.max(cellWanted, length / MAX_CELLS);
  // A piece of a cell at the end would look idle.
  const cells = Math.floor(length / cellNs);
  const timeline: Timeline = {
    startNs: header.startNs,
    cellNs,
    busy: new Float64Array(cells),
    others: new Float64Array(cells),
    siblings: new Float64Array(cells),
    wanted: new Float64Array(cells),
    top: new Int32Array(cells).fill(-1),
    topWanted: new Float64Array(cells),
    waiting: exact ? new Float64Array(cells) : null,
    usable: new Uint8Array(cells),
    exact,
    observations: Math.max(exact ? SAMPLES_A_CELL : 1, rate * cellNs),
    cpuNs: new Float64Array(profile.threads.thread.length),
  };
  const ranges = new RangeSet(chosen.ranges);
  for (let cell = 0; cell < cells; cell++) {
    const from = header.startNs + cell * cellNs;
    const known = coverageAt(coverage, from + cellNs / 2);
    const isChosen = ranges.overlapNs(from, from + cellNs) > cellNs / 2;
    timeline.usable[cell] = isChosen && !(known < COVERAGE.usable) ? 1 : 0;
  }
  if (exact) fillFromSpans(profile, chosen, timeline, ranges);
  else fillFromSamples(profile, chosen, timeline, coverage, ranges, sampleNs!);
  return timeline;
}

/** CPU nanoseconds that one sample stands for; null where samples are something else. */
function sampleNsOf({ header, samples }: Profile): number | null {
  if (header.weightUnit === 'bytes') return null;
  if (header.sampleNs !== null) return header.sampleNs;
  if (header.frequencyHz !== null) return 1e9 / header.frequencyHz;
  return header.weightUnit === 'ns' && samples.weight !== null
    ? samples.weight.reduce((a, b) => a + b, 0) / samples.weight.length
    : null;
}
