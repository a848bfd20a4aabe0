// Collects rows and sends them about once a second, so that measuring costs nothing in between.

import type { Fraction } from '#core/source';
import { FrameRows, StepRows } from '../channel/rows.ts';
import type { ChannelWriter } from '../channel/writer.ts';

const SEND_INTERVAL_MS = 1_000;

/** Where rows go to. */
export type RowChannel = Pick<ChannelWriter, 'frames' | 'steps'>;

export class RowSender {
  readonly #channel: RowChannel;
  readonly #timeBase: Fraction;
  readonly #frames = new FrameRows();
  readonly #steps = new StepRows();
  readonly #onSent: () => void;
  #sentMs = performance.now();

  /** @param onSent called after each batch */
  constructor(channel: RowChannel, timeBase: Fraction, onSent: () => void) {
    this.#channel = channel;
    this.#timeBase = timeBase;
    this.#onSent = onSent;
  }

  frame(
    frame: number,
    sourceFrame: number,
    pts: number,
    type: number,
    key: boolean,
    bytes: number,
    quantizer: number,
  ): void {
    this.#frames.add(frame, sourceFrame, pts, type, key, bytes, quantizer);
    if (this.#frames.full) this.#channel.frames(this.#frames, this.#timeBase);
  }

  step(frame: number, step: number, startUs: number, durationUs: number, busyUs: number, outcome: number): void {
    this.#steps.add(frame, step, startUs, durationUs, busyUs, outcome);
    if (this.#steps.full) this.#channel.steps(this.#steps);
  }

  /** Sends what there is if a second has passed. */
  poll(): void {
    if (performance.now() - this.#sentMs >= SEND_INTERVAL_MS) this.send();
  }

  send(): void {
    this.#channel.frames(this.#frames, this.#timeBase);
    this.#channel.steps(this.#steps);
    this.#sentMs = performance.now();
    this.#onSent();
  }
}
