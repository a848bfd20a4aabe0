// What a worker has in its hands: items that it leased, from the lease until their end is recorded.

import type { Lease, LeasedItem } from '#core/queue';
import type { ItemOutcome, WorkerOptions } from './worker.ts';

export interface ItemInHand {
  readonly leased: LeasedItem;
  readonly weight: number;
  readonly abort: AbortController;
  state: 'not-begun' | 'at-work' | 'ended';
  /** Its result counts for nothing; it stays in hand until it has ended, for it still takes its slots. */
  isLost: boolean;
  /** Monotonic, ms. */
  beganAt: number;
}

export interface EndedItem {
  readonly item: ItemInHand;
  readonly durationMs: number;
  readonly end:
    | { readonly kind: 'done'; readonly outcome: ItemOutcome }
    | { readonly kind: 'error'; readonly error: unknown }
    | { readonly kind: 'broken-off' };
}

export class Hands {
  readonly #options: Pick<WorkerOptions, 'slots' | 'weigh' | 'execute'>;
  readonly #onEnd: () => void;
  readonly #items = new Set<ItemInHand>();
  #ended: EndedItem[] = [];
  #isBrokenOff = false;

  constructor(options: Pick<WorkerOptions, 'slots' | 'weigh' | 'execute'>, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  get isAnyAtWork(): boolean {
    return [...this.#items].some(({ state }) => state === 'at-work');
  }

  /** Slots that are free, a whole number. */
  room(): number {
    const { slots } = this.#options;
    let taken = 0;
    for (const item of this.#items) if (item.state !== 'not-begun') taken += item.weight;
    return Math.floor((typeof slots === 'number' ? slots : slots()) - taken);
  }

  take(leased: LeasedItem): void {
    this.#items.add({
      leased,
      weight: this.#options.weigh?.(leased.item) ?? 1,
      abort: new AbortController(),
      state: 'not-begun',
      isLost: false,
      beganAt: 0,
    });
  }

  /** Begins what has room; one that is heavier than all there is, when it is alone. */
  beginWhatFits(): ItemInHand[] {
    const begun: ItemInHand[] = [];
    for (const item of this.notBegun()) {
      const room = this.room();
      if (room < 1 || (room < item.weight && this.#isAnyBegun)) break;
      this.#begin(item);
      begun.push(item);
    }
    return begun;
  }

  notBegun(): ItemInHand[] {
    return [...this.#items].filter(({ state }) => state === 'not-begun');
  }

  /** Whose leases have to be prolonged. */
  held(): ItemInHand[] {
    return [...this.#items].filter(({ state, isLost }) => state !== 'ended' && !isLost);
  }

  /** Breaks off items whose lease is lost; returns those that were not known to be. */
  lose(leases: readonly Lease[]): ItemInHand[] {
    const epochs = new Set(leases.map(({ epoch }) => epoch));
    const lost = this.held().filter(({ leased }) => epochs.has(leased.lease.epoch));
    for (const item of lost) {
      item.isLost = true;
      item.abort.abort(new Error('the lease of this item was lost'));
      if (item.state === 'not-begun') this.letGo(item);
    }
    return lost;
  }

  /** Breaks off everything. */
  breakOff(): void {
    this.#isBrokenOff = true;
    for (const { abort } of this.#items) abort.abort(new Error('the worker ends'));
  }

  letGo(item: ItemInHand): void {
    this.#items.delete(item);
  }

  /** What has ended since the last call, in the order of ending; each has to be let go when it is recorded. */
  takeEnded(): EndedItem[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  get #isAnyBegun(): boolean {
    return [...this.#items].some(({ state }) => state !== 'not-begun');
  }

  #begin(item: ItemInHand): void {
    item.state = 'at-work';
    item.beganAt = performance.now();
    const end = (how: EndedItem['end']) => {
      item.state = 'ended';
      this.#ended.push({ item, durationMs: performance.now() - item.beganAt, end: how });
      this.#onEnd();
    };
    // In a function of its own, so that what it throws at once is an error of the item as well.
    void (async () => this.#options.execute(item.leased, { signal: item.abort.signal }))().then(
      (outcome) => end({ kind: 'done', outcome }),
      (error: unknown) => end(this.#isBrokenOff ? { kind: 'broken-off' } : { kind: 'error', error }),
    );
  }
}
