// How early work that comes over time, some of it when other work has ended, could have ended at best, whoever places it: nothing can beat these bounds.

import { RESOURCES } from '#core/packing';
import type { Fleet } from './fleet.ts';
import { UNLIMITED } from './fleet.ts';
import type { Work } from './work.ts';

/** Dual feasible functions that are tried: the plain share, and u(1) to u(4). */
const LARGEST_K = 4;
/** A multiple of a share is taken for whole this near to it. */
const ROUNDING = 1e-9;

/**
 * Lower bound of the makespan in seconds: the largest of
 * - the longest chain: the longest item of a group that comes, of the group that follows it, and so on;
 * - for each resource, and for each moment t: t + all work that comes from t on over the capacity of the fleet. Shares of a
 *   worker are rounded by dual feasible functions (Fekete and Schepers 2001, their u(k)), which see that two items of 0.6 do
 *   not fit one worker;
 * - the same with the CPU seconds that items truly use.
 * @param startS seconds before which no worker is ready
 */
export function boundArrivals(work: Work, fleet: Fleet, startS: number): number {
  if (work.items.count === 0) return 0;
  const { earliestS, chainS } = chains(work, startS);
  const order = Int32Array.from({ length: work.groups.count }, (_, i) => i).sort(
    (a, b) => earliestS[b]! - earliestS[a]!,
  );
  let bound = chainS;
  for (let resource = 0; resource < RESOURCES.length; resource++) {
    if (fleet.some(({ size, count }) => count > 0 && size.capacity[resource] === UNLIMITED)) continue;
    for (let k = 0; k <= LARGEST_K; k++)
      bound = Math.max(bound, volumeBound(work, order, earliestS, shareSeconds(work, fleet, resource, k)));
  }
  const cores = fleet.reduce((sum, { size, count }) => sum + count * size.capacity[0]!, 0);
  const { durationS, cores: used } = work.truth;
  return Math.max(
    bound,
    volumeBound(work, order, earliestS, (item) => (durationS[item]! * used[item]!) / cores),
  );
}

/** When each group can begin at the earliest, and when the last chain ends. */
function chains({ groups, truth }: Work, startS: number): { earliestS: Float64Array; chainS: number } {
  const earliestS = new Float64Array(groups.count);
  const endS = new Float64Array(groups.count);
  let chainS = 0;
  for (let g = 0; g < groups.count; g++) {
    earliestS[g] = groups.follows[g] === 1 ? endS[g - 1]! : Math.max(startS, groups.comesS[g]!);
    let longest = 0;
    for (let i = groups.first[g]!; i < groups.first[g + 1]!; i++) longest = Math.max(longest, truth.durationS[i]!);
    endS[g] = earliestS[g]! + longest;
    chainS = Math.max(chainS, endS[g]!);
  }
  return { earliestS, chainS };
}

/** @param order groups, the latest first; @param fleetSeconds of an item: seconds for which it takes the whole fleet */
function volumeBound(
  { groups }: Work,
  order: Int32Array,
  earliestS: Float64Array,
  fleetSeconds: (item: number) => number,
): number {
  let bound = 0;
  let sum = 0;
  for (const g of order) {
    for (let i = groups.first[g]!; i < groups.first[g + 1]!; i++) sum += fleetSeconds(i);
    bound = Math.max(bound, earliestS[g]! + sum);
  }
  return bound;
}

/** A share x of a worker counts as u(k)(x) of it at least; of several sizes of worker the one where it takes least counts. */
function shareSeconds({ items, truth }: Work, fleet: Fleet, resource: number, k: number): (item: number) => number {
  const sizes = fleet.filter(({ count }) => count > 0).map(({ size }) => size.capacity);
  const capacities = sizes.map((capacity) => capacity[resource]!);
  const total = fleet.reduce((sum, { size, count }) => sum + count * size.capacity[resource]!, 0);
  return (item) => {
    const need = items.need[item * RESOURCES.length + resource]!;
    let least = Infinity;
    for (const capacity of capacities)
      if (need <= capacity) least = Math.min(least, capacity * dualFeasible(need / capacity, k));
    // What fits nowhere never runs.
    return least === Infinity ? 0 : (least / total) * truth.durationS[item]!;
  };
}

/** u(k): x itself where (k + 1) x is whole, else the whole part of (k + 1) x over k; k = 0 stands for x itself. */
function dualFeasible(x: number, k: number): number {
  if (k === 0) return x;
  const multiple = (k + 1) * x;
  return Math.abs(multiple - Math.round(multiple)) < ROUNDING ? x : Math.floor(multiple) / k;
}
