// Times of a CPU that the kernel lost: neither samples nor the scheduler tell of them, so that they look idle.

import type { Profile } from '#core/profile';
import { findGaps, type Gaps } from '../occupancy-gaps.ts';

/** By CPU: gaps between its samples in which the kernel says that it lost records, no longer than these could have filled. */
export function lostGaps(profile: Profile, cpus: readonly number[], sampleNs: number): ReadonlyMap<number, Gaps> {
  const { losses } = profile;
  if (losses.timeNs.length === 0) return new Map();
  const found = new Map<number, Gaps>();
  for (const [cpu, { fromNs, toNs, isLost }] of findGaps(profile, cpus, sampleNs)) {
    const rows = [...isLost.keys()].filter((gap) => isLost[gap] === 1);
    const from = rows.map((gap) => {
      let records = 0;
      for (let loss = 0; loss < losses.timeNs.length; loss++) {
        const isOf = losses.cpu[loss] === cpu || losses.cpu[loss] === -1;
        if (isOf && isNear(losses.timeNs[loss]!, fromNs[gap]!, toNs[gap]!, sampleNs)) records += losses.samples[loss]!;
      }
      // A loss is told where it ends: what of a gap it can't have filled was idle, on kernels that do not sample idle CPUs.
      return Math.max(fromNs[gap]!, toNs[gap]! - records * sampleNs);
    });
    const to = rows.map((gap) => toNs[gap]!);
    if (rows.length > 0)
      found.set(cpu, {
        fromNs: Float64Array.from(from),
        toNs: Float64Array.from(to),
        isLost: new Uint8Array(rows.length).fill(1),
      });
  }
  return found;
}

/** It is told with the next record that is kept. */
function isNear(timeNs: number, fromNs: number, toNs: number, sampleNs: number): boolean {
  return timeNs >= fromNs - 2 * sampleNs && timeNs <= toNs + 2 * sampleNs;
}
