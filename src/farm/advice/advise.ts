// All advice there is: from what was measured, and from what a simulation of the work on its fleet shows.

import type { ShapeRow } from '#core/shape';
import type { Advice } from './advice.ts';
import { adviseChunks } from './chunk-advice.ts';
import { adviseFleet, type FleetSituation } from './fleet-advice.ts';
import { adviseThreads } from './thread-advice.ts';

/**
 * @param shapes whole pieces that ended well; none where the lab has none
 * @param situation work and its fleet, null where only the shapes are asked: then what needs memory is judged without it
 * @returns the largest gain first; nothing where nothing is sure enough
 */
export function advise(shapes: readonly ShapeRow[], situation: FleetSituation | null): readonly Advice[] {
  const fleet = situation?.setup.fleet ?? null;
  const advice = [
    ...adviseThreads(shapes, fleet),
    ...adviseChunks(shapes),
    ...(situation === null ? [] : adviseFleet(situation)),
  ];
  return advice.toSorted((a, b) => b.gain.share.value - a.gain.share.value);
}
