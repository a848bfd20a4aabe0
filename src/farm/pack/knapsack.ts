// The bounded knapsack with several resources: which items, each worth something, are worth the most together on one worker.

import { RESOURCES } from '#core/packing';
import type { PackingProblem } from './packing-problem.ts';

const R = RESOURCES.length;
/** Mixtures of resources that a branch is bounded by. */
const MIXTURES = 12;

export interface Filling {
  readonly classes: number[];
  readonly times: number[];
  readonly worth: number;
}

export interface KnapsackResult {
  /** Distinct fillings that were the best when they were found, the best last; empty where nothing is worth anything. */
  readonly found: Filling[];
  /** No filling is worth more than this. Equal to the best found where the search came to its end. */
  readonly atMost: number;
}

/**
 * Branch and bound, depth first, classes by falling worth for the room that they take. A branch is bounded by its worth and what the
 * rest of the room is worth at most, for each of several mixtures of the resources (surrogate relaxation of the constraints).
 * @param worth of one item of each class
 * @param available most items of each class
 * @param maxNodes branches looked at, at most; then the result's `atMost` is the bound of the whole
 */
export function solveKnapsack(
  problem: PackingProblem,
  size: number,
  worth: Float64Array,
  available: Int32Array,
  maxNodes: number,
): KnapsackResult {
  const capacity = problem.capacity.subarray(size * R, (size + 1) * R);
  const candidates: number[] = [];
  for (let c = 0; c < problem.classes; c++) {
    if (worth[c]! > 1e-12 && available[c]! > 0 && fits(problem.need, c * R, capacity, 0)) candidates.push(c);
  }
  if (candidates.length === 0) return { found: [], atMost: 0 };
  const mixtures = mixResources(problem, capacity, candidates, worth);
  const main = mixtures[0]!;
  const ratio = (c: number) => worth[c]! / mixed(main, problem.need, c * R);
  const order = candidates.sort((a, b) => ratio(b) - ratio(a) || a - b);
  const search = new Search(problem, order, worth, available, mixtures, maxNodes);
  return search.run(capacity);
}

class Search {
  readonly #count: number;
  readonly #order: readonly number[];
  readonly #need: Float64Array;
  readonly #worth: Float64Array;
  readonly #most: Int32Array;
  readonly #mixtures: readonly Float64Array[];
  /** For each class in the order and each mixture: the best worth for room of this class and those after it. */
  readonly #bestAfter: Float64Array;
  readonly #times: Int32Array;
  readonly #found: Filling[] = [];
  #nodes: number;
  #best = 1e-12;

  constructor(
    problem: PackingProblem,
    order: readonly number[],
    worth: Float64Array,
    available: Int32Array,
    mixtures: readonly Float64Array[],
    maxNodes: number,
  ) {
    const count = order.length;
    const m = mixtures.length;
    this.#count = count;
    this.#order = order;
    this.#mixtures = mixtures;
    this.#nodes = maxNodes;
    this.#need = new Float64Array(count * R);
    this.#worth = Float64Array.from(order, (c) => worth[c]!);
    this.#most = Int32Array.from(order, (c) => available[c]!);
    this.#times = new Int32Array(count);
    this.#bestAfter = new Float64Array((count + 1) * m);
    for (let i = count - 1; i >= 0; i--) {
      const c = order[i]!;
      for (let r = 0; r < R; r++) this.#need[i * R + r] = problem.need[c * R + r]!;
      for (let k = 0; k < m; k++) {
        const own = worth[c]! / mixed(mixtures[k]!, problem.need, c * R);
        this.#bestAfter[i * m + k] = Math.max(this.#bestAfter[(i + 1) * m + k]!, own);
      }
    }
  }

  run(capacity: Float64Array): KnapsackResult {
    const whole = this.#bound(0, capacity);
    this.#branch(0, capacity.slice(), 0);
    return { found: this.#found, atMost: this.#nodes > 0 ? this.#best : Math.max(this.#best, whole) };
  }

  /** What the free room is worth at most, filled with classes from `from` on. */
  #bound(from: number, free: Float64Array): number {
    let least = Infinity;
    const m = this.#mixtures.length;
    for (let k = 0; k < m; k++) {
      const best = this.#bestAfter[from * m + k]!;
      least = Math.min(least, best === 0 ? 0 : best * mixed(this.#mixtures[k]!, free, 0));
    }
    return least;
  }

  #branch(from: number, free: Float64Array, worth: number): void {
    if (worth > this.#best * (1 + 1e-12)) this.#keep(worth);
    for (let i = from; i < this.#count; i++) {
      if (this.#nodes <= 0) return;
      if (worth + this.#bound(i, free) <= this.#best * (1 + 1e-9)) return;
      let times = this.#room(i, free);
      if (times === 0) continue;
      // As many as fit first; then one less each, with what comes after it.
      for (let r = 0; r < R; r++) free[r]! -= times * this.#need[i * R + r]!;
      for (; times > 0; times--) {
        this.#nodes--;
        this.#times[i] = times;
        this.#branch(i + 1, free, worth + times * this.#worth[i]!);
        for (let r = 0; r < R; r++) free[r]! += this.#need[i * R + r]!;
        if (this.#nodes <= 0) break;
      }
      if (times > 1) for (let r = 0; r < R; r++) free[r]! += (times - 1) * this.#need[i * R + r]!;
      this.#times[i] = 0;
    }
  }

  #room(i: number, free: Float64Array): number {
    let times = this.#most[i]!;
    for (let r = 0; r < R; r++) {
      const need = this.#need[i * R + r]!;
      if (need > 0) times = Math.min(times, Math.floor(free[r]! / need));
    }
    return Math.max(0, times);
  }

  #keep(worth: number): void {
    const classes: number[] = [];
    const times: number[] = [];
    for (let i = 0; i < this.#count; i++) {
      if (this.#times[i]! === 0) continue;
      classes.push(this.#order[i]!);
      times.push(this.#times[i]!);
    }
    this.#best = worth;
    this.#found.push({ classes, times, worth });
  }
}

/**
 * Weights of the resources under which room is worth little: the first is the best mixture found (a few steps of the dual of the
 * fractional knapsack), then each resource alone and some between.
 */
function mixResources(
  problem: PackingProblem,
  capacity: Float64Array,
  candidates: readonly number[],
  worth: Float64Array,
): Float64Array[] {
  const active: number[] = [];
  for (let r = 0; r < R; r++) if (candidates.some((c) => problem.need[c * R + r]! > 0)) active.push(r);
  // Needs of nothing at all take no room: any weight will do.
  if (active.length === 0) return [new Float64Array(R).fill(1)];
  const unit = (weights: (r: number) => number) => {
    const mixture = new Float64Array(R);
    for (const r of active) mixture[r] = weights(r) / capacity[r]!;
    return mixture;
  };
  const value = (mixture: Float64Array) => {
    let best = 0;
    for (const c of candidates) best = Math.max(best, worth[c]! / mixed(mixture, problem.need, c * R));
    return best * mixed(mixture, capacity, 0);
  };
  const shares = new Float64Array(R);
  for (const r of active) shares[r] = 1 / active.length;
  const even = unit((r) => shares[r]!);
  const mixtures: Float64Array[] = [even];
  let best = even;
  let least = value(even);
  for (let step = 0.5; active.length > 1 && step > 0.02;) {
    let better = false;
    for (const up of active) {
      const tried = unit((r) => shares[r]! * (1 - step) + (r === up ? step : 0));
      const bound = value(tried);
      if (bound >= least) continue;
      least = bound;
      best = tried;
      better = true;
      for (const r of active) shares[r] = shares[r]! * (1 - step) + (r === up ? step : 0);
      mixtures.push(tried);
      break;
    }
    if (!better) step /= 2;
  }
  const alone = active.map((only) => unit((r) => (r === only ? 1 : 0)));
  return [best, ...alone, ...mixtures.filter((mixture) => mixture !== best).slice(-MIXTURES)];
}

/** Needs weighted together; a little more than nothing, so that it can be divided by. */
function mixed(weights: Float64Array, values: Float64Array, at: number): number {
  let sum = 0;
  for (let r = 0; r < R; r++) sum += weights[r]! * values[at + r]!;
  return Math.max(sum, 1e-12);
}

function fits(need: Float64Array, at: number, free: Float64Array, from: number): boolean {
  for (let r = 0; r < R; r++) if (need[at + r]! > free[from + r]!) return false;
  return true;
}
