// All tries of a title's items, read once and then only what is new: who did what when.

import type { Attempt, Queue } from '#core/queue';
import { itemPlace } from './item-key.ts';

const AT_ONCE = 10_000;

/** How a try ended, by its code; a try that runs has 0. */
export const TRY_ENDS = ['running', 'done', 'failed', 'lost', 'released'] as const;

/** Columns of one length, a row a try, in the order in which they began. Times are UTC, ms, of the queue. */
export class Tries {
  readonly epoch: number[] = [];
  /** Position in `lanes`. */
  readonly lane: number[] = [];
  readonly chunk: number[] = [];
  /** Position in `slots`. */
  readonly slot: number[] = [];
  readonly readyAt: number[] = [];
  readonly beganAt: number[] = [];
  /** NaN while it runs. */
  readonly endedAt: number[] = [];
  /** Code in TRY_ENDS. */
  readonly end: number[] = [];
  readonly lanes: { readonly kind: string; readonly group: string }[] = [];
  /** Hands of workers: what one worker does at the same time is done in several slots. */
  readonly slots: { readonly worker: string; readonly number: number }[] = [];
  readonly #queue: Queue;
  readonly #title: string;
  readonly #laneOf = new Map<string, number>();
  readonly #slotsOf = new Map<string, number[]>();
  /** Row of the last try in each slot. */
  readonly #lastIn: number[] = [];
  /** Rows of tries that had not ended when they were read. */
  #open: number[] = [];

  constructor(queue: Queue, title: string) {
    this.#queue = queue;
    this.#title = title;
  }

  get length(): number {
    return this.epoch.length;
  }

  /** Rows of tries that run. */
  get running(): readonly number[] {
    return this.#open;
  }

  /** Reads what is new, and how those ended that ran. */
  async update(): Promise<void> {
    const firstOpen = this.#open[0];
    let after = firstOpen === undefined ? (this.epoch.at(-1) ?? 0) : this.epoch[firstOpen]! - 1;
    let row = firstOpen ?? this.length;
    for (;;) {
      const attempts = await this.#queue.attemptsAfter(this.#title, after, AT_ONCE);
      for (const attempt of attempts) {
        if (this.epoch[row] === attempt.epoch) this.#end(row, attempt);
        else this.#add(attempt);
        row++;
      }
      if (attempts.length < AT_ONCE) break;
      after = attempts.at(-1)!.epoch;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#open = this.#open.filter((one) => this.end[one] === 0);
  }

  #end(row: number, { endedAt, end }: Attempt): void {
    this.endedAt[row] = endedAt ?? NaN;
    this.end[row] = end === null ? 0 : TRY_ENDS.indexOf(end);
  }

  #add(attempt: Attempt): void {
    const row = this.length;
    const { group, chunk } = itemPlace(attempt.key);
    this.epoch.push(attempt.epoch);
    this.lane.push(this.#laneNumber(attempt.kind, group));
    this.chunk.push(chunk);
    this.readyAt.push(attempt.readyAt);
    this.beganAt.push(attempt.beganAt);
    this.endedAt.push(NaN);
    this.end.push(0);
    this.#end(row, attempt);
    this.slot.push(this.#freeSlot(attempt, row));
    if (this.end[row] === 0) this.#open.push(row);
  }

  #laneNumber(kind: string, group: string): number {
    const name = `${kind} ${group}`;
    let number = this.#laneOf.get(name);
    if (number === undefined) {
      number = this.lanes.push({ kind, group }) - 1;
      this.#laneOf.set(name, number);
    }
    return number;
  }

  #freeSlot({ worker, beganAt }: Attempt, row: number): number {
    let slots = this.#slotsOf.get(worker);
    if (slots === undefined) this.#slotsOf.set(worker, (slots = []));
    // NaN, which no time is before: the slot's last try still runs.
    let free = slots.find((slot) => this.endedAt[this.#lastIn[slot]!]! <= beganAt);
    if (free === undefined) {
      free = this.slots.push({ worker, number: slots.length }) - 1;
      slots.push(free);
    }
    this.#lastIn[free] = row;
    return free;
  }
}
