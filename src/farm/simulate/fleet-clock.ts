// The workers of a fleet as they run: each has a clock of its own that goes slower while its items want more cores than it has.

import { UNLIMITED } from './fleet.ts';
import { RunningItems } from './running-items.ts';
import type { Work } from './work.ts';

/** A sum of cores is over the capacity only when it is by more than rounding. */
const ROUNDING = 1e-9;

/**
 * Contention is plain: an item keeps its true number of cores busy; when these come to more than the worker has, all items of the
 * worker slow down in proportion.
 */
export class FleetClock {
  readonly running: RunningItems;
  /** Cores that could be used by what runs on each worker. */
  readonly #wanted: Float64Array;
  readonly #memory: Float64Array;
  readonly #own: Float64Array;
  readonly #syncedS: Float64Array;
  readonly #count: Int32Array;
  readonly #cores: Float64Array;
  readonly #memoryCapacity: Float64Array;
  readonly #work: Work;
  /** Cores busy in the whole fleet. */
  busyCores = 0;

  /** @param capacities by worker: cores, bytes of memory */
  constructor(work: Work, capacities: { readonly cores: Float64Array; readonly memory: Float64Array }) {
    const workers = capacities.cores.length;
    this.running = new RunningItems(work.items.count, workers);
    this.#wanted = new Float64Array(workers);
    this.#memory = new Float64Array(workers);
    this.#own = new Float64Array(workers);
    this.#syncedS = new Float64Array(workers);
    this.#count = new Int32Array(workers);
    this.#cores = capacities.cores;
    this.#memoryCapacity = capacities.memory;
    this.#work = work;
  }

  countOn(worker: number): number {
    return this.#count[worker]!;
  }

  /** Brings a worker's clock to this moment. @returns its own time */
  sync(worker: number, nowS: number): number {
    const passedS = nowS - this.#syncedS[worker]!;
    if (passedS > 0) {
      this.#own[worker]! += passedS * this.#speed(worker);
      this.#syncedS[worker] = nowS;
    }
    return this.#own[worker]!;
  }

  /** @param forS until the item's next event, on the worker's own clock */
  begin(worker: number, item: number, nowS: number, forS: number, memory: number): void {
    const own = this.sync(worker, nowS);
    this.running.add(worker, item, own + forS);
    this.#count[worker]!++;
    this.#memory[worker]! += memory;
    this.#want(worker, this.#work.truth.cores[item]!);
  }

  /** Takes the item whose event has come from the worker. */
  endFirst(worker: number, memory: number): void {
    const item = this.running.first(worker);
    this.running.removeFirst(worker);
    if (--this.#count[worker]! === 0) {
      // What rounding left behind ends with the last item.
      this.#want(worker, -this.#wanted[worker]!);
      this.#memory[worker] = 0;
      return;
    }
    this.#memory[worker]! -= memory;
    this.#want(worker, -this.#work.truth.cores[item]!);
  }

  /** The item whose event has come has its next one later. */
  delayFirst(worker: number, forS: number): void {
    const item = this.running.first(worker);
    const at = this.running.at(item);
    this.running.removeFirst(worker);
    this.running.add(worker, item, at + forS);
  }

  /** Reserves more memory on a worker. @returns false where it has not as much left */
  growMemory(worker: number, more: number): boolean {
    const capacity = this.#memoryCapacity[worker]!;
    if (capacity !== UNLIMITED && this.#memory[worker]! + more > capacity * (1 + ROUNDING)) return false;
    this.#memory[worker]! += more;
    return true;
  }

  clear(worker: number): void {
    this.running.clear(worker);
    this.#count[worker] = 0;
    this.#memory[worker] = 0;
    this.#want(worker, -this.#wanted[worker]!);
  }

  /** When the next event of a worker's items is, if nothing changes before; Infinity where nothing runs. Synced to `nowS`. */
  nextS(worker: number, nowS: number): number {
    const item = this.running.first(worker);
    if (item === -1) return Infinity;
    return nowS + Math.max(0, this.running.at(item) - this.#own[worker]!) / this.#speed(worker);
  }

  #speed(worker: number): number {
    const wanted = this.#wanted[worker]!;
    const cores = this.#cores[worker]!;
    return wanted > cores * (1 + ROUNDING) ? cores / wanted : 1;
  }

  #want(worker: number, change: number): void {
    const cores = this.#cores[worker]!;
    const before = Math.min(this.#wanted[worker]!, cores);
    this.#wanted[worker]! += change;
    this.busyCores += Math.min(this.#wanted[worker]!, cores) - before;
  }
}
