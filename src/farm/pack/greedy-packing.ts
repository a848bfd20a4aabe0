// Greedy rules for packing vectors. None wins everywhere: all are tried, and the best packing is kept.

import { RESOURCES } from '#core/packing';
import { fitsIn, totalCost, type PackingProblem, type Pattern } from './packing-problem.ts';

const R = RESOURCES.length;
/** Most comparisons of an item with a worker in one rule; a rule that would take more is left out. */
const MAX_STEPS = 3e8;

/** How large a class is, for the order in which items are packed and for how full a worker is. */
type Measure = 'max' | 'sum' | 'weighted' | 'l2';

export interface GreedyPacking {
  readonly patterns: Pattern[];
  readonly cost: number;
  /** The rule that made it. */
  readonly rule: string;
}

/**
 * The best of first fit and best fit decreasing (by the largest, the summed, the demand-weighted share and its length) and of
 * the bin-centric rules dot product and L2 (Panigrahy and others, Heuristics for Vector Bin Packing, 2011).
 * With several sizes each rule packs onto each size alone and onto the size that is used best, worker by worker.
 */
export function packGreedily(problem: PackingProblem, deadlineMs = Infinity): GreedyPacking {
  let best: GreedyPacking | null = null;
  for (const [rule, make] of rules(problem)) {
    if (best !== null && performance.now() > deadlineMs) break;
    const patterns = make();
    if (patterns === null) continue;
    const cost = totalCost(problem, patterns);
    if (best === null || cost < best.cost) best = { patterns, cost, rule };
  }
  return best ?? { patterns: [], cost: 0, rule: 'nothing to pack' };
}

function* rules(problem: PackingProblem): Generator<[string, () => Pattern[] | null]> {
  const even = new Float64Array(R).fill(1);
  const byDemand = demandWeights(problem);
  const sizes = Array.from({ length: problem.sizes }, (_, size) => [size]);
  if (problem.sizes > 1) sizes.push(sizes.map(([size]) => size!));
  for (const allowed of sizes) {
    yield ['dot product', () => fillWorkers(problem, allowed, 'dot', byDemand)];
    yield ['L2', () => fillWorkers(problem, allowed, 'l2', byDemand)];
    yield ['dot product, even weights', () => fillWorkers(problem, allowed, 'dot', even)];
    yield ['L2, even weights', () => fillWorkers(problem, allowed, 'l2', even)];
    if (allowed.length > 1) continue;
    for (const measure of ['weighted', 'max', 'sum', 'l2'] as const) {
      const weights = measure === 'weighted' ? byDemand : even;
      yield [`first fit decreasing, ${measure}`, () => fitItems(problem, allowed[0]!, measure, weights, false)];
      yield [`best fit decreasing, ${measure}`, () => fitItems(problem, allowed[0]!, measure, weights, true)];
    }
  }
}

/** Mean share that is wanted of each resource: a scarce one weighs more. */
export function demandWeights(problem: PackingProblem): Float64Array {
  const weights = new Float64Array(R);
  for (let c = 0; c < problem.classes; c++) {
    for (let r = 0; r < R; r++) weights[r]! += problem.demand[c]! * problem.need[c * R + r]!;
  }
  const sum = weights.reduce((a, b) => a + b, 0);
  return sum > 0 ? weights.map((value) => value / sum) : weights.fill(1);
}

/** Fills one worker after the other: always the class that suits best what is free. Null where an item fits none of the sizes. */
export function fillWorkers(
  problem: PackingProblem,
  allowed: readonly number[],
  score: 'dot' | 'l2',
  weights: Float64Array,
  demand: Int32Array = problem.demand,
): Pattern[] | null {
  const left = demand.slice();
  const patterns: Pattern[] = [];
  let classes: number[] = [];
  for (let c = 0; c < left.length; c++) if (left[c]! > 0) classes.push(c);
  while (classes.length > 0) {
    let chosen: Filled | null = null;
    for (const size of allowed) {
      const filled = fillOne(problem, classes, left, size, score, weights);
      if (filled.classes.length > 0 && (chosen === null || filled.worth > chosen.worth)) chosen = filled;
    }
    if (chosen === null) return null;
    let workers = Infinity;
    for (let i = 0; i < chosen.classes.length; i++) {
      workers = Math.min(workers, Math.floor(left[chosen.classes[i]!]! / chosen.times[i]!));
    }
    for (let i = 0; i < chosen.classes.length; i++) left[chosen.classes[i]!]! -= workers * chosen.times[i]!;
    patterns.push({ size: chosen.size, classes: chosen.classes, times: chosen.times, workers });
    classes = classes.filter((c) => left[c]! > 0);
  }
  return patterns;
}

interface Filled {
  readonly size: number;
  readonly classes: number[];
  readonly times: number[];
  /** Weighted shares on it, for what it costs. */
  readonly worth: number;
}

function fillOne(
  problem: PackingProblem,
  classes: readonly number[],
  left: Int32Array,
  size: number,
  score: 'dot' | 'l2',
  weights: Float64Array,
): Filled {
  const { need } = problem;
  const free = problem.capacity.slice(size * R, (size + 1) * R);
  const on: number[] = [];
  const times: number[] = [];
  let worth = 0;
  let candidates = classes;
  for (;;) {
    // What does not fit now will not fit later: candidates only become fewer.
    const fitting: number[] = [];
    let best = -1;
    let bestScore = -Infinity;
    for (const c of candidates) {
      if (!fitsIn(problem, c, free)) continue;
      const at = on.indexOf(c);
      if (at >= 0 && times[at]! >= left[c]!) continue;
      fitting.push(c);
      let value = 0;
      for (let r = 0; r < R; r++) {
        const share = need[c * R + r]!;
        const rest = free[r]! - share;
        value += score === 'dot' ? weights[r]! * share * free[r]! : -weights[r]! * rest * rest;
      }
      if (value <= bestScore) continue;
      bestScore = value;
      best = c;
    }
    if (best < 0) break;
    const at = on.indexOf(best);
    if (at >= 0) times[at]!++;
    else {
      on.push(best);
      times.push(1);
    }
    for (let r = 0; r < R; r++) {
      free[r]! -= need[best * R + r]!;
      worth += weights[r]! * need[best * R + r]!;
    }
    candidates = fitting;
  }
  return { size, classes: on, times, worth: worth / problem.cost[size]! };
}

/** Items in falling size, each onto the first or the fullest worker that has room. Null where one does not fit the size. */
function fitItems(
  problem: PackingProblem,
  size: number,
  measure: Measure,
  weights: Float64Array,
  fullest: boolean,
): Pattern[] | null {
  const { need, demand } = problem;
  const capacity = problem.capacity.subarray(size * R, (size + 1) * R);
  const items = demand.reduce((a, b) => a + b, 0);
  const large = new Float64Array(problem.classes);
  let sum = 0;
  for (let c = 0; c < problem.classes; c++) {
    large[c] = measured(need, c * R, measure, weights);
    sum += demand[c]! * measured(need, c * R, 'max', weights);
    if (!fitsIn(problem, c, capacity)) return null;
  }
  if ((fullest ? items : problem.classes) * sum > MAX_STEPS) return null;
  const order = Array.from(large.keys()).sort((a, b) => large[b]! - large[a]! || a - b);
  const free = new Float64Array(items * R);
  const on: number[][] = [];
  for (const c of order) {
    let from = 0;
    for (let n = 0; n < demand[c]!; n++) {
      let chosen = -1;
      let least = Infinity;
      for (let w = from; w < on.length; w++) {
        if (!fitsIn(problem, c, free, w * R)) continue;
        if (!fullest) {
          chosen = w;
          break;
        }
        const rest = measured(free, w * R, measure, weights);
        if (rest >= least) continue;
        least = rest;
        chosen = w;
      }
      if (chosen < 0) {
        chosen = on.length;
        on.push([]);
        free.set(capacity, chosen * R);
      }
      // All of one class are alike: what was too full for the last one is too full for the next.
      if (!fullest) from = chosen;
      on[chosen]!.push(c);
      for (let r = 0; r < R; r++) free[chosen * R + r]! -= need[c * R + r]!;
    }
  }
  return on.map((classes) => pattern(size, classes));
}

/** One worker with these classes on it, a class as often as it stands there. */
export function pattern(size: number, items: readonly number[]): Pattern {
  const times = new Map<number, number>();
  for (const c of items) times.set(c, (times.get(c) ?? 0) + 1);
  return { size, classes: [...times.keys()], times: [...times.values()], workers: 1 };
}

function measured(values: Float64Array, at: number, measure: Measure, weights: Float64Array): number {
  let result = 0;
  for (let r = 0; r < R; r++) {
    const value = values[at + r]!;
    if (measure === 'max') result = Math.max(result, value);
    else if (measure === 'l2') result += value * value;
    else result += weights[r]! * value;
  }
  return result;
}
