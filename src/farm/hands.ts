// What a worker has in its hands: items that it leased, from the lease until their end is recorded.

import type { ItemRecord, Lease, LeasedItem } from '#core/queue';
import { UserError } from '#core/user-error';
import type { Outgrown } from './admission.ts';
import type { ItemOutcome, WorkerOptions } from './worker.ts';

export interface ItemInHand {
  readonly leased: LeasedItem;
  readonly abort: AbortController;
  /** Monotonic, ms. */
  readonly beganAt: number;
  hasEnded: boolean;
  /** Its result counts for nothing; it stays in hand until it has ended, for it still takes its room. */
  isLost: boolean;
  /** Why it was broken off, where that was for want of room. */
  outgrown: Error | null;
}

export interface EndedItem {
  readonly item: ItemInHand;
  readonly durationMs: number;
  readonly end:
    | { readonly kind: 'done'; readonly outcome: ItemOutcome }
    | { readonly kind: 'error'; readonly error: unknown }
    | { readonly kind: 'broken-off'; readonly reason: string | null };
}

export class Hands {
  readonly #execute: WorkerOptions['execute'];
  readonly #onEnd: () => void;
  readonly #items = new Set<ItemInHand>();
  #ended: EndedItem[] = [];
  #isBrokenOff = false;

  constructor(execute: WorkerOptions['execute'], onEnd: () => void) {
    this.#execute = execute;
    this.#onEnd = onEnd;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  get isAnyAtWork(): boolean {
    return [...this.#items].some(({ hasEnded }) => !hasEnded);
  }

  /** Whatever takes room. */
  atWork(): ItemRecord[] {
    return [...this.#items].map(({ leased }) => leased.item);
  }

  begin(leased: LeasedItem): void {
    const item: ItemInHand = {
      leased,
      abort: new AbortController(),
      beganAt: performance.now(),
      hasEnded: false,
      isLost: false,
      outgrown: null,
    };
    this.#items.add(item);
    const end = (how: EndedItem['end']) => {
      item.hasEnded = true;
      this.#ended.push({ item, durationMs: performance.now() - item.beganAt, end: how });
      this.#onEnd();
    };
    // In a function of its own, so that what it throws at once is an error of the item as well.
    void (async () => this.#execute(leased, { signal: item.abort.signal }))().then(
      (outcome) => end({ kind: 'done', outcome }),
      (error: unknown) => {
        if (item.outgrown instanceof UserError) end({ kind: 'error', error: item.outgrown });
        else if (this.#isBrokenOff || item.outgrown !== null)
          end({ kind: 'broken-off', reason: item.outgrown?.message ?? null });
        else end({ kind: 'error', error });
      },
    );
  }

  /** Whose leases have to be prolonged. */
  held(): ItemInHand[] {
    return [...this.#items].filter(({ hasEnded, isLost }) => !hasEnded && !isLost);
  }

  /** Breaks off items whose lease is lost; returns those that were not known to be. */
  lose(leases: readonly Lease[]): ItemInHand[] {
    const epochs = new Set(leases.map(({ epoch }) => epoch));
    const lost = this.held().filter(({ leased }) => epochs.has(leased.lease.epoch));
    for (const item of lost) {
      item.isLost = true;
      item.abort.abort(new Error('the lease of this item was lost'));
    }
    return lost;
  }

  /** Breaks off items for which there is no room. */
  breakOffOutgrown(outgrown: readonly Outgrown[]): void {
    for (const item of this.held()) {
      const error = outgrown.find((each) => each.item === item.leased.item)?.error;
      if (error === undefined) continue;
      item.outgrown = error;
      item.abort.abort(error);
    }
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
}
