// Rows on their way into the next batch.

import type { FrameBatch, SeriesBatch, StepBatch } from '#core/recording';
import type { Batch } from '../agent-wire.ts';

/** A batch with so many rows is full: with at most 34 bytes a row it stays far below the longest message. */
const MAX_BATCH_ROWS = 20_000;
/** Of all tables together, of which a collector takes 1,000 of each. */
const MAX_PIECES = 500;
/** More messages in one batch are left out and counted. */
const MAX_MESSAGES = 500;
const MAX_TEXT = 1_000;

export class BatchRows {
  #series: SeriesBatch[] = [];
  #frames: FrameBatch[] = [];
  #steps: StepBatch[] = [];
  #messages: Batch['messages'][number][] = [];
  rows = 0;
  /** Messages that had no room, since the start. */
  lostMessages = 0;

  /** What comes now belongs into the next batch. */
  get full(): boolean {
    return this.rows >= MAX_BATCH_ROWS || this.#series.length + this.#frames.length + this.#steps.length >= MAX_PIECES;
  }

  series(batch: SeriesBatch): void {
    this.#series.push(batch);
    this.rows += batch.value.length;
  }

  frames(batch: FrameBatch): void {
    this.#frames.push(batch);
    this.rows += batch.frame.length;
  }

  steps(batch: StepBatch): void {
    this.#steps.push(batch);
    this.rows += batch.frame.length;
  }

  message(timeUs: number, source: string, text: string): void {
    if (this.#messages.length >= MAX_MESSAGES) {
      this.lostMessages++;
      return;
    }
    this.#messages.push({ timeUs, source, text: text.slice(0, MAX_TEXT) });
    this.rows++;
  }

  /** All of them as a batch, and begins anew; null where there are none. */
  take(number: number, lostRows: number): Batch | null {
    if (this.rows === 0) return null;
    const batch: Batch = {
      kind: 'batch',
      number,
      series: this.#series,
      frames: this.#frames,
      steps: this.#steps,
      messages: this.#messages,
      lostRows: lostRows + this.lostMessages,
    };
    this.#series = [];
    this.#frames = [];
    this.#steps = [];
    this.#messages = [];
    this.rows = 0;
    return batch;
  }
}
