// In which phases of a run something lies.

import { lengthOf } from '../selection-ranges.ts';
import type { NamedRange } from '../heatmap-rows.ts';
import type { RangeSet } from './ranges.ts';
import { duration, listed, percent } from './words.ts';

/** A phase with less of it is not told. */
const TOLD_SHARE = 0.05;

/** `in phase encode 4.2 s (91 % of it)`; empty without phases. */
export function phaseSentence(phases: readonly NamedRange[] | undefined, ranges: RangeSet): string[] {
  const all = lengthOf(ranges.pairs);
  const parts = (phases ?? [])
    .map(({ name, fromNs, toNs }) => ({ name, ns: ranges.overlapNs(fromNs, toNs) }))
    .filter(({ ns }) => ns >= TOLD_SHARE * all)
    .map(({ name, ns }) => `${name} ${duration(ns)} (${percent(ns / all)} of it)`);
  return parts.length === 0 ? [] : [`in ${parts.length === 1 ? 'phase' : 'phases'} ${listed(parts)}`];
}
