// Simulated annealing for packings of many different items: fewer workers than the best so far, overfull at first, until none is.

import { seededRandom, type Random } from '#analysis/random';
import { RESOURCES } from '#core/packing';
import { packGreedily, pattern } from './greedy-packing.ts';
import type { PackingProblem, Pattern } from './packing-problem.ts';

const R = RESOURCES.length;
/** Temperatures, as shares of a worker: an exchange that adds so much of overfullness is taken once in e times. */
const HOT = 0.01;
const COLD = 0.002;
/** Exchanges tried for each item in the first attempt at a number of workers; each further attempt at it tries twice as many. */
const MOVES_PER_ITEM = 4000;
/** Share of single moves among the exchanges. */
const MOVE_SHARE = 0.15;
/** Share of the time left for one attempt. */
const ATTEMPT_SHARE = 0.35;
/** Items that need almost the same, of each item; and share of the exchanges that are with one of these. */
const NEAR = 32;
const NEAR_SHARE = 0.7;
/** Most items that are compared with each other for it. */
const MAX_NEAR_ITEMS = 12_000;
/** Exchanges between two looks at the clock. */
const CLOCK_MOVES = 20_000;

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
    const state = new Overfull(single.problem, shrink(single.problem, workers, target, random), near, random);
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

function unfold(patterns: readonly Pattern[]): number[][] {
  return patterns.flatMap(({ classes, times, workers }) =>
    Array.from({ length: workers }, () => classes.flatMap((c, i) => Array.from({ length: times[i]! }, () => c))),
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
  const fullness = (items: readonly number[]) => items.reduce((sum, c) => sum + total(problem.need, c), 0);
  const byFullness = workers.map((items) => [...items]).sort((a, b) => fullness(b) - fullness(a));
  const kept = byFullness.slice(0, target);
  for (const items of byFullness.slice(target)) {
    for (const c of items) kept[below(target, random)]!.push(c);
  }
  return kept;
}

/** Workers of which some have more on them than they can carry. */
class Overfull {
  readonly workers: number[][];
  readonly #problem: PackingProblem;
  readonly #need: Float64Array;
  readonly #capacity: Float64Array;
  readonly #load: Float64Array;
  readonly #over: Float64Array;
  readonly #random: Random;
  readonly #items: number;
  /** Overfull workers, and where each stands among them; -1 for the others. */
  readonly #full: number[] = [];
  readonly #fullAt: Int32Array;

  readonly #near: Int32Array | null;
  /** Where each item is, while exchanges are made. */
  readonly #worker: Int32Array;
  readonly #place: Int32Array;

  constructor(problem: PackingProblem, workers: number[][], near: Int32Array | null, random: Random) {
    this.#near = near;
    this.#worker = new Int32Array(problem.classes);
    this.#place = new Int32Array(problem.classes);
    workers.forEach((items, w) => items.forEach((item, i) => this.#put(item, w, i)));
    this.workers = workers;
    this.#problem = problem;
    this.#need = problem.need;
    this.#capacity = problem.capacity.subarray(0, R);
    this.#random = random;
    this.#items = workers.reduce((sum, items) => sum + items.length, 0);
    this.#load = new Float64Array(workers.length * R);
    this.#over = new Float64Array(workers.length);
    this.#fullAt = new Int32Array(workers.length).fill(-1);
    for (let w = 0; w < workers.length; w++) this.#recount(w);
  }

  /** @param forMs at most: it cools faster where that is not enough for all moves @returns whether no worker is overfull any more */
  anneal(movesPerItem: number, forMs: number): boolean {
    const moves = movesPerItem * this.#items;
    const beganMs = performance.now();
    let temperature = HOT;
    for (let move = 0; this.#full.length > 0; move++) {
      if (move % CLOCK_MOVES === 0) {
        const progress = Math.max(move / moves, (performance.now() - beganMs) / forMs);
        if (progress >= 1) break;
        temperature = HOT * (COLD / HOT) ** progress;
      }
      this.#try(temperature);
    }
    // The loads were added up over millions of exchanges: once more from the items themselves.
    for (let w = 0; w < this.workers.length; w++) this.#recount(w);
    return this.#full.length === 0;
  }

  /** Takes items off the workers that are still overfull, and packs these onto others with room, or onto more workers. */
  mend(): number[][] {
    const off = new Int32Array(this.#problem.classes);
    while (this.#full.length > 0) {
      const worker = this.#full[0]!;
      const items = this.workers[worker]!;
      const [taken] = items.splice(this.#leastThatMends(worker), 1);
      this.#recount(worker);
      const other = this.workers.findIndex((_, w) => w !== worker && this.#hasRoom(w, taken!));
      if (other < 0) off[taken!]!++;
      else {
        this.workers[other]!.push(taken!);
        this.#recount(other);
      }
    }
    const rest = packGreedily({ ...this.#problem, demand: off }).patterns;
    return [...this.workers.filter((items) => items.length > 0), ...unfold(rest)];
  }

  /** Place of the smallest item without which the worker is not overfull; of the largest where it takes more than one. */
  #leastThatMends(worker: number): number {
    const items = this.workers[worker]!;
    let least = -1;
    let largest = 0;
    const sum = (c: number) => total(this.#need, c);
    items.forEach((c, i) => {
      if (sum(c) > sum(items[largest]!)) largest = i;
      let mends = true;
      for (let r = 0; r < R; r++) {
        if (this.#load[worker * R + r]! - this.#need[c * R + r]! > this.#capacity[r]!) mends = false;
      }
      if (mends && (least < 0 || sum(c) < sum(items[least]!))) least = i;
    });
    return least < 0 ? largest : least;
  }

  #hasRoom(worker: number, c: number): boolean {
    for (let r = 0; r < R; r++) {
      if (this.#load[worker * R + r]! + this.#need[c * R + r]! > this.#capacity[r]!) return false;
    }
    return true;
  }

  /** One exchange between an overfull worker and any other. */
  #try(temperature: number): void {
    const random = this.#random;
    const a = this.#full[below(this.#full.length, random)]!;
    const onA = this.workers[a]!;
    const i = below(onA.length, random);
    let b: number;
    let j = -1;
    if (this.#near !== null && random() < NEAR_SHARE * 2 ** 32) {
      const other = this.#near[onA[i]! * NEAR + below(NEAR, random)]!;
      b = this.#worker[other]!;
      j = this.#place[other]!;
    } else {
      b = below(this.workers.length, random);
      const count = this.workers[b]!.length;
      if (count > 0 && random() >= MOVE_SHARE * 2 ** 32) j = below(count, random);
    }
    if (a === b) return;
    const onB = this.workers[b]!;
    const single = j < 0;
    const give = onA[i]! * R;
    const take = single ? -1 : onB[j]! * R;
    let overA = 0;
    let overB = 0;
    for (let r = 0; r < R; r++) {
      const change = this.#need[give + r]! - (take < 0 ? 0 : this.#need[take + r]!);
      const restA = this.#load[a * R + r]! - change - this.#capacity[r]!;
      const restB = this.#load[b * R + r]! + change - this.#capacity[r]!;
      if (restA > 0) overA += restA;
      if (restB > 0) overB += restB;
    }
    const worse = overA + overB - this.#over[a]! - this.#over[b]!;
    if (worse > 0 && random() >= Math.exp(-worse / temperature) * 2 ** 32) return;
    for (let r = 0; r < R; r++) {
      const change = this.#need[give + r]! - (take < 0 ? 0 : this.#need[take + r]!);
      this.#load[a * R + r]! -= change;
      this.#load[b * R + r]! += change;
    }
    const [given, last] = [onA[i]!, single ? onA.pop()! : onB[j]!];
    if (!single || last !== given) {
      onA[i] = last;
      this.#put(last, a, i);
    }
    if (single) j = onB.length;
    onB[j] = given;
    this.#put(given, b, j);
    this.#setOver(a, overA);
    this.#setOver(b, overB);
  }

  #put(item: number, worker: number, place: number): void {
    this.#worker[item] = worker;
    this.#place[item] = place;
  }

  #recount(worker: number): void {
    const load = new Float64Array(R);
    for (const c of this.workers[worker]!) for (let r = 0; r < R; r++) load[r]! += this.#need[c * R + r]!;
    this.#load.set(load, worker * R);
    let over = 0;
    for (let r = 0; r < R; r++) over += Math.max(0, load[r]! - this.#capacity[r]!);
    this.#setOver(worker, over);
  }

  #setOver(worker: number, over: number): void {
    this.#over[worker] = over;
    const at = this.#fullAt[worker]!;
    if (over > 0 && at < 0) {
      this.#fullAt[worker] = this.#full.length;
      this.#full.push(worker);
    } else if (over === 0 && at >= 0) {
      const last = this.#full.pop()!;
      if (last !== worker) {
        this.#full[at] = last;
        this.#fullAt[last] = at;
      }
      this.#fullAt[worker] = -1;
    }
  }
}

function total(need: Float64Array, c: number): number {
  let sum = 0;
  for (let r = 0; r < R; r++) sum += need[c * R + r]!;
  return sum;
}

/** A whole number below a small limit; the bias of 2^-20 does not matter here. */
function below(limit: number, random: Random): number {
  return Math.floor((random() / 2 ** 32) * limit);
}
