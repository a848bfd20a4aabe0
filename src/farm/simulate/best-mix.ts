// Which mix of workers would be best: a bounded search by simulation, from each size alone and from the fleet that was given.

import { UserError } from '#core/user-error';
import type { Fleet } from './fleet.ts';
import { MAX_WORKERS, workersOf } from './fleet.ts';
import { isDone } from './simulation.ts';
import { boundArrivals } from './arrivals-bound.ts';
import { drawnWork, simulateWork, type Setup } from './simulate-seeds.ts';

/** All work done within so many seconds as cheaply as can be; or as soon as can be for so much money. */
export type MixGoal =
  | { readonly kind: 'deadline'; readonly deadlineS: number }
  | { readonly kind: 'budget'; readonly money: number };

export interface Mix {
  readonly fleet: Fleet;
  /** NaN, and so is the cost, where not all work can be done. */
  readonly makespanS: number;
  /** All workers paid until the makespan. */
  readonly cost: number;
  /** Over the goal's limit, as a share of it: 0 where it is kept, Infinity where not all work can be done. */
  readonly over: number;
}

export interface MixSearch {
  readonly best: Mix;
  readonly simulations: number;
  /** Each size alone, and the fleet that was given, as the search began; each mix once. */
  readonly starts: readonly Mix[];
}

/** Simulations of a search, where the work is small; and items that are simulated in all of them, where it is large. */
const MAX_SIMULATIONS = 80;
const MAX_ITEMS = 10_000_000;
const MIN_SIMULATIONS = 20;
/** Shares by which counts are changed: the first, and the smallest that is tried. */
const FIRST_STEP = 0.5;
const LAST_STEP = 0.02;
const S_PER_HOUR = 3600;

/**
 * Pattern search over the counts: grows, shrinks and exchanges sizes (for as many cores) by a share that is halved when nothing helps
 * any more. It finds a good mix, not surely the best one.
 * @param setup its fleet has the sizes
 * @throws UserError where a size has no price
 */
export function bestMix(setup: Setup, seed: number, goal: MixGoal): MixSearch {
  checkPrices(setup.fleet);
  const { count } = drawnWork(setup, seed).items;
  const limit = Math.min(MAX_SIMULATIONS, Math.max(MIN_SIMULATIONS, Math.floor(MAX_ITEMS / Math.max(1, count))));
  const tried = new Map<string, Mix>();
  const evaluate = (counts: readonly number[]): Mix | null => {
    const key = counts.join();
    const known = tried.get(key);
    if (known !== undefined) return known;
    const fleet = setup.fleet.map(({ size }, i) => ({ size, count: counts[i]! }));
    const workers = workersOf(fleet);
    if (workers === 0 || workers > MAX_WORKERS || tried.size >= limit) return null;
    const mix = mixOf({ ...setup, fleet }, seed, goal);
    tried.set(key, mix);
    return mix;
  };
  const given = setup.fleet.map(({ count }) => count);
  const alone = setup.fleet.map((_, i) => given.map((_count, j) => (i === j ? enough(setup, i, seed, goal) : 0)));
  const starts = [...new Set([given, ...alone].flatMap((counts) => evaluate(counts) ?? []))];
  let best = starts.reduce((a, b) => (isBetter(b, a, goal) ? b : a));
  for (let step = FIRST_STEP; step >= LAST_STEP;) {
    const counts = best.fleet.map(({ count }) => count);
    const better = moves(counts, setup.fleet, step)
      .flatMap((next) => evaluate(next) ?? [])
      .find((mix) => isBetter(mix, best, goal));
    if (better === undefined) step /= 2;
    else best = better;
  }
  return { best, simulations: tried.size, starts };
}

function checkPrices(fleet: Fleet): void {
  const free = fleet.find(({ size }) => size.costPerHour === null);
  if (free === undefined) return;
  throw new UserError({
    what: `${free.size.name} has no price, and the best mix is one of prices`,
    where: 'fleet',
    todo: `write its price an hour: ${free.size.name}:${free.size.capacity[0]}cpu,0.68/h`,
  });
}

function mixOf(setup: Setup, seed: number, goal: MixGoal): Mix {
  const result = simulateWork(setup, drawnWork(setup, seed), seed);
  const { makespanS } = result;
  const cost = result.costHeld ?? 0;
  const share = goal.kind === 'deadline' ? makespanS / goal.deadlineS : cost / goal.money;
  const over = isDone(result) ? Math.max(0, share - 1) : Infinity;
  return { fleet: setup.fleet, makespanS, cost, over };
}

function isBetter(a: Mix, b: Mix, goal: MixGoal): boolean {
  if (a.over !== b.over) return a.over < b.over;
  return goal.kind === 'deadline' ? a.cost < b.cost : a.makespanS < b.makespanS;
}

/** Workers of one size with which the bound of the makespan meets the goal: a count to begin with. */
function enough(setup: Setup, index: number, seed: number, goal: MixGoal): number {
  const { startS } = setup.workload;
  const fleet = [{ size: setup.fleet[index]!.size, count: 1 }];
  const oneS = boundArrivals(drawnWork({ ...setup, fleet }, seed), fleet, startS);
  const hours = oneS / S_PER_HOUR;
  // With a budget the price of the work itself hardly depends on the count: a worker for every hour is as good as any.
  const count = goal.kind === 'deadline' ? oneS / Math.max(1, goal.deadlineS - startS) : hours;
  return Math.min(MAX_WORKERS, Math.max(1, Math.ceil(count)));
}

function moves(counts: readonly number[], fleet: Fleet, step: number): number[][] {
  const changed = (changes: readonly (readonly [index: number, by: number])[]) => {
    const next = [...counts];
    for (const [index, by] of changes) next[index] = Math.max(0, next[index]! + by);
    return next;
  };
  const result: number[][] = [];
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const some = Math.max(1, Math.round(count * step));
    result.push(changed([[i, some]]), changed([[i, -some]]));
    for (const [j, { size }] of fleet.entries()) {
      if (j === i) continue;
      const others = Math.max(1, Math.round((some * fleet[i]!.size.capacity[0]!) / size.capacity[0]!));
      result.push(
        changed([
          [i, -some],
          [j, others],
        ]),
      );
    }
  }
  return result;
}
