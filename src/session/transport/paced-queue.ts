// What waits to be sent over UDP: a large keyframe is spread over some milliseconds, so that no socket's buffer overflows on its
// way; and over more of them for some time after a loss, so that it gets through the short queue before a narrow link.

import type { Packet } from './packet.ts';
import type { RelayConnection } from './relay-connection.ts';
import type { SendQueue } from './sender-link.ts';

/** Bytes a millisecond (190 Mbit/s): a kernel's usual buffer of 200 kB holds what comes in 8 ms. */
const PACE_BYTES_PER_MS = 24_000;
/** What may go out at once after a rest: half of such a buffer, so that most frames need no timer. */
const BURST_BYTES = 96_000;

/** After a loss: of the bitrate, and not less than this (2 Mbit/s); what may go out at once after a rest, as milliseconds of it. */
const CAREFUL_FACTOR = 2;
const LEAST_BYTES_PER_MS = 250;
const CAREFUL_BURST_MS = 20;
/** Two losses that are no further apart begin it, and so long after the last it ends, milliseconds: a receiver that has just come is no loss. */
const CAREFUL_MS = 10_000;

interface Waiting {
  readonly raw: Buffer;
  readonly packetBytes: number;
  readonly onSent: (() => void) | undefined;
  at: number;
}

export class PacedQueue implements SendQueue {
  readonly #connection: RelayConnection;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | null = null;
  #allowance = BURST_BYTES;
  #lastMs = 0;
  /** Bytes a millisecond after a loss. */
  #carefulPace = PACE_BYTES_PER_MS;
  #carefulUntilMs = -Infinity;
  #lostMs = -Infinity;
  bytes = 0;

  constructor(connection: RelayConnection) {
    this.#connection = connection;
  }

  push(raw: Buffer, packetBytes: number, onSent?: () => void): void {
    this.#waiting.push({ raw, packetBytes, onSent, at: 0 });
    this.bytes += raw.length;
    if (this.#timer === null) this.#send();
  }

  /** There is none over UDP: what is too much is lost. */
  credit(_packet: Packet): void {}

  bitrate(bitsPerSecond: number | null): void {
    const pace = bitsPerSecond === null ? PACE_BYTES_PER_MS : (bitsPerSecond * CAREFUL_FACTOR) / 8_000;
    this.#carefulPace = Math.min(PACE_BYTES_PER_MS, Math.max(LEAST_BYTES_PER_MS, pace));
  }

  lost(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lostMs < CAREFUL_MS) this.#carefulUntilMs = nowMs + CAREFUL_MS;
    this.#lostMs = nowMs;
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.length = 0;
    this.bytes = 0;
  }

  #send(): void {
    this.#timer = null;
    const nowMs = performance.now();
    const isCareful = nowMs < this.#carefulUntilMs;
    const pace = isCareful ? this.#carefulPace : PACE_BYTES_PER_MS;
    const burst = isCareful ? pace * CAREFUL_BURST_MS : BURST_BYTES;
    this.#allowance = Math.min(burst, this.#allowance + (nowMs - this.#lastMs) * pace);
    this.#lastMs = nowMs;
    for (let first = this.#waiting[0]; first !== undefined && this.#allowance > 0; first = this.#waiting[0]) {
      const packet = first.raw.subarray(first.at, first.at + first.packetBytes);
      first.at += packet.length;
      this.bytes -= packet.length;
      this.#allowance -= packet.length;
      const last = first.at === first.raw.length;
      if (last) this.#waiting.shift();
      this.#connection.sendRaw(packet, last ? first.onSent : undefined);
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#send(), 1);
  }
}
