// Workers of which some have more on them than they can carry, and the exchanges of items that make them less so.

import type { Random } from '#analysis/random';
import { RESOURCES } from '#core/packing';
import { packGreedily } from './greedy-packing.ts';
import type { PackingProblem, Pattern } from './packing-problem.ts';

const R = RESOURCES.length;
/** Temperatures, as shares of a worker: an exchange that adds so much of overfullness is taken once in e times. */
const HOT = 0.01;
const COLD = 0.002;
/** Items that need almost the same, of each item. */
export const NEAR = 32;
/** Of 65,536 exchanges, how many are with one of these; and how many give an item away and take none. */
const NEAR_CHANCE = 59_000;
const MOVE_CHANCE = 1300;
/** Exchanges between two looks at the clock. */
const CLOCK_MOVES = 20_000;

/** How many temperatures an exchange may add at most to be taken, for each of so many equally likely chances. */
const MOST_WORSE = Float64Array.from({ length: 4096 }, (_, i) => -Math.log((i + 0.5) / 4096));

/** Every item is on one worker; exchanges between an overfull worker and any other, by simulated annealing. */
export class OverfullWorkers {
  readonly #workers: number[][];
  readonly #problem: PackingProblem;
  readonly #need: Float64Array;
  readonly #capacity: Float64Array;
  readonly #load: Float64Array;
  readonly #over: Float64Array;
  readonly #random: Random;
  /** Overfull workers, and where each stands among them; -1 for the others. */
  readonly #full: number[] = [];
  readonly #fullAt: Int32Array;

  readonly #near: Int32Array | null;
  /** Where each item is, while exchanges are made. */
  readonly #worker: Int32Array;
  readonly #place: Int32Array;

  /**
   * @param problem each item is a class of its own
   * @param workers the items of each, all of them together
   * @param near of each item {@link NEAR} others; null: any are exchanged
   */
  constructor(problem: PackingProblem, workers: number[][], near: Int32Array | null, random: Random) {
    this.#near = near;
    this.#worker = new Int32Array(problem.classes);
    this.#place = new Int32Array(problem.classes);
    workers.forEach((items, w) => items.forEach((item, i) => this.#put(item, w, i)));
    this.#workers = workers;
    this.#problem = problem;
    this.#need = problem.need;
    this.#capacity = problem.capacity.subarray(0, R);
    this.#random = random;
    this.#load = new Float64Array(workers.length * R);
    this.#over = new Float64Array(workers.length);
    this.#fullAt = new Int32Array(workers.length).fill(-1);
    for (let w = 0; w < workers.length; w++) this.#recount(w);
  }

  /** @param forMs at most: it cools faster where that is not enough for all moves @returns whether no worker is overfull any more */
  anneal(movesPerItem: number, forMs: number): boolean {
    const moves = movesPerItem * this.#problem.classes;
    const beganMs = performance.now();
    for (let done = 0; this.#full.length > 0; done += CLOCK_MOVES) {
      const progress = Math.max(done / moves, (performance.now() - beganMs) / forMs);
      if (progress >= 1) break;
      this.#exchange(HOT * (COLD / HOT) ** progress);
    }
    // The loads were added up over millions of exchanges: once more from the items themselves.
    for (let w = 0; w < this.#workers.length; w++) this.#recount(w);
    return this.#full.length === 0;
  }

  /** Takes items off the workers that are still overfull, and packs these onto others with room, or onto more workers. */
  mend(): number[][] {
    const off = new Int32Array(this.#problem.classes);
    while (this.#full.length > 0) {
      const worker = this.#full[0]!;
      const items = this.#workers[worker]!;
      const [taken] = items.splice(this.#leastThatMends(worker), 1);
      this.#recount(worker);
      const other = this.#workers.findIndex((_, w) => w !== worker && this.#hasRoom(w, taken!));
      if (other < 0) off[taken!]!++;
      else {
        this.#workers[other]!.push(taken!);
        this.#recount(other);
      }
    }
    const rest = packGreedily({ ...this.#problem, demand: off }).patterns;
    return [...this.#workers.filter((items) => items.length > 0), ...unfold(rest)];
  }

  /** Place of the smallest item without which the worker is not overfull; of the largest where it takes more than one. */
  #leastThatMends(worker: number): number {
    const items = this.#workers[worker]!;
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

  /** {@link CLOCK_MOVES} exchanges at one temperature. The four resources are written out: nearly all the time of a packing is spent here. */
  #exchange(temperature: number): void {
    const random = this.#random;
    const [need, load, over, near] = [this.#need, this.#load, this.#over, this.#near];
    const [c0, c1, c2, c3] = [this.#capacity[0]!, this.#capacity[1]!, this.#capacity[2]!, this.#capacity[3]!];
    const nearChance = near === null ? 0 : NEAR_CHANCE;
    for (let move = 0; move < CLOCK_MOVES && this.#full.length > 0; move++) {
      const a = this.#full[below(this.#full.length, random())]!;
      const onA = this.#workers[a]!;
      const drawn = random();
      const given = onA[Math.floor(((drawn >>> 16) / 65_536) * onA.length)]!;
      const chance = drawn & 0xffff;
      let b: number;
      let taken = -1;
      if (chance < nearChance) taken = near![given * NEAR + (random() % NEAR)]!;
      else if (chance >= nearChance + MOVE_CHANCE) taken = below(this.#worker.length, random());
      if (taken >= 0) b = this.#worker[taken]!;
      else b = below(this.#workers.length, random());
      if (a === b) continue;
      const [g, t] = [given * R, taken * R];
      let d0 = need[g]!;
      let d1 = need[g + 1]!;
      let d2 = need[g + 2]!;
      let d3 = need[g + 3]!;
      if (taken >= 0) {
        d0 -= need[t]!;
        d1 -= need[t + 1]!;
        d2 -= need[t + 2]!;
        d3 -= need[t + 3]!;
      }
      const [la, lb] = [a * R, b * R];
      const overA =
        Math.max(0, load[la]! - d0 - c0) +
        Math.max(0, load[la + 1]! - d1 - c1) +
        Math.max(0, load[la + 2]! - d2 - c2) +
        Math.max(0, load[la + 3]! - d3 - c3);
      const overB =
        Math.max(0, load[lb]! + d0 - c0) +
        Math.max(0, load[lb + 1]! + d1 - c1) +
        Math.max(0, load[lb + 2]! + d2 - c2) +
        Math.max(0, load[lb + 3]! + d3 - c3);
      const worse = overA + overB - over[a]! - over[b]!;
      if (worse > 0 && worse > temperature * MOST_WORSE[random() & 4095]!) continue;
      load[la]! -= d0;
      load[la + 1]! -= d1;
      load[la + 2]! -= d2;
      load[la + 3]! -= d3;
      load[lb]! += d0;
      load[lb + 1]! += d1;
      load[lb + 2]! += d2;
      load[lb + 3]! += d3;
      this.#swap(given, a, taken, b);
      this.#setOver(a, overA);
      this.#setOver(b, overB);
    }
  }

  /** @param taken -1: none comes back */
  #swap(given: number, a: number, taken: number, b: number): void {
    const onA = this.#workers[a]!;
    const onB = this.#workers[b]!;
    const i = this.#place[given]!;
    if (taken >= 0) {
      const j = this.#place[taken]!;
      onA[i] = taken;
      this.#put(taken, a, i);
      onB[j] = given;
      this.#put(given, b, j);
      return;
    }
    const last = onA.pop()!;
    if (last !== given) {
      onA[i] = last;
      this.#put(last, a, i);
    }
    this.#put(given, b, onB.length);
    onB.push(given);
  }

  #put(item: number, worker: number, place: number): void {
    this.#worker[item] = worker;
    this.#place[item] = place;
  }

  #recount(worker: number): void {
    const load = new Float64Array(R);
    for (const c of this.#workers[worker]!) for (let r = 0; r < R; r++) load[r]! += this.#need[c * R + r]!;
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

/** The classes on each worker, worker by worker. */
export function unfold(patterns: readonly Pattern[]): number[][] {
  return patterns.flatMap(({ classes, times, workers }) =>
    Array.from({ length: workers }, () => classes.flatMap((c, i) => Array.from({ length: times[i]! }, () => c))),
  );
}

function total(need: Float64Array, c: number): number {
  let sum = 0;
  for (let r = 0; r < R; r++) sum += need[c * R + r]!;
  return sum;
}

/** A whole number below a small limit, from one of 32 bits; the bias of 2^-20 does not matter here. */
function below(limit: number, drawn: number): number {
  return Math.floor((drawn / 2 ** 32) * limit);
}
