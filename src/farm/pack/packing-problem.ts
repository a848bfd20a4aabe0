// The packing problem as numbers: classes of needs with how many there are of each, sizes of workers with what one costs.

import { RESOURCES, type WorkItems, type WorkerSize } from '#core/packing';
import { ROUNDING, ShapeClasses } from './shape-classes.ts';

const R = RESOURCES.length;

/** Needs and capacities are shares of the most capable size in each resource, so that they compare. */
export interface PackingProblem {
  /** How many classes of need there are. */
  readonly classes: number;
  /** Of each class, what it needs of each resource. */
  readonly need: Float64Array;
  /** How many items each class has. */
  readonly demand: Int32Array;
  readonly sizes: number;
  /** Of each size, {@link ROUNDING} included. */
  readonly capacity: Float64Array;
  /** What one worker of the size costs; 1 where workers are counted. */
  readonly cost: Float64Array;
}

/** Workers that are filled in the same way. */
export interface Pattern {
  readonly size: number;
  /** Classes on one worker, each with how many of it. */
  readonly classes: readonly number[];
  readonly times: readonly number[];
  /** How many workers. */
  readonly workers: number;
}

export interface GroupedItems {
  /** Class of each item; -1 where it fits no size. */
  readonly shape: Int32Array;
  /** For packing: what has room for a class has room for each of its items. */
  readonly up: PackingProblem;
  /** For bounds: no item needs less than its class. The same as `up` where classes are exact. */
  readonly down: PackingProblem;
}

/**
 * Groups items into at most about `limit` classes of need.
 * @param cost of one worker of each size
 */
export function groupItems(
  items: WorkItems,
  sizes: readonly WorkerSize[],
  cost: readonly number[],
  limit: number,
): GroupedItems {
  const most = RESOURCES.map((_, r) => Math.max(...sizes.map(({ capacity }) => capacity[r]!)));
  const share = new Float64Array(items.count * R);
  for (let i = 0; i < share.length; i++) {
    const capacity = most[i % R]!;
    share[i] = capacity > 0 ? items.need[i]! / capacity : items.need[i]! > 0 ? Infinity : 0;
  }
  const shared = sizes.map((size) => ({
    ...size,
    capacity: size.capacity.map((value, r) => (most[r]! > 0 ? value / most[r]! : 0)),
  }));
  const classes = new ShapeClasses(shared, limit);
  const shape = new Int32Array(items.count);
  for (let item = 0; item < items.count; item++) {
    const found = classes.of(share, item * R);
    shape[item] = found;
    if (found >= 0) continue;
    classes.coarsen();
    item = -1;
  }
  return problems(share, shape, classes, shared, cost);
}

function problems(
  share: Float64Array,
  shape: Int32Array,
  found: ShapeClasses,
  sizes: readonly WorkerSize[],
  cost: readonly number[],
): GroupedItems {
  const renamed = new Int32Array(found.count).fill(-1);
  let classes = 0;
  for (let c = 0; c < found.count; c++) if (sizes.some((_, s) => found.fits(c, s))) renamed[c] = classes++;
  const demand = new Int32Array(classes);
  const up = new Float64Array(classes * R);
  const down = new Float64Array(classes * R).fill(Infinity);
  for (let item = 0; item < shape.length; item++) {
    const c = renamed[shape[item]!]!;
    shape[item] = c;
    if (c < 0) continue;
    demand[c]!++;
    for (let r = 0; r < R; r++) {
      const value = share[item * R + r]!;
      up[c * R + r] = Math.max(up[c * R + r]!, value);
      down[c * R + r] = Math.min(down[c * R + r]!, value);
    }
  }
  const capacity = Float64Array.from(sizes.flatMap((size) => size.capacity.map((value) => value * (1 + ROUNDING))));
  const rest = { classes, demand, sizes: sizes.length, capacity, cost: Float64Array.from(cost) };
  return { shape, up: { ...rest, need: up }, down: { ...rest, need: down } };
}

/** What workers filled so cost together. */
export function totalCost(problem: PackingProblem, patterns: readonly Pattern[]): number {
  return patterns.reduce((sum, { size, workers }) => sum + workers * problem.cost[size]!, 0);
}

/** Whether a class fits what is free. */
export function fitsIn(problem: PackingProblem, shape: number, free: Float64Array, at = 0): boolean {
  for (let r = 0; r < R; r++) if (problem.need[shape * R + r]! > free[at + r]!) return false;
  return true;
}
