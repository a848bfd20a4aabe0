// A network in one direction: a queue before a limited bandwidth, then a line that delays. Pure: time and chance come in from
// outside. Packets leave by absolute due times, so that late timers shift nothing that comes after.

import type { NetworkConditions } from '#core/session';
import type { Random } from '#analysis/random';

/** What may be on the delaying line; more waits in the queue before it. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** What the queue of a network without a rate takes before it loses packets. */
export const MAX_QUEUE_BYTES = 32 * 1024 * 1024;
/** A queue that is shorter could not pass a few packets that come at once. */
const MIN_QUEUE_BYTES = 8 * 1024;
/** How long to wait where the way out is blocked, microseconds. */
const BLOCKED_WAIT_US = 5_000;
/** Packets that leave at one go; the next a millisecond later, so that no socket's buffer overflows after a late timer. */
const MAX_BURST_BYTES = 48 * 1024;

export interface LinkItem {
  readonly bytes: number;
  /** Items of one group (a frame) share their jitter. */
  readonly group: number;
  /** Whether it may be lost; else whoever sends is held back before the queue is full. */
  readonly mayBeLost: boolean;
}

export interface LinkEvents<Item> {
  /** It has left the queue: room for others. */
  onPassed(item: Item): void;
  /** It arrives at the other end. */
  onLeave(item: Item, nowUs: number): void;
  /** True where nothing may leave at the moment. */
  blocked(): boolean;
}

export class ConditionedLink<Item extends LinkItem> {
  readonly #random: Random;
  readonly #events: LinkEvents<Item>;
  readonly #queue: { readonly item: Item; readonly arrivedUs: number }[] = [];
  readonly #line: { readonly item: Item; readonly dueUs: number }[] = [];
  #conditions: NetworkConditions;
  #sinceUs: number;
  #queueBytes = 0;
  #lineBytes = 0;
  #freeUs = 0;
  #lastDueUs = 0;
  #group = -1;
  #jitterUs = 0;

  constructor(conditions: NetworkConditions, nowUs: number, random: Random, events: LinkEvents<Item>) {
    this.#conditions = conditions;
    this.#sinceUs = nowUs;
    this.#random = random;
    this.#events = events;
  }

  /** From now on; rates over time begin anew. What is on the line stays as it is. */
  change(conditions: NetworkConditions, nowUs: number): void {
    this.#conditions = conditions;
    this.#sinceUs = nowUs;
  }

  /** Bytes that the queue takes at the rate of that time. */
  queueLimit(nowUs: number): number {
    const rate = this.rateAt(nowUs);
    if (rate === null) return MAX_QUEUE_BYTES;
    return Math.min(MAX_QUEUE_BYTES, Math.max(MIN_QUEUE_BYTES, (rate * this.#conditions.queueMs) / 8_000));
  }

  get queueBytes(): number {
    return this.#queueBytes;
  }

  /** @returns false where it is lost */
  push(item: Item, nowUs: number): boolean {
    if (item.mayBeLost) {
      if (this.#conditions.loss > 0 && this.#random() / 2 ** 32 < this.#conditions.loss) return false;
      if (this.#queueBytes + item.bytes > this.queueLimit(nowUs)) return false;
    }
    this.#queue.push({ item, arrivedUs: nowUs });
    this.#queueBytes += item.bytes;
    return true;
  }

  /** Lets pass and leave what is due. @returns when to call again at the latest, Infinity where nothing waits */
  advance(nowUs: number): number {
    this.#transmit(nowUs);
    let burst = 0;
    for (let first = this.#line[0]; first !== undefined; first = this.#line[0]) {
      if (first.dueUs > nowUs) break;
      if (this.#events.blocked()) return nowUs + BLOCKED_WAIT_US;
      if (burst > MAX_BURST_BYTES) return nowUs + 1_000;
      burst += first.item.bytes;
      this.#line.shift();
      this.#lineBytes -= first.item.bytes;
      this.#events.onLeave(first.item, nowUs);
      this.#transmit(nowUs);
    }
    const nextLeaves = this.#line[0]?.dueUs ?? Infinity;
    const head = this.#queue[0];
    if (head === undefined || this.#lineBytes >= MAX_LINE_BYTES) return nextLeaves;
    return Math.min(nextLeaves, Math.max(this.#freeUs, head.arrivedUs));
  }

  /** From the queue to the line, as the bandwidth allows. */
  #transmit(nowUs: number): void {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const startUs = Math.max(this.#freeUs, head.arrivedUs);
      if (startUs > nowUs || this.#lineBytes >= MAX_LINE_BYTES) return;
      const { item } = head;
      const rate = this.rateAt(startUs);
      this.#freeUs = rate === null ? startUs : startUs + (item.bytes * 8e6) / rate;
      this.#lastDueUs = Math.max(this.#lastDueUs, this.#freeUs + this.#delayUs(item.group));
      this.#queue.shift();
      this.#queueBytes -= item.bytes;
      this.#lineBytes += item.bytes;
      this.#line.push({ item, dueUs: this.#lastDueUs });
      this.#events.onPassed(item);
    }
  }

  #delayUs(group: number): number {
    const { delayMs, jitterMs } = this.#conditions;
    if (jitterMs === 0) return delayMs * 1000;
    if (group !== this.#group) {
      this.#group = group;
      this.#jitterUs = this.#gauss() * jitterMs * 1000;
    }
    return Math.max(0, delayMs * 1000 + this.#jitterUs);
  }

  /** Normal distribution by Box and Muller (1958). */
  #gauss(): number {
    const u = (this.#random() + 1) / (2 ** 32 + 1);
    return Math.sqrt(-2 * Math.log(u)) * Math.cos((2 * Math.PI * this.#random()) / 2 ** 32);
  }

  /** Bits a second at a time; null where nothing limits them. */
  rateAt(timeUs: number): number | null {
    let rate: number | null = null;
    for (const step of this.#conditions.rate) {
      if (step.atS * 1e6 > timeUs - this.#sinceUs) break;
      rate = step.bitsPerSecond;
    }
    return rate;
  }
}
