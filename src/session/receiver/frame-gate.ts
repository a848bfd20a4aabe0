// What stands between network and decoder: a bounded queue, and the rule that after a loss nothing is decoded before the next
// keyframe.

import type { StepOutcome } from '#core/recording';
import type { MediaConfig, MediaFrame } from '../transport/media.ts';

/** What may wait for the decoder: half a second, and so many frames and bytes at most. */
export const MAX_WAIT_US = 500_000;
export const MAX_WAITING_FRAMES = 64;
export const MAX_WAITING_BYTES = 32 * 1024 * 1024;

export interface WaitingFrame {
  readonly media: MediaFrame;
  readonly config: MediaConfig;
  /** Name of the stream. */
  readonly stream: string;
  /** When it was whole, monotonic microseconds. */
  readonly sinceUs: number;
}

export interface FrameGateEvents {
  /** It will not be decoded. */
  onDropped(frame: WaitingFrame, outcome: StepOutcome): void;
  onKeyframeWanted(): void;
}

export class FrameGate {
  readonly #events: FrameGateEvents;
  readonly #waiting: WaitingFrame[] = [];
  #bytes = 0;
  #needsKey = true;

  constructor(events: FrameGateEvents) {
    this.#events = events;
  }

  get length(): number {
    return this.#waiting.length;
  }

  push(frame: WaitingFrame): void {
    if (this.#needsKey && !frame.media.key) {
      this.#events.onDropped(frame, 'waiting');
      return;
    }
    const [oldest] = this.#waiting;
    const full =
      this.#waiting.length >= MAX_WAITING_FRAMES ||
      this.#bytes + frame.media.data.length > MAX_WAITING_BYTES ||
      (oldest !== undefined && frame.sinceUs - oldest.sinceUs > MAX_WAIT_US);
    if (full) {
      // The decoder is too slow: what waits is of no use any more, and a keyframe lets it begin anew.
      this.#drop('full');
      if (!frame.media.key) {
        this.#events.onDropped(frame, 'full');
        this.broken();
        return;
      }
    }
    this.#needsKey = false;
    this.#waiting.push(frame);
    this.#bytes += frame.media.data.length;
  }

  /** The next to decode. */
  take(): WaitingFrame | undefined {
    const frame = this.#waiting.shift();
    if (frame !== undefined) this.#bytes -= frame.media.data.length;
    return frame;
  }

  /** A frame was lost on the network: what came before it can still be decoded. */
  lost(): void {
    if (!this.#needsKey) this.broken();
  }

  /** The decoder failed on the frame that it took: what waits can't be decoded either, up to a keyframe. */
  failed(): void {
    const key = this.#waiting.findIndex(({ media }) => media.key);
    for (let left = key < 0 ? this.#waiting.length : key; left > 0; left--)
      this.#events.onDropped(this.take()!, 'waiting');
    if (key < 0) this.broken();
  }

  /** From now on only a keyframe helps. */
  broken(): void {
    this.#needsKey = true;
    this.#events.onKeyframeWanted();
  }

  #drop(outcome: StepOutcome): void {
    for (let frame = this.take(); frame !== undefined; frame = this.take()) this.#events.onDropped(frame, outcome);
  }
}
