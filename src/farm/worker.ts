// A worker: leases items from the queue, has them done several at a time, and records what becomes of them.

import type { Json, Lease, LeasedItem, NewItem, Queue } from '#core/queue';
import type { Admission } from './admission.ts';
import { Hands, type ItemInHand } from './hands.ts';
import { recordEnds } from './record-ends.ts';
import { Waker } from './waker.ts';

/** How often a worker with room looks whether anything changed in the queue. */
const POLL_MS = 200;
/** How often in a row others may be quicker before a worker waits for its next look. */
const MAX_MISSED = 3;
/** Heartbeats in the time of a lease. */
const BEATS_A_LEASE = 3;
/** Heartbeats in a row that may fail before the worker gives up: by then the leases have run out. */
const MAX_MISSED_BEATS = 3;
/** How long items may take to end when the worker stops at once; after that they are given back all the same. */
const STOP_WAIT_MS = 10_000;

export interface ItemOutcome {
  readonly result: Json;
  /** Items that the result brings: a plan. */
  readonly add?: readonly NewItem[] | undefined;
}

export type WorkerEvent =
  | { readonly kind: 'began' | 'lost'; readonly leased: LeasedItem }
  | {
      readonly kind: 'released';
      readonly leased: LeasedItem;
      /** Why it was given back; null where the worker ends. */
      readonly reason: string | null;
    }
  | { readonly kind: 'done'; readonly leased: LeasedItem; readonly outcome: ItemOutcome; readonly durationMs: number }
  | {
      readonly kind: 'failed';
      readonly leased: LeasedItem;
      readonly reason: string;
      /** `own`: it is tried again, unless it was the last time. */
      readonly blame: 'own' | 'final';
      readonly durationMs: number;
    };

export interface WorkerOptions {
  readonly queue: Queue;
  /** Tells this worker from others in timelines: host and process. */
  readonly name: string;
  /** What may be at work at once. */
  readonly admission: Admission;
  /**
   * Does an item. A UserError sets it aside at once, any other error lets it be tried again later. It has to end soon
   * after the signal aborts: the lease is lost, or the worker stops.
   */
  readonly execute: (leased: LeasedItem, hooks: { readonly signal: AbortSignal }) => Promise<ItemOutcome>;
  readonly leaseMs: number;
  /** Only items of these kinds. */
  readonly kinds?: readonly string[] | undefined;
  /** Only items of this title, until it has ended; else all titles, until the worker is told to end. */
  readonly title?: string | undefined;
  /** Begin nothing more, and end when what is in work is done. */
  readonly drain?: AbortSignal | undefined;
  /** End now: what is in work is broken off and given back. */
  readonly stop?: AbortSignal | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/**
 * Works until the title has ended, or until it is told to drain or to stop.
 * @throws what the queue throws, a UserError mostly, when it can't be read or written any more; what was in work is broken
 * off and given back then
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const worker = new Worker(options);
  const { drain, stop } = options;
  const wake = () => worker.wake();
  drain?.addEventListener('abort', wake);
  stop?.addEventListener('abort', wake);
  const beat = setInterval(() => void worker.beat(), options.leaseMs / BEATS_A_LEASE);
  try {
    await worker.work();
  } finally {
    try {
      await worker.putDown();
    } finally {
      clearInterval(beat);
      drain?.removeEventListener('abort', wake);
      stop?.removeEventListener('abort', wake);
    }
  }
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #hands: Hands;
  readonly #waker = new Waker();
  /** Of the queue, before the last lease. */
  #seenCounter = -1;
  #isBeating = false;
  #missedBeats = 0;
  #broken: { readonly error: unknown } | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#hands = new Hands(options.execute, () => this.wake());
  }

  wake(): void {
    this.#waker.wake();
  }

  async work(): Promise<void> {
    const { queue, drain, stop, onEvent } = this.#options;
    while (stop?.aborted !== true) {
      await recordEnds(queue, this.#hands, onEvent);
      if (this.#broken !== null) throw this.#broken.error;
      this.#hands.breakOffOutgrown(this.#options.admission.outgrown(this.#hands.atWork()));
      if (drain?.aborted !== true) await this.#fill();
      if (this.#hands.isEmpty && (drain?.aborted === true || (await this.#hasTitleEnded()))) return;
      await this.#wait();
    }
  }

  /** Prolongs all leases in one call, and breaks off what has lost its own. */
  async beat(): Promise<void> {
    const { queue, leaseMs } = this.#options;
    const held = this.#hands.held();
    if (this.#isBeating || held.length === 0) return;
    this.#isBeating = true;
    try {
      const lost = await queue.heartbeat(
        held.map(({ leased }) => leased.lease),
        leaseMs,
      );
      this.#missedBeats = 0;
      this.#lose(lost);
    } catch (error) {
      if (++this.#missedBeats >= MAX_MISSED_BEATS) {
        this.#broken = { error };
        this.wake();
      }
    } finally {
      this.#isBeating = false;
    }
  }

  /** Breaks off what is still in work, keeps what was finished in time, and gives back the rest. */
  async putDown(): Promise<void> {
    if (this.#hands.isEmpty) return;
    this.#hands.breakOff();
    const until = performance.now() + STOP_WAIT_MS;
    while (this.#hands.isAnyAtWork && performance.now() < until) await this.#waker.wait(until - performance.now());
    if (this.#broken === null) await recordEnds(this.#options.queue, this.#hands, this.#options.onEvent);
    await this.#release(this.#hands.held());
  }

  async #fill(): Promise<void> {
    const { queue, admission, name, leaseMs, kinds, title, onEvent } = this.#options;
    let missed = 0;
    for (;;) {
      const look = admission.look(this.#hands.atWork());
      if (look < 1) return;
      this.#seenCounter = await queue.changeCounter();
      const ready = await queue.ready({ max: look, kinds, title });
      if (ready.length === 0) return;
      const only = await admission.choose(ready, this.#hands.atWork());
      if (only.length === 0) return;
      const taken = await queue.lease(name, { max: only.length, leaseMs, kinds, title, only });
      // Another worker was quicker: there may be more where that was.
      if (taken.length === 0 && ++missed === MAX_MISSED) return;
      for (const leased of taken) {
        // Its own item comes back: the lease ran out before it was noticed.
        const { title: ofTitle, key } = leased.lease;
        const former = this.#hands
          .held()
          .filter(({ leased: { lease } }) => lease.title === ofTitle && lease.key === key);
        this.#lose(former.map((item) => item.leased.lease));
        this.#hands.begin(leased);
        onEvent?.({ kind: 'began', leased });
      }
    }
  }

  /** Until an item ends, the worker is told something, or the queue may have something new. */
  async #wait(): Promise<void> {
    const { queue, admission, drain } = this.#options;
    const isLooking = drain?.aborted !== true && admission.look(this.#hands.atWork()) >= 1;
    const next = isLooking ? await queue.nextReadyMs() : null;
    const until = next === null ? Infinity : performance.now() + next;
    do {
      if (await this.#waker.wait(POLL_MS)) return;
      // What is at work changes what there is room for.
      if (!isLooking || !this.#hands.isEmpty) return;
    } while (performance.now() < until && (await queue.changeCounter()) === this.#seenCounter);
  }

  #lose(leases: readonly Lease[]): void {
    for (const { leased } of this.#hands.lose(leases)) this.#options.onEvent?.({ kind: 'lost', leased });
  }

  async #hasTitleEnded(): Promise<boolean> {
    const { queue, title } = this.#options;
    if (title === undefined) return false;
    const state = (await queue.title(title))?.state;
    return state !== 'running' && state !== 'paused';
  }

  async #release(items: readonly ItemInHand[]): Promise<void> {
    if (items.length === 0) return;
    for (const item of items) this.#hands.letGo(item);
    await this.#options.queue.release(items.map(({ leased }) => leased.lease));
    for (const { leased } of items) this.#options.onEvent?.({ kind: 'released', leased, reason: null });
  }
}
