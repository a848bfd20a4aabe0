// Places work while it comes and goes: which waiting items begin now, on which worker. A decision looks at classes of shape, not at items.

import {
  RESOURCES,
  type NeedVector,
  type PackPolicy,
  type Placer,
  type WorkItems,
  type WorkerSize,
} from '#core/packing';
import { ItemHeap } from './item-heap.ts';
import { ShapeClasses } from './shape-classes.ts';
import { dominantShare, mostCapacity, WaitingOrder } from './waiting-order.ts';
import { WorkerRoom } from './worker-room.ts';

const R = RESOURCES.length;
/** Most classes of shape; where there are more shapes, needs are rounded up on a grid. */
const MAX_CLASSES = 256;
/** Share of all workers that may be kept free for starving classes; one is always allowed. */
const RESERVED_SHARE = 0.1;
/** Seconds after which a class of which nothing has begun gets a worker kept free. */
const RESERVE_AFTER_S = 120;

/** Share of that wait between two looks for starving classes. */
const LOOK_SHARE = 0.1;

/** An item's state. */
const GONE = 0;
const COME = 1;
const WAITING = 2;
const RUNNING = 3;

export interface PlacerOptions {
  readonly policy: PackPolicy;
  /**
   * A class of shape of which nothing has begun for so many seconds gets a worker kept free, on which nothing of equal or lower priority begins
   * until one of the class has: a large item waits for this, what runs on that worker, and the classes that starved before it. 120 where it is not given.
   */
  readonly reserveAfterS?: number;
}

/**
 * A placer over these items and sizes; the same calls give the same placement.
 * Columns may be longer than `count`, for items that are written into them later, before `addItems` tells of them; an item's entries stay as they
 * are from then on (a changed need is told by `changeNeed`, and kept when the item waits again).
 */
export function createPlacer(items: WorkItems, sizes: readonly WorkerSize[], options: PlacerOptions): Placer {
  return new ClassPlacer(items, sizes, options);
}

class ClassPlacer implements Placer {
  waiting = 0;
  running = 0;
  readonly #items: WorkItems;
  readonly #reserveAfterS: number;
  readonly #most: NeedVector;
  readonly #order: WaitingOrder;

  // Of each item.
  readonly #state: Uint8Array;
  readonly #need: Float64Array;
  readonly #cameS: Float64Array;
  readonly #shape: Int32Array;
  readonly #place: Int32Array;
  #come: number[] = [];

  // Of each class of shape.
  readonly #shapes: ShapeClasses;
  #queues: ItemHeap[] = [];
  #servedS: number[] = [];
  #keptFor: number[] = [];
  /** Classes that have something waiting. */
  #active: number[] = [];
  #activeAt: number[] = [];
  /** Classes that have something waiting since the last placement only: any worker may have room for them. */
  #fresh: number[] = [];

  readonly #room: WorkerRoom;
  /** Of each worker the class that it is kept free for; -1 where it is not. */
  readonly #kept: number[] = [];
  #keptCount = 0;
  #nowS = 0;
  #lookS = -Infinity;

  constructor(items: WorkItems, sizes: readonly WorkerSize[], options: PlacerOptions) {
    const room = items.durationS.length;
    this.#items = items;
    this.#reserveAfterS = options.reserveAfterS ?? RESERVE_AFTER_S;
    this.#most = mostCapacity(sizes);
    const patienceS = Math.min(this.#reserveAfterS, RESERVE_AFTER_S);
    this.#order = new WaitingOrder(items, options.policy, room, patienceS);
    this.#state = new Uint8Array(room);
    this.#need = new Float64Array(room * R);
    this.#cameS = new Float64Array(room).fill(NaN);
    this.#shape = new Int32Array(room);
    this.#place = new Int32Array(room);
    this.#shapes = new ShapeClasses(sizes, MAX_CLASSES);
    this.#room = new WorkerRoom(sizes, this.#most, this.#need);
  }

  addWorker(size: number): number {
    this.#kept.push(-1);
    return this.#room.add(size);
  }

  removeWorker(worker: number): number[] {
    const lost = this.#room.remove(worker);
    for (const item of lost) this.#comes(item);
    this.running -= lost.length;
    if (this.#kept[worker]! >= 0) this.#giveBack(this.#kept[worker]!);
    return lost;
  }

  addItems(from: number, to: number): void {
    this.#need.set(this.#items.need.subarray(from * R, to * R), from * R);
    for (let item = from; item < to; item++) {
      if (this.#state[item] !== GONE) throw new Error(`item ${item} has come already`);
      this.#comes(item);
    }
  }

  finish(item: number, again: boolean): void {
    this.#mustRun(item);
    this.#room.end(item);
    this.running--;
    if (again) this.#comes(item);
    else this.#state[item] = GONE;
  }

  changeNeed(item: number, need: NeedVector): void {
    this.#mustRun(item);
    this.#room.changeNeed(item, need);
  }

  place(nowS: number, begin: (item: number, worker: number) => void): void {
    this.#nowS = nowS;
    this.#takeIn();
    this.#order.press(nowS, (item) => {
      if (this.#state[item] === WAITING) this.#queues[this.#shape[item]!]!.moveForward(item);
    });
    this.#keepForStarving();
    // What is begun on one worker can end the keeping of another, which then has room too.
    for (let workers = this.#room.takeChanged(); workers.length > 0 || this.#fresh.length > 0;) {
      for (const worker of workers) this.#fill(worker, begin);
      this.#placeFresh(begin);
      workers = this.#room.takeChanged();
    }
  }

  unplaceable(): number[] {
    this.#takeIn();
    const none: number[] = [];
    for (const shape of this.#active) {
      if (!this.#room.present.some((count, size) => count > 0 && this.#shapes.fits(shape, size))) {
        none.push(...this.#queues[shape]!.items);
      }
    }
    return none.sort((a, b) => a - b);
  }

  #comes(item: number): void {
    this.#state[item] = COME;
    this.#come.push(item);
    this.waiting++;
  }

  /** Puts what has come since into the queues of its class. */
  #takeIn(): void {
    const come = this.#come;
    this.#come = [];
    for (const item of come) {
      this.#state[item] = WAITING;
      if (Number.isNaN(this.#cameS[item]!)) this.#cameS[item] = this.#nowS;
      this.#order.enter(item, dominantShare(this.#need, item * R, this.#most), this.#cameS[item]!);
      this.#enqueue(item);
    }
  }

  #enqueue(item: number): void {
    let shape = this.#shapes.of(this.#need, item * R);
    while (shape < 0) {
      this.#rebuild();
      shape = this.#shapes.of(this.#need, item * R);
    }
    this.#shape[item] = shape;
    while (this.#queues.length <= shape) {
      this.#queues.push(new ItemHeap(this.#order.before, this.#place));
      this.#servedS.push(this.#nowS);
      this.#keptFor.push(-1);
      this.#activeAt.push(-1);
    }
    this.#queues[shape]!.add(item);
    if (this.#activeAt[shape]! >= 0) return;
    this.#activeAt[shape] = this.#active.length;
    this.#active.push(shape);
    this.#fresh.push(shape);
    this.#servedS[shape] = this.#nowS;
  }

  /** Too many shapes: everything that waits is sorted anew, on a coarser grid. */
  #rebuild(): void {
    const waiting = this.#active.flatMap((shape) => this.#queues[shape]!.items);
    for (const shape of this.#active) if (this.#keptFor[shape]! >= 0) this.#giveBack(shape);
    this.#shapes.coarsen();
    this.#queues = [];
    this.#servedS = [];
    this.#keptFor = [];
    this.#active = [];
    this.#activeAt = [];
    this.#fresh = [];
    for (const item of waiting) this.#enqueue(item);
  }

  /** Begins on that worker the first by the order of all that fit, as long as something does. */
  #fill(worker: number, begin: (item: number, worker: number) => void): void {
    for (let item = this.#choose(worker); item >= 0; item = this.#choose(worker)) this.#begin(worker, item, begin);
    this.#room.show(worker);
  }

  /** The first by the order of all that fit there; -1 where nothing does. A kept worker takes what it is kept for, or a higher priority. */
  #choose(worker: number): number {
    const kept = this.#kept[worker]!;
    let above = -Infinity;
    if (kept >= 0) {
      const head = this.#queues[kept]!.first;
      if (this.#hasRoom(worker, kept)) return head;
      above = this.#items.priority[head]!;
    }
    let best = -1;
    for (let i = 0; i < this.#active.length; i++) {
      const shape = this.#active[i]!;
      if (!this.#hasRoom(worker, shape)) continue;
      const head = this.#queues[shape]!.first;
      if (this.#items.priority[head]! > above && (best < 0 || this.#order.before(head, best) < 0)) best = head;
    }
    return best;
  }

  /** Classes that have come since the last placement: any worker may have room for them, not only those that changed. */
  #placeFresh(begin: (item: number, worker: number) => void): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    while (fresh.length > 0) {
      let at = -1;
      for (let i = fresh.length - 1; i >= 0; i--) {
        if (this.#queues[fresh[i]!]!.size === 0) {
          fresh.splice(i, 1);
          if (at > i) at--;
        } else if (at < 0 || this.#order.before(this.#queues[fresh[i]!]!.first, this.#queues[fresh[at]!]!.first) < 0)
          at = i;
      }
      if (at < 0) break;
      const shape = fresh[at]!;
      const worker = this.#findRoom(shape);
      if (worker < 0) fresh.splice(at, 1);
      else {
        this.#begin(worker, this.#queues[shape]!.first, begin);
        this.#room.show(worker);
      }
    }
  }

  #findRoom(shape: number): number {
    const worker = this.#room.find(this.#shapes.need, shape * R);
    if (worker >= 0 || this.#keptCount === 0) return worker;
    const priority = this.#items.priority[this.#queues[shape]!.first]!;
    for (const other of this.#active) {
      const kept = this.#keptFor[other]!;
      if (kept < 0 || !this.#hasRoom(kept, shape)) continue;
      if (other === shape || priority > this.#items.priority[this.#queues[other]!.first]!) return kept;
    }
    return -1;
  }

  #hasRoom(worker: number, shape: number): boolean {
    return this.#room.has(worker, this.#shapes.need, shape * R);
  }

  #begin(worker: number, item: number, begin: (item: number, worker: number) => void): void {
    const shape = this.#shape[item]!;
    const queue = this.#queues[shape]!;
    queue.takeFirst();
    this.#state[item] = RUNNING;
    this.waiting--;
    this.running++;
    this.#room.begin(worker, item);
    this.#servedS[shape] = this.#nowS;
    if (this.#keptFor[shape]! >= 0) this.#giveBack(shape);
    if (queue.size === 0) {
      const at = this.#activeAt[shape]!;
      const last = this.#active.pop()!;
      if (last !== shape) {
        this.#active[at] = last;
        this.#activeAt[last] = at;
      }
      this.#activeAt[shape] = -1;
    }
    begin(item, worker);
  }

  /** Keeps a worker free for each class that has starved too long, those of the highest priority and then the longest starved first. */
  #keepForStarving(): void {
    if (this.#nowS < this.#lookS) return;
    this.#lookS = this.#nowS + this.#reserveAfterS * LOOK_SHARE;
    const allowed = Math.max(1, Math.floor(this.#room.count * RESERVED_SHARE));
    if (this.#keptCount >= allowed) return;
    const starvedS = this.#nowS - this.#reserveAfterS;
    const priority = (shape: number) => this.#items.priority[this.#queues[shape]!.first]!;
    const starving = this.#active
      .filter((shape) => this.#servedS[shape]! <= starvedS && this.#keptFor[shape]! < 0)
      .sort((a, b) => priority(b) - priority(a) || this.#servedS[a]! - this.#servedS[b]! || a - b);
    for (const shape of starving) {
      if (this.#keptCount >= allowed) return;
      const worker = this.#room.nearest(this.#shapes.need, shape * R, (size) => this.#shapes.fits(shape, size));
      if (worker < 0) continue;
      this.#kept[worker] = shape;
      this.#keptFor[shape] = worker;
      this.#keptCount++;
      this.#room.close(worker, true);
    }
  }

  /** The worker kept for that class may be used by all again. */
  #giveBack(shape: number): void {
    const worker = this.#keptFor[shape]!;
    this.#keptFor[shape] = -1;
    this.#kept[worker] = -1;
    this.#keptCount--;
    this.#room.close(worker, false);
  }

  #mustRun(item: number): void {
    if (this.#state[item] !== RUNNING) throw new Error(`item ${item} does not run`);
  }
}
