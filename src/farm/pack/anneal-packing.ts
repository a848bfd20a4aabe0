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
  let found: number[][] | null = null;
  let workers = unfold(best);
  /** The most workers for which it did not succeed. */
  let failed = bound - 1;
  let patience = MOVES_PER_ITEM;
  while (workers.length > bound && performance.now() < untilMs) {
    const target = Math.max(bound, Math.floor((workers.length + failed) / 2));
    const state = new Overfull(problem, shrink(problem, workers, target, random), random);
    const done = state.anneal(patience, (untilMs - performance.now()) * ATTEMPT_SHARE);
    const mended = state.mend();
    if (mended.length < workers.length) found = workers = mended;
    if (done) continue;
    if (workers.length <= target + 1) patience *= 2;
    else failed = target;
  }
  return found === null ? null : found.map((items) => pattern(0, items));
}

function unfold(patterns: readonly Pattern[]): number[][] {
  return patterns.flatMap(({ classes, times, workers }) =>
    Array.from({ length: workers }, () => classes.flatMap((c, i) => Array.from({ length: times[i]! }, () => c))),
  );
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

  constructor(problem: PackingProblem, workers: number[][], random: Random) {
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
    const b = below(this.workers.length, random);
    if (a === b) return;
    const [onA, onB] = [this.workers[a]!, this.workers[b]!];
    const i = below(onA.length, random);
    const single = onB.length === 0 || random() < MOVE_SHARE * 2 ** 32;
    const j = single ? -1 : below(onB.length, random);
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
    if (single) {
      onB.push(onA[i]!);
      onA[i] = onA[onA.length - 1]!;
      onA.pop();
    } else [onA[i], onB[j]] = [onB[j]!, onA[i]!];
    this.#setOver(a, overA);
    this.#setOver(b, overB);
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
