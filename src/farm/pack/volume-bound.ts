// Lower bounds of the cost of a packing that take no optimisation: volume, and dual feasible functions of one resource.

import { RESOURCES } from '#core/packing';
import type { PackingProblem } from './packing-problem.ts';

const R = RESOURCES.length;
/** Functions of each family. */
const STEPS = 60;
/** How much a share may be off, and still counts as the smaller one: bounds stay below. */
const EPSILON = 1e-7;

export interface CostBound {
  readonly cost: number;
  readonly by: 'volume' | 'dual feasible function' | 'column generation';
}

/**
 * Volume: the sum of shares of each resource against the cheapest that this resource is bought for.
 * With one size also the dual feasible functions f0 and u(k) (Fekete and Schepers, New classes of fast lower bounds for bin packing
 * problems, 2001) over each resource: a function that maps shares such that what fits one worker still does, and sums them.
 */
export function simpleBound(problem: PackingProblem): CostBound {
  let best: CostBound = { cost: 0, by: 'volume' };
  const consider = (cost: number, by: CostBound['by']) => {
    // The volume is preferred where both give the same.
    if (cost > best.cost * (1 + 1e-9)) best = { cost, by };
  };
  for (let r = 0; r < R; r++) {
    let perUnit = Infinity;
    for (let s = 0; s < problem.sizes; s++) {
      perUnit = Math.min(perUnit, problem.cost[s]! / problem.capacity[s * R + r]!);
    }
    if (perUnit === Infinity) continue;
    consider(perUnit * total(problem, r, (share) => share), 'volume');
    if (problem.sizes > 1) continue;
    for (let k = 1; k <= STEPS; k++) {
      const cut = k / (2 * STEPS);
      const cost = problem.cost[0]!;
      consider(cost * total(problem, r, (x) => threshold(x, cut)), 'dual feasible function');
      if (k <= 20) consider(cost * total(problem, r, (x) => staircase(x, k)), 'dual feasible function');
    }
  }
  return best;
}

/** What more than 1 - cut takes all, what is below cut takes nothing. @param cut 0 to 1/2 */
function threshold(x: number, cut: number): number {
  if (x > 1 - cut + EPSILON) return 1;
  return x < cut + EPSILON ? 0 : x;
}

function staircase(x: number, k: number): number {
  const scaled = (k + 1) * x;
  const whole = Math.round(scaled);
  return Math.abs(scaled - whole) < EPSILON ? Math.min(x, whole / (k + 1), 1) : Math.floor(scaled) / k;
}

function total(problem: PackingProblem, resource: number, f: (share: number) => number): number {
  let sum = 0;
  for (let c = 0; c < problem.classes; c++) sum += problem.demand[c]! * f(problem.need[c * R + resource]!);
  return sum;
}
