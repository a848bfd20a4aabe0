// Packs items onto as few workers as possible, or as cheap ones, and says how far from the best possible the answer may be.

import type { WorkItems, WorkerSize } from '#core/packing';
import { annealPacking } from './anneal-packing.ts';
import { generateColumns } from './column-generation.ts';
import { packGreedily } from './greedy-packing.ts';
import { loadSolver } from './load-solver.ts';
import { groupItems, totalCost, type GroupedItems, type Pattern } from './packing-problem.ts';
import { simpleBound, type CostBound } from './volume-bound.ts';

/** Most classes of need for which exact classes are kept; above it they are rounded up for packing and down for bounds. */
const EXACT_CLASSES = 20_000;
/** Most classes of need for column generation. */
const COLUMN_CLASSES = 1500;
/** Up to so many classes columns are what finds good packings; above it, exchanges are tried first. */
const EXACT_COLUMN_CLASSES = 300;
/** Share of the time for greedy rules, and the least seconds: no further rule begins after it. */
const GREEDY_SHARE = 0.2;
const GREEDY_S = 1;
/** Share of the time until exchanges end. */
const ANNEAL_SHARE = 0.85;
/** Classes where there are too many of them. */
const ROUNDED_CLASSES = 200;
/** Seconds that a packing may take, where nothing is said. */
const BUDGET_S = 10;

export interface PackOptions {
  /** Seconds of wall time; column generation stops then, and its bound still holds. 10 where it is not given; 0: greedy rules only. */
  readonly budgetS?: number;
}

export interface Packing {
  /** Size of each worker: which of the sizes it is of. */
  readonly workerSize: Int32Array;
  /** Worker of each item; -1 where it fits no size. */
  readonly workerOf: Int32Array;
  /** Items that fit no size. */
  readonly unplaceable: number[];
  /** Workers; or money an hour, where each size has a cost above zero. */
  readonly cost: number;
  /** No packing costs less. A whole number where workers are counted. */
  readonly bound: number;
  /** Where the bound comes from. */
  readonly boundBy: CostBound['by'];
  /** How much more than the bound the packing costs, as a share of the bound: 0 is proven to be the best. */
  readonly gap: number;
  /** What made the packing: a greedy rule, or column generation. */
  readonly rule: string;
}

/**
 * Packs all items at once, durations aside: each has its worker for itself as long as it runs. With several sizes it mixes them: by cost where each
 * size has one above zero, otherwise by count. Blocks its thread for up to `budgetS`; items and result are plain data, so it can run in another.
 */
export async function pack(
  items: WorkItems,
  sizes: readonly WorkerSize[],
  options: PackOptions = {},
): Promise<Packing> {
  const beganMs = performance.now();
  const untilMs = beganMs + 1000 * (options.budgetS ?? BUDGET_S);
  const byCost = sizes.every(({ costPerHour }) => costPerHour !== null && costPerHour > 0);
  const cost = sizes.map(({ costPerHour }) => (byCost ? costPerHour! : 1));
  const groups = groupItems(items, sizes, cost, EXACT_CLASSES);
  const greedy = packGreedily(groups.up, beganMs + Math.max((untilMs - beganMs) * GREEDY_SHARE, 1000 * GREEDY_S));
  let best = { ...greedy, groups };
  let bound = simpleBound(groups.down);
  const least = (value: number) => (byCost ? value : Math.ceil(value - 1e-6));

  const proven = () => best.cost <= least(bound.cost) * (1 + 1e-9);
  const many = groups.up.classes > EXACT_COLUMN_CLASSES;
  if (many && sizes.length === 1 && !byCost && !proven() && performance.now() < untilMs) {
    // Many different items: exchanges first, they are what finds good packings of these; columns then for a better bound.
    const annealUntilMs = beganMs + (untilMs - beganMs) * ANNEAL_SHARE;
    const patterns = annealPacking(groups.up, best.patterns, least(bound.cost), annealUntilMs);
    if (patterns !== null) best = { patterns, cost: totalCost(groups.up, patterns), rule: 'annealing', groups };
  }
  if (!proven() && performance.now() < untilMs) {
    const limit = groups.up.classes > COLUMN_CLASSES ? ROUNDED_CLASSES : EXACT_CLASSES;
    const rounded = limit === EXACT_CLASSES ? groups : groupItems(items, sizes, cost, limit);
    const exact = rounded.up.need.every((value, i) => value === rounded.down.need[i]);
    const highs = await loadSolver();
    const start = rounded === groups ? best.patterns : packGreedily(rounded.up).patterns;
    const below = generateColumns(rounded.down, highs, start, untilMs, exact);
    if (below.bound > bound.cost) bound = { cost: below.bound, by: 'column generation' };
    let found = below.patterns;
    if (!exact && !many && !proven() && performance.now() < untilMs) {
      found = generateColumns(rounded.up, highs, start, untilMs, true).patterns;
    }
    const foundCost = found === null ? Infinity : totalCost(rounded.up, found);
    if (found !== null && foundCost < best.cost) {
      best = { patterns: found, cost: foundCost, rule: 'column generation', groups: rounded };
    }
  }
  const told = Math.min(least(bound.cost), best.cost);
  return {
    ...assign(best.groups, best.patterns),
    cost: best.cost,
    bound: told,
    boundBy: bound.by,
    gap: told > 0 ? best.cost / told - 1 : 0,
    rule: best.rule,
  };
}

/** Hands the items of each class out to the workers of the patterns; a worker that is left without any is none. */
function assign(groups: GroupedItems, patterns: readonly Pattern[]) {
  const members: number[][] = Array.from({ length: groups.up.classes }, () => []);
  const unplaceable: number[] = [];
  for (let item = groups.shape.length - 1; item >= 0; item--) {
    const c = groups.shape[item]!;
    if (c >= 0) members[c]!.push(item);
    else unplaceable.unshift(item);
  }
  const workerOf = new Int32Array(groups.shape.length).fill(-1);
  const sizes: number[] = [];
  for (const { size, classes, times, workers } of patterns) {
    for (let w = 0; w < workers; w++) {
      const worker = sizes.length;
      let used = false;
      for (let i = 0; i < classes.length; i++) {
        for (let n = 0; n < times[i]!; n++) {
          const item = members[classes[i]!]!.pop();
          if (item === undefined) break;
          workerOf[item] = worker;
          used = true;
        }
      }
      if (used) sizes.push(size);
    }
  }
  return { workerOf, workerSize: Int32Array.from(sizes), unplaceable };
}
