// How far a title has come, read again and again: each time only what is new of its tries, and its items where something changed.

import type { SecondsLeft } from '#analysis/time-left';
import type { Queue } from '#core/queue';
import { readLanes, type TitleLane } from './title-lanes.ts';
import { titleTimeLeft } from './title-time-left.ts';
import { Tries } from './tries.ts';

/** Reading takes at most this share of the time: of very large titles what is told is some seconds old. */
const MAX_SHARE = 0.1;

export class TitleProgress {
  readonly tries: Tries;
  readonly #queue: Queue;
  readonly #title: string;
  #lanes: readonly TitleLane[] = [];
  #counter = -1;
  #nextMs = 0;
  #reading: Promise<void> | null = null;

  constructor(queue: Queue, title: string) {
    this.#queue = queue;
    this.#title = title;
    this.tries = new Tries(queue, title);
  }

  get lanes(): readonly TitleLane[] {
    return this.#lanes;
  }

  /** Of the queue, when what is here was read. */
  get counter(): number {
    return this.#counter;
  }

  /** @throws UserError where the queue can't be read */
  update(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /**
   * Wall seconds until it is published, with an interval of 80 %, as far as is known since the last `update`.
   * @param nowMs UTC
   */
  timeLeft(nowMs: number = Date.now()): SecondsLeft | null {
    return titleTimeLeft(this.#lanes, this.tries, nowMs);
  }

  async #read(): Promise<void> {
    const began = performance.now();
    if (began < this.#nextMs) return;
    const counter = await this.#queue.changeCounter();
    if (counter === this.#counter) return;
    await this.tries.update();
    this.#lanes = await readLanes(this.#queue, this.#title);
    this.#counter = counter;
    const ended = performance.now();
    this.#nextMs = ended + (ended - began) * (1 / MAX_SHARE - 1);
  }
}
