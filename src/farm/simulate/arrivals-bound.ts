// How early work that comes over time, some of it when other work has ended, could have ended at best, whoever places it: nothing can beat these bounds.

import { RESOURCES } from '#core/packing';
import { capacityOf, UNLIMITED, type Fleet } from './fleet.ts';
import type { Work } from './work.ts';

/** Dual feasible functions that are tried: the plain share, and u(1) to u(4). */
const LARGEST_K = 4;
/** A multiple of a share is taken for whole this near to it. */
const ROUNDING = 1e-9;
/** What is above a need is so much above it at least: more than roundings come to. */
const ABOVE = 1e-6;
/** Sets of sizes that items fit, of which bounds are told. */
const MOST_SETS = 16;

/**
 * Lower bound of the makespan in seconds: the largest of
 * - the longest chain: the longest item of a group that comes, of the group that follows it, and so on;
 * - for each resource, and for each moment t: t + all work that comes from t on over the capacity of the fleet. Shares of a
 *   worker are rounded by dual feasible functions (Fekete and Schepers 2001, their u(k)), which see that two items of 0.6 do
 *   not fit one worker;
 * - the same with the CPU seconds that items truly use;
 * - on a fleet of several sizes all of these for the items that fit some of them only, over the workers of these sizes; and for
 *   items above a certain need, over the places that all workers have for items above it.
 * @param startS seconds before which no worker is ready
 */
export function boundArrivals(work: Work, fleet: Fleet, startS: number): number {
  if (work.items.count === 0) return 0;
  const { earliestS, chainS } = chains(work, startS);
  const order = Int32Array.from({ length: work.groups.count }, (_, i) => i).sort(
    (a, b) => earliestS[b]! - earliestS[a]!,
  );
  const parts = fleet.filter(({ count }) => count > 0);
  const able = ableSizes(work, parts);
  let bound = chainS;
  for (const set of distinctSets(able)) {
    const those = parts.filter((_, i) => (set & (1 << i)) !== 0);
    const all: Contenders = { work, parts, able, set, those };
    for (const seconds of fleetSeconds(all))
      bound = Math.max(
        bound,
        volumeBound(work, order, earliestS, (item) => (isWithin(able[item]!, set) ? seconds(item) : 0)),
      );
  }
  return bound;
}

/** Items that run on these sizes of workers and on no others. */
interface Contenders {
  readonly work: Work;
  readonly parts: Fleet;
  /** Of each item a bit for each of `parts` that it fits. */
  readonly able: Uint32Array;
  readonly set: number;
  readonly those: Fleet;
}

/** What an item takes of the whole of its workers, in seconds, by one way of counting after the other. */
function* fleetSeconds(all: Contenders): Generator<(item: number) => number> {
  const { work, parts, those } = all;
  for (let resource = 0; resource < RESOURCES.length; resource++) {
    if (those.some(({ size }) => size.capacity[resource] === UNLIMITED)) continue;
    for (let k = 0; k <= LARGEST_K; k++) yield shareSeconds(all, resource, k);
    if (parts.length > 1)
      for (const { size } of those)
        for (let k = 1; k <= LARGEST_K; k++) yield placeSeconds(all, resource, size.capacity[resource]! / (k + 1));
  }
  const cores = those.reduce((sum, { size, count }) => sum + count * size.capacity[0]!, 0);
  const { durationS, cores: used } = work.truth;
  yield (item) => (durationS[item]! * used[item]!) / cores;
}

/** Sizes that each item fits, as bits; 0 for what fits nowhere, and never runs. */
function ableSizes({ items }: Work, parts: Fleet): Uint32Array {
  const able = new Uint32Array(items.count);
  for (let item = 0; item < items.count; item++)
    for (const [i, { size }] of parts.entries()) {
      const fits = size.capacity.every(
        (capacity, r) => items.need[item * RESOURCES.length + r]! <= capacity * (1 + ROUNDING),
      );
      if (fits) able[item]! |= 1 << i;
    }
  return able;
}

/** The largest first, which holds nearly all items mostly; of many the rest is left out. */
function distinctSets(able: Uint32Array): number[] {
  let every = 0;
  const found = new Set<number>();
  for (const set of able) {
    every |= set;
    if (found.size < MOST_SETS) found.add(set);
  }
  found.delete(0);
  found.delete(every);
  return every === 0 ? [] : [every, ...found];
}

function isWithin(able: number, set: number): boolean {
  return able !== 0 && (able & ~set) === 0;
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

/** @param order groups, the latest first; @param seconds of an item: for which it takes all of its workers */
function volumeBound(
  { groups }: Work,
  order: Int32Array,
  earliestS: Float64Array,
  seconds: (item: number) => number,
): number {
  let bound = 0;
  let sum = 0;
  for (const g of order) {
    for (let i = groups.first[g]!; i < groups.first[g + 1]!; i++) sum += seconds(i);
    bound = Math.max(bound, earliestS[g]! + sum);
  }
  return bound;
}

/** A share x of a worker counts as u(k)(x) of it at least; of several sizes of worker the one where it takes least counts. */
function shareSeconds({ work, parts, able, those }: Contenders, resource: number, k: number): (item: number) => number {
  const { items, truth } = work;
  const capacities = parts.map(({ size }) => size.capacity[resource]!);
  const total = capacityOf(those)[resource]!;
  return (item) => {
    const need = items.need[item * RESOURCES.length + resource]!;
    let least = Infinity;
    for (const [i, capacity] of capacities.entries())
      if ((able[item]! & (1 << i)) !== 0) least = Math.min(least, capacity * dualFeasible(need / capacity, k));
    return (least / total) * truth.durationS[item]!;
  };
}

/** Of items that need more than that: each takes one of the places that all workers have for such items. */
function placeSeconds({ work, those }: Contenders, resource: number, above: number): (item: number) => number {
  const { items, truth } = work;
  const least = above * (1 + ABOVE);
  const places = those.reduce(
    (sum, { size, count }) => sum + count * Math.floor((size.capacity[resource]! * (1 + ROUNDING)) / least),
    0,
  );
  return (item) => (items.need[item * RESOURCES.length + resource]! >= least ? truth.durationS[item]! / places : 0);
}

/** u(k): x itself where (k + 1) x is whole, else the whole part of (k + 1) x over k; k = 0 stands for x itself. */
function dualFeasible(x: number, k: number): number {
  if (k === 0) return x;
  const multiple = (k + 1) * x;
  return Math.abs(multiple - Math.round(multiple)) < ROUNDING ? x : Math.floor(multiple) / k;
}
