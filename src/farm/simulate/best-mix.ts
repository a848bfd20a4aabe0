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
  /** The fleet that was given, and each size alone, with a budget at several counts, as the search began; each mix once. */
  readonly starts: readonly Mix[];
}

/** Simulations of a search, where the work is small; and items that are simulated in all of them, where it is large. */
const MAX_SIMULATIONS = 80;
const MAX_ITEMS = 10_000_000;
const MIN_SIMULATIONS = 20;
/** Multiples of the time that is needed however many workers there are: a budget is spent on so many workers as it buys for as long. */
const WAVES = [1, 2, 3];
/** Shares by which counts are changed: the first, and the smallest that is tried. */
const FIRST_STEP = 0.5;
const LAST_STEP = 0.02;
/** Of seconds that were added up. */
const ROUNDING = 1e-9;
const S_PER_HOUR = 3600;

/**
 * Pattern search over the counts: grows, shrinks and exchanges sizes (for as many cores) by a share that is halved when nothing helps
 * any more; first from the best start, then from the next ones for as long as there are simulations. It finds a good mix, not surely
 * the best one.
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
  const alone = (i: number, count: number) => given.map((_, j) => (i === j ? count : 0));
  const begun = [given, ...given.map((_, i) => alone(i, enough(setup, i, seed, goal)))].map(evaluate);
  const bought = given.flatMap((_, i) => {
    // A size that not all of the work fits needs others beside it, at any count.
    if (goal.kind === 'deadline' || begun[i + 1]?.over === Infinity) return [];
    return affordable(setup, i, seed, goal.money).map((count) => alone(i, count));
  });
  const room = Math.max(0, Math.floor(limit / 2) - tried.size);
  const starts = [...new Set([...begun, ...bought.slice(0, room).map(evaluate)])].filter((mix) => mix !== null);
  const isBetterFirst = (a: Mix, b: Mix) => (isBetter(a, b, goal) ? -1 : isBetter(b, a, goal) ? 1 : 0);
  const ends = starts.toSorted(isBetterFirst).map((start) => improved(start, goal, evaluate));
  return { best: ends.toSorted(isBetterFirst)[0]!, simulations: tried.size, starts };
}

/** @param evaluate null where a mix is none, or no simulation is left */
function improved(start: Mix, goal: MixGoal, evaluate: (counts: readonly number[]) => Mix | null): Mix {
  let best = start;
  for (let step = FIRST_STEP; step >= LAST_STEP;) {
    const counts = best.fleet.map(({ count }) => count);
    const better = moves(counts, start.fleet, step)
      .flatMap((next) => evaluate(next) ?? [])
      .find((mix) => isBetter(mix, best, goal));
    if (better === undefined) step /= 2;
    else best = better;
  }
  return best;
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

/** Of two that are as cheap (as soon) the one that is sooner (cheaper). */
function isBetter(a: Mix, b: Mix, goal: MixGoal): boolean {
  if (a.over !== b.over) return a.over < b.over;
  const [of, then] = goal.kind === 'deadline' ? (['cost', 'makespanS'] as const) : (['makespanS', 'cost'] as const);
  return a[of] === b[of] ? a[then] < b[then] : a[of] < b[of];
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

/** Counts of one size that a budget buys until everything can have ended: the makespan falls in steps, which a search by shares can miss. */
function affordable(setup: Setup, index: number, seed: number, money: number): number[] {
  const { startS } = setup.workload;
  const { size } = setup.fleet[index]!;
  const fleetOf = (count: number): Fleet => [{ size, count }];
  const work = drawnWork({ ...setup, fleet: fleetOf(1) }, seed);
  const leastS = boundArrivals(work, fleetOf(MAX_WORKERS), startS);
  return WAVES.flatMap((waves) => {
    const hours = (waves * leastS) / S_PER_HOUR;
    const count = Math.min(MAX_WORKERS, work.items.count, Math.floor(money / (hours * size.costPerHour!)));
    // Where even the bound is above this time, so many cost more than there is.
    return !(count >= 1) || boundArrivals(work, fleetOf(count), startS) > waves * leastS * (1 + ROUNDING)
      ? []
      : [count];
  });
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
