// The workers and what each has to give: who runs where, what is free, which has room for a need, which changed since it was last looked at.

import { RESOURCES, type NeedVector, type WorkerSize } from '#core/packing';
import { FreeTree } from './free-tree.ts';
import { ROUNDING } from './shape-classes.ts';

const R = RESOURCES.length;

/** Workers by number, which are never used again; running items by number, each on one worker with the need that was last told. */
export class WorkerRoom {
  /** Workers there are now. */
  count = 0;
  /** Of each size, how many there are now. */
  readonly present: number[];
  readonly #sizes: readonly WorkerSize[];
  /** What sums of fractions may be over, of each resource. */
  readonly #slack: Float64Array;
  readonly #most: NeedVector;
  readonly #tree = new FreeTree();
  #free = new Float64Array(64 * R);
  /** Size of each worker; -1 where it is gone. */
  readonly #size: number[] = [];
  readonly #closed: boolean[] = [];
  readonly #isChanged: boolean[] = [];
  #changed: number[] = [];

  // The items of a worker are a list: its first, and of each item the next and the previous.
  readonly #firstItem: number[] = [];
  readonly #worker: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Of each item what it needs, `RESOURCES.length` numbers. */
  readonly #need: Float64Array;

  /** @param most capacity of the most capable size, of each resource @param need of the items, which changes here only where it is told */
  constructor(sizes: readonly WorkerSize[], most: NeedVector, need: Float64Array) {
    this.#sizes = sizes;
    this.#most = most;
    this.#slack = Float64Array.from(most, (capacity) => capacity * ROUNDING);
    this.#need = need;
    this.present = sizes.map(() => 0);
    this.#worker = new Int32Array(need.length / R);
    this.#next = new Int32Array(need.length / R);
    this.#previous = new Int32Array(need.length / R);
  }

  add(size: number): number {
    const worker = this.#size.length;
    this.#size.push(size);
    this.#firstItem.push(-1);
    this.#closed.push(false);
    this.#isChanged.push(false);
    if (this.#free.length < (worker + 1) * R) {
      const former = this.#free;
      this.#free = new Float64Array(2 * former.length);
      this.#free.set(former);
    }
    this.#free.set(this.#sizes[size]!.capacity, worker * R);
    this.count++;
    this.present[size]!++;
    this.#roomChanged(worker);
    return worker;
  }

  /** @returns what ran there, in the order of its numbers */
  remove(worker: number): number[] {
    const size = this.#size[worker] ?? -1;
    if (size < 0) throw new Error(`no worker ${worker}`);
    const lost: number[] = [];
    for (let item = this.#firstItem[worker]!; item >= 0; item = this.#next[item]!) lost.push(item);
    this.#firstItem[worker] = -1;
    this.#size[worker] = -1;
    this.count--;
    this.present[size]!--;
    this.#tree.set(worker, null, 0);
    return lost.sort((a, b) => a - b);
  }

  begin(worker: number, item: number): void {
    const next = this.#firstItem[worker]!;
    this.#worker[item] = worker;
    this.#next[item] = next;
    this.#previous[item] = -1;
    if (next >= 0) this.#previous[next] = item;
    this.#firstItem[worker] = item;
    for (let r = 0; r < R; r++) this.#free[worker * R + r]! -= this.#need[item * R + r]!;
  }

  end(item: number): void {
    const worker = this.#worker[item]!;
    const [next, previous] = [this.#next[item]!, this.#previous[item]!];
    if (next >= 0) this.#previous[next] = previous;
    if (previous >= 0) this.#next[previous] = next;
    else this.#firstItem[worker] = next;
    // An empty worker is wholly free, whatever sums of fractions have come to.
    if (next < 0 && previous < 0) this.#free.set(this.#sizes[this.#size[worker]!]!.capacity, worker * R);
    else for (let r = 0; r < R; r++) this.#free[worker * R + r]! += this.#need[item * R + r]!;
    this.#roomChanged(worker);
  }

  changeNeed(item: number, need: NeedVector): void {
    const worker = this.#worker[item]!;
    for (let r = 0; r < R; r++) {
      this.#free[worker * R + r]! += this.#need[item * R + r]! - need[r]!;
      this.#need[item * R + r] = need[r]!;
    }
    this.#roomChanged(worker);
  }

  /** A closed worker is not found by {@link find}. */
  close(worker: number, closed: boolean): void {
    this.#closed[worker] = closed;
    this.#roomChanged(worker);
  }

  /** Workers whose room has changed since the last call, in the order of their numbers; those that are gone or over their capacity are not among them. */
  takeChanged(): number[] {
    const changed = this.#changed.sort((a, b) => a - b);
    this.#changed = [];
    for (const worker of changed) this.#isChanged[worker] = false;
    return changed.filter((worker) => this.#size[worker]! >= 0 && !this.#isOver(worker));
  }

  /** Whether the worker has room for the need that stands `at` there. */
  has(worker: number, need: Float64Array, at: number): boolean {
    const [free, slack] = [this.#free, this.#slack];
    for (let r = 0; r < R; r++) if (need[at + r]! > free[worker * R + r]! + slack[r]!) return false;
    return true;
  }

  /** The first worker with room that is not closed; -1 where there is none. */
  find(need: Float64Array, at: number): number {
    return this.#tree.find(need, at, this.#slack);
  }

  /**
   * Of the workers that are not closed, the one that lacks least for a need, as a share of the most capable size.
   * @param fits whether a size could ever take it @returns -1 where there is none
   */
  nearest(need: Float64Array, at: number, fits: (size: number) => boolean): number {
    let nearest = -1;
    let least = Infinity;
    for (let worker = 0; worker < this.#size.length; worker++) {
      const size = this.#size[worker]!;
      if (size < 0 || this.#closed[worker] || !fits(size)) continue;
      let lacks = 0;
      for (let r = 0; r < R; r++) {
        const missing = need[at + r]! - this.#free[worker * R + r]!;
        if (missing > 0) lacks = Math.max(lacks, missing / this.#most[r]!);
      }
      if (lacks >= least) continue;
      least = lacks;
      nearest = worker;
    }
    return nearest;
  }

  /** Shows the worker's room to the search, once what begins there has begun. */
  show(worker: number): void {
    const open = this.#size[worker]! >= 0 && !this.#closed[worker] && !this.#isOver(worker);
    this.#tree.set(worker, open ? this.#free : null, worker * R);
  }

  #isOver(worker: number): boolean {
    for (let r = 0; r < R; r++) if (this.#free[worker * R + r]! < -this.#slack[r]!) return true;
    return false;
  }

  #roomChanged(worker: number): void {
    this.show(worker);
    if (this.#isChanged[worker]) return;
    this.#isChanged[worker] = true;
    this.#changed.push(worker);
  }
}
