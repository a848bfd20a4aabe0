// From packets to frames: when the relay had received a frame as a whole, and when it had sent it on, or that it was lost here.

import type { Step, StepOutcome } from '#core/recording';
import type { Packet } from '../transport/packet.ts';

/** Frames that are on their way through the relay at most; the oldest is given up for a new one. */
const MAX_FRAMES = 1024;
/** A frame that is not whole after this time, microseconds, was lost before it reached us. */
const ARRIVE_LIMIT_US = 2_000_000;

export interface FrameStepEvents {
  onStep(stream: string, frame: number, step: Step, startUs: number, durationUs: number, outcome: StepOutcome): void;
}

interface PassingFrame {
  readonly stream: string;
  readonly firstUs: number;
  lastUs: number;
  arrived: number;
  left: number;
  outcome: StepOutcome;
}

export class FrameSteps {
  readonly #events: FrameStepEvents;
  readonly #frames = new Map<number, PassingFrame>();
  #sender = -1;

  constructor(events: FrameStepEvents) {
    this.#events = events;
  }

  /** @param stream name of the sender's stream */
  arrived(packet: Packet, stream: string, nowUs: number): void {
    if (packet.stream !== this.#sender) {
      for (const frame of this.#frames.keys()) this.#giveUp(frame);
      this.#sender = packet.stream;
    }
    let passing = this.#frames.get(packet.frame);
    if (passing === undefined) {
      if (this.#frames.size >= MAX_FRAMES) for (const oldest of this.#frames.keys()) if (this.#giveUp(oldest)) break;
      passing = { stream, firstUs: nowUs, lastUs: nowUs, arrived: 0, left: 0, outcome: 'ok' };
      this.#frames.set(packet.frame, passing);
    }
    passing.lastUs = nowUs;
    if (++passing.arrived === packet.fragments) {
      const { firstUs } = passing;
      this.#events.onStep(stream, packet.frame, 'receive', firstUs, nowUs - firstUs, 'ok');
    }
  }

  /** @param outcome `ok` where it was sent on; a frame has the outcome of its worst packet */
  left(packet: Packet, outcome: StepOutcome, nowUs: number): void {
    const passing = packet.stream === this.#sender ? this.#frames.get(packet.frame) : undefined;
    if (passing === undefined) return;
    if (outcome !== 'ok') passing.outcome = outcome;
    if (++passing.left < packet.fragments) return;
    this.#frames.delete(packet.frame);
    const startUs = Math.min(passing.lastUs, nowUs);
    this.#events.onStep(passing.stream, packet.frame, 'send', startUs, nowUs - startUs, passing.outcome);
  }

  /** Gives up frames of which something never came. */
  expire(nowUs: number): void {
    for (const [frame, passing] of this.#frames) {
      if (nowUs - passing.lastUs < ARRIVE_LIMIT_US) break;
      // What waits in a long queue has arrived and is no loss.
      if (passing.left < passing.arrived) continue;
      this.#giveUp(frame);
    }
  }

  #giveUp(frame: number): true {
    const passing = this.#frames.get(frame);
    this.#frames.delete(frame);
    if (passing !== undefined && passing.left >= passing.arrived) {
      const { firstUs, lastUs } = passing;
      this.#events.onStep(passing.stream, frame, 'receive', firstUs, lastUs - firstUs, 'lost');
    }
    return true;
  }
}
