// Column generation: patterns are made as the linear program asks for them, its optimum bounds every packing, and whole numbers are dived for.

import type { Highs } from 'highs';
import { ColumnMaster, type MasterSolution } from './column-master.ts';
import { packGreedily } from './greedy-packing.ts';
import { solveKnapsack } from './knapsack.ts';
import { totalCost, type PackingProblem, type Pattern } from './packing-problem.ts';

/** Branches of one pricing problem. */
const PRICING_NODES = 200_000;
/** Branches of one pricing problem while diving, where nothing has to be proven. */
const DIVING_NODES = 20_000;
/** Reduced costs above this are none. */
const TOLERANCE = 1e-7;
/** Rounds of pricing between two fixings of a dive. */
const DIVING_ROUNDS = 3;
/** Share of the time for the last whole-number search over the columns known. */
const WHOLE_SHARE = 0.3;
/** Most items of a rest for which whole numbers are searched for. */
const WHOLE_ITEMS = 2000;

export interface ColumnResult {
  /** No packing costs less. */
  readonly bound: number;
  /** Whether the linear program was solved over all patterns there are. */
  readonly optimal: boolean;
  /** The best packing found; null where none was asked for or none found. */
  readonly patterns: Pattern[] | null;
}

/**
 * Solves the linear relaxation by column generation (Gilmore and Gomory, 1961), priced by {@link solveKnapsack}, and dives for a packing.
 * The bound is Farley's (A note on bounding a class of linear programming problems, 1990): any worth of the classes, scaled down until
 * no filling is worth more than its worker costs, bounds all packings, so it holds whenever the time is over.
 * @param start patterns to begin with; together they must cover all demand
 * @param untilMs on the clock of `performance.now()`; kept but for one linear program and one pricing
 * @param whole whether a packing is wanted, or the bound only
 */
export function generateColumns(
  problem: PackingProblem,
  highs: Highs,
  start: readonly Pattern[],
  untilMs: number,
  whole: boolean,
): ColumnResult {
  const master = new ColumnMaster(problem, highs);
  try {
    for (const column of start) master.add(column);
    const beganMs = performance.now();
    const boundUntilMs = whole ? beganMs + (untilMs - beganMs) / 2 : untilMs;
    const relaxed = relax(problem, master, boundUntilMs);
    if (!whole || relaxed.solution === null) return { ...relaxed, patterns: null };
    return { ...relaxed, patterns: dive(problem, master, relaxed.solution, relaxed.bound, untilMs) };
  } finally {
    master.dispose();
  }
}

interface Priced {
  /** Columns that were new. */
  readonly added: number;
  /** Farley's, for the worths that were priced. */
  readonly bound: number;
}

interface Relaxed {
  readonly bound: number;
  readonly optimal: boolean;
  readonly solution: MasterSolution | null;
}

function relax(problem: PackingProblem, master: ColumnMaster, untilMs: number): Relaxed {
  let bound = 0;
  let solution: MasterSolution | null = null;
  let centre = null as Float64Array | null;
  for (;;) {
    const next = master.solve((untilMs - performance.now()) / 1000);
    if (next === null) return { bound, optimal: false, solution };
    solution = next;
    // Worths between the best ones so far and the newest swing less (Wentges, 1997); the newest alone where these bring nothing.
    const smooth: Float64Array | null = centre?.map((value, c) => 0.5 * value + 0.5 * next.worth[c]!) ?? null;
    let priced: Priced | null = smooth === null ? null : price(problem, master, smooth, problem.demand, PRICING_NODES);
    let worth: Float64Array = smooth ?? next.worth;
    if (priced === null || priced.added === 0) {
      if (priced !== null && priced.bound > bound) [bound, centre] = [priced.bound, worth];
      worth = next.worth;
      priced = price(problem, master, worth, problem.demand, PRICING_NODES);
    }
    if (priced.bound > bound) [bound, centre] = [priced.bound, worth];
    centre ??= worth;
    if (priced.added === 0 || bound >= next.cost * (1 - TOLERANCE)) {
      return { bound, optimal: bound >= next.cost * (1 - 1e-6), solution };
    }
    if (performance.now() > untilMs) return { bound, optimal: false, solution };
  }
}

/** Adds fillings that are worth more than they cost, for each size. `bound` is Farley's for these worths. */
function price(
  problem: PackingProblem,
  master: ColumnMaster,
  worth: Float64Array,
  available: Int32Array,
  nodes: number,
): Priced {
  let added = 0;
  let most = 0;
  for (let size = 0; size < problem.sizes; size++) {
    const { found, atMost } = solveKnapsack(problem, size, worth, available, nodes);
    most = Math.max(most, atMost / problem.cost[size]!);
    for (const filling of found.slice(-8)) {
      if (filling.worth > problem.cost[size]! * (1 + TOLERANCE) && master.add({ size, ...filling })) added++;
    }
  }
  let sum = 0;
  for (let c = 0; c < problem.classes; c++) sum += problem.demand[c]! * worth[c]!;
  return { added, bound: most > 0 ? sum / Math.max(most, 1e-12) : 0 };
}

/**
 * Fixes what the relaxation uses whole, then what it nearly does, solves again for the rest with new patterns for it, and so on. Each rest on
 * the way is also packed greedily, and a small one by whole numbers over the columns known; the best of all is given.
 */
function dive(
  problem: PackingProblem,
  master: ColumnMaster,
  relaxed: MasterSolution,
  bound: number,
  untilMs: number,
): Pattern[] | null {
  const left = problem.demand.slice();
  const fixed: Pattern[] = [];
  let best: Pattern[] | null = null;
  let bestCost = Infinity;
  const beganMs = performance.now();
  const wholeMs = (untilMs - beganMs) * WHOLE_SHARE;
  let wholeTried = false;
  const consider = (rest: readonly Pattern[] | null) => {
    if (rest === null) return;
    const cost = totalCost(problem, fixed) + totalCost(problem, rest);
    if (cost >= bestCost) return;
    bestCost = cost;
    best = [...fixed, ...rest];
  };
  const good = () => bestCost <= Math.ceil(bound - 1e-6) + 1e-9 && problem.sizes === 1 && problem.cost[0] === 1;
  let solution: MasterSolution | null = relaxed;
  while (solution !== null) {
    fix(master, solution.workers, left, fixed);
    const items = left.reduce((a, b) => a + b, 0);
    if (items <= WHOLE_ITEMS || performance.now() > untilMs) {
      consider(packRest(problem, left));
      if (items === 0 || good() || performance.now() > untilMs) break;
      if (!wholeTried && items <= WHOLE_ITEMS && left.some((count) => count > 1)) {
        wholeTried = true;
        master.want(left);
        consider(wholeRest(master, left, wholeMs / 1000));
        if (good()) break;
      }
    }
    master.want(left);
    solution = master.solve((untilMs - performance.now()) / 1000);
    for (let round = 0; solution !== null && round < DIVING_ROUNDS; round++) {
      if (price(problem, master, solution.worth, left, DIVING_NODES).added === 0) break;
      solution = master.solve((untilMs - performance.now()) / 1000) ?? solution;
    }
  }
  consider(packRest(problem, left));
  return best;
}

/** Takes the whole parts of the relaxation out of what is left; where there are none, what it uses most nearly whole. */
function fix(master: ColumnMaster, workers: Float64Array, left: Int32Array, fixed: Pattern[]): void {
  const byPart = Array.from(workers.keys())
    .filter((j) => workers[j]! > 1e-6)
    .sort((a, b) => workers[b]! - Math.floor(workers[b]!) - (workers[a]! - Math.floor(workers[a]!)) || a - b);
  let taken = 0;
  for (const j of byPart) taken += take(master.columns[j]!, Math.floor(workers[j]! + 1e-6), left, fixed);
  if (taken > 0) return;
  const least = Math.max(1, Math.floor(byPart.length / 40));
  for (const j of byPart) {
    if (taken >= least && workers[j]! < 0.9) return;
    taken += take(master.columns[j]!, 1, left, fixed);
  }
}

/** Takes up to so many workers of a column as are filled to the last item by what is left. @returns how many */
function take(
  column: { size: number; classes: readonly number[]; times: readonly number[] },
  most: number,
  left: Int32Array,
  fixed: Pattern[],
): number {
  let workers = most;
  column.classes.forEach((c, i) => {
    workers = Math.min(workers, Math.floor(left[c]! / column.times[i]!));
  });
  if (workers <= 0) return 0;
  column.classes.forEach((c, i) => (left[c]! -= workers * column.times[i]!));
  fixed.push({ size: column.size, classes: column.classes, times: column.times, workers });
  return workers;
}

function wholeRest(master: ColumnMaster, left: Int32Array, seconds: number): Pattern[] | null {
  const workers = master.solveWhole(seconds);
  if (workers === null) return null;
  const covered = new Int32Array(left.length);
  const patterns: Pattern[] = [];
  workers.forEach((count, j) => {
    if (count <= 0) return;
    const { size, classes, times } = master.columns[j]!;
    classes.forEach((c, i) => (covered[c]! += count * times[i]!));
    patterns.push({ size, classes, times, workers: count });
  });
  return left.every((count, c) => covered[c]! >= count) ? patterns : null;
}

function packRest(problem: PackingProblem, left: Int32Array): Pattern[] | null {
  if (left.every((count) => count === 0)) return [];
  const rest = { ...problem, demand: left.slice() };
  const greedy = packGreedily(rest);
  return greedy.patterns;
}
