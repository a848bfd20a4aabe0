// The times of a run in which its own programs are at work: what a diagnosis is about where nobody chose any.

import type { NamedRange } from '../heatmap-rows.ts';
import { normalRanges } from '../selection-ranges.ts';

/** The bench reads and measures what came out: the encoder is gone then, and does not idle. */
const OF_THE_BENCH: ReadonlySet<string> = new Set(['check']);

/** Normal, nanoseconds; null where the bench has no phase of its own in it, or nothing else is known: all of the time then. */
export function workRanges(phases: readonly NamedRange[]): Float64Array | null {
  const work = phases.filter(({ name, fromNs, toNs }) => !OF_THE_BENCH.has(name) && fromNs < toNs);
  if (work.length === 0 || work.length === phases.length) return null;
  return normalRanges(work.flatMap(({ fromNs, toNs }) => [fromNs, toNs]));
}
