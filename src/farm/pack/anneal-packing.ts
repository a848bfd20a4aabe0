// Simulated annealing for packings of many different items: fewer workers than the best so far, overfull at first, until none is.

import { randomBelow, seededRandom, type Random } from '#analysis/random';
import { RESOURCES } from '#core/packing';
import { pattern } from './greedy-packing.ts';
import { NEAR, OverfullWorkers, unfold } from './overfull-workers.ts';
import type { PackingProblem, Pattern } from './packing-problem.ts';

const R = RESOURCES.length;
/** Exchanges tried for each item until fewer workers fail at once; each attempt after that tries twice as many. */
const MOVES_PER_ITEM = 1000;
/** Share of the time left for one attempt. */
const ATTEMPT_SHARE = 0.35;
/** Most items that are compared with each other for those that need almost the same. */
const MAX_NEAR_ITEMS = 12_000;

/**
 * Improves a packing onto workers of one size: takes away half of the workers that it has above the bound, spreads their items over the rest, and
 * exchanges items until no worker is overfull. What is still overfull at the end gives items to a few more workers; then it takes away fewer, or tries longer.
 * @param best a packing; all on the problem's only size
 * @param bound workers below which none can be
 * @param untilMs on the clock of `performance.now()`
 * @returns the better packing; null where none was found
 */
export function annealPacking(
  problem: PackingProblem,
  best: readonly Pattern[],
  bound: number,
  untilMs: number,
): Pattern[] | null {
  const random = seededRandom(1);
  const single = singleItems(problem);
  const near = nearItems(single.problem);
  let found: number[][] | null = null;
  let workers = single.of(best);
  /** The most workers for which it did not succeed. */
  let failed = bound - 1;
  let patience = MOVES_PER_ITEM;
  while (workers.length > bound && performance.now() < untilMs) {
    const target = Math.max(bound, Math.min(workers.length - 1, Math.floor((workers.length + failed) / 2)));
    const state = new OverfullWorkers(single.problem, shrink(single.problem, workers, target, random), near, random);
    const done = state.anneal(patience, (untilMs - performance.now()) * ATTEMPT_SHARE);
    const mended = state.mend();
    if (mended.length < workers.length) found = workers = mended;
    if (done) continue;
    failed = target;
    if (workers.length <= failed + 1) patience *= 2;
  }
  return found === null
    ? null
    : found.map((items) =>
        pattern(
          0,
          items.map((item) => single.shape[item]!),
        ),
      );
}

/** The same problem with each item a class of its own, so that an exchange can name both. */
function singleItems(problem: PackingProblem) {
  const count = problem.demand.reduce((sum, demand) => sum + demand, 0);
  const shape = new Int32Array(count);
  const need = new Float64Array(count * R);
  const first = new Int32Array(problem.classes);
  let item = 0;
  for (let c = 0; c < problem.classes; c++) {
    first[c] = item;
    for (let n = 0; n < problem.demand[c]!; n++, item++) {
      shape[item] = c;
      need.set(problem.need.subarray(c * R, c * R + R), item * R);
    }
  }
  const of = (patterns: readonly Pattern[]) => {
    const next = first.slice();
    // A packing may have room for more of a class than there are.
    return unfold(patterns).map((classes) =>
      classes.map((c) => next[c]!++).filter((id, i) => id < first[classes[i]!]! + problem.demand[classes[i]!]!),
    );
  };
  return { problem: { ...problem, classes: count, need, demand: new Int32Array(count).fill(1) }, shape, of };
}

/** Of each item those that need almost the same, {@link NEAR} each; null where there are too many items to compare. */
function nearItems({ classes, need }: PackingProblem): Int32Array | null {
  if (classes > MAX_NEAR_ITEMS || classes <= 2 * NEAR) return null;
  const near = new Int32Array(classes * NEAR);
  const distances = new Float64Array(NEAR);
  for (let a = 0; a < classes; a++) {
    distances.fill(Infinity);
    for (let b = 0; b < classes; b++) {
      let distance = 0;
      for (let r = 0; r < R; r++) distance += Math.abs(need[a * R + r]! - need[b * R + r]!);
      if (distance === 0 || distance >= distances[NEAR - 1]!) continue;
      let at = NEAR - 1;
      for (; at > 0 && distances[at - 1]! > distance; at--) {
        distances[at] = distances[at - 1]!;
        near[a * NEAR + at] = near[a * NEAR + at - 1]!;
      }
      distances[at] = distance;
      near[a * NEAR + at] = b;
    }
  }
  return near;
}

/** The fullest `target` workers; the items of the others are put onto these at random. */
function shrink(problem: PackingProblem, workers: readonly number[][], target: number, random: Random): number[][] {
  const total = (c: number) => RESOURCES.reduce((sum, _, r) => sum + problem.need[c * R + r]!, 0);
  const fullness = (items: readonly number[]) => items.reduce((sum, c) => sum + total(c), 0);
  const byFullness = workers.map((items) => [...items]).sort((a, b) => fullness(b) - fullness(a));
  const kept = byFullness.slice(0, target);
  for (const items of byFullness.slice(target)) {
    for (const c of items) kept[randomBelow(target, random)]!.push(c);
  }
  return kept;
}
