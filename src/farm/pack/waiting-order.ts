// Which of two waiting items goes first, for each policy.

import { RESOURCES, type NeedVector, type PackPolicy, type WorkItems, type WorkerSize } from '#core/packing';
import { ItemHeap, type ItemOrder } from './item-heap.ts';

const R = RESOURCES.length;

/**
 * The order of waiting items. Higher priority first, always. Then
 *
 * - `latency`: the earlier deadline, the title that came first, the longer piece of it;
 * - `throughput`: what would miss its deadline if it waited much longer, then the longest first by duration x dominant share of a
 *   worker, less the seconds that it has waited: a later item goes before an earlier one only if it is longer by what it came later.
 */
export class WaitingOrder {
  readonly before: ItemOrder;
  readonly #items: WorkItems;
  readonly #policy: PackPolicy;
  readonly #patienceS: number;
  /** Compared one after the other, the smaller first. */
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  /** An item that waits again keeps its alarm, or the place that it has by it. */
  readonly #entered: Uint8Array;
  readonly #titles = new Map<number, number>();
  readonly #byPress: ItemHeap;

  /** @param patienceS seconds of slack below which a deadline presses, beside twice the duration */
  constructor(items: WorkItems, policy: PackPolicy, room: number, patienceS: number) {
    this.#items = items;
    this.#policy = policy;
    this.#patienceS = patienceS;
    this.#first = new Float64Array(room);
    this.#second = new Float64Array(room);
    this.#entered = new Uint8Array(room);
    const { priority } = items;
    const [first, second] = [this.#first, this.#second];
    this.before = (a, b) =>
      priority[b]! - priority[a]! || compare(first[a]!, first[b]!) || compare(second[a]!, second[b]!) || a - b;
    this.#byPress = new ItemHeap((a, b) => compare(this.#pressS(a), this.#pressS(b)) || a - b, new Int32Array(room));
  }

  /** @param share its dominant share of a worker @param cameS when it came first */
  enter(item: number, share: number, cameS: number): void {
    const weight = this.#items.durationS[item]! * share;
    const deadline = this.#items.deadlineS[item]!;
    if (this.#policy === 'latency') {
      this.#first[item] = deadline;
      // Of one title the longer piece goes first: `weight` stands below the title's place as a fraction of one.
      this.#second[item] = this.#titleRank(this.#items.title[item]!) + 1 / (2 + weight);
      return;
    }
    this.#second[item] = cameS - weight;
    if (this.#entered[item] === 1) return;
    this.#entered[item] = 1;
    this.#first[item] = Infinity;
    if (deadline < Infinity) this.#byPress.add(item);
  }

  /** Calls with each item whose deadline presses from now on: it goes earlier than it did. */
  press(nowS: number, pressing: (item: number) => void): void {
    while (this.#byPress.size > 0 && this.#pressS(this.#byPress.first) <= nowS) {
      const item = this.#byPress.takeFirst();
      this.#first[item] = this.#items.deadlineS[item]!;
      pressing(item);
    }
  }

  #pressS(item: number): number {
    return this.#items.deadlineS[item]! - 2 * this.#items.durationS[item]! - this.#patienceS;
  }

  #titleRank(title: number): number {
    let rank = this.#titles.get(title);
    if (rank === undefined) this.#titles.set(title, (rank = this.#titles.size));
    return rank;
  }
}

/** The largest share that a need has of any resource of the most capable worker. */
export function dominantShare(need: Float64Array, at: number, most: NeedVector): number {
  let share = 0;
  for (let r = 0; r < R; r++) if (most[r]! > 0) share = Math.max(share, need[at + r]! / most[r]!);
  return share;
}

/** Of each resource, the most that a size has. */
export function mostCapacity(sizes: readonly WorkerSize[]): number[] {
  return RESOURCES.map((_, r) => Math.max(0, ...sizes.map(({ capacity }) => capacity[r]!)));
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
