// What waits to be sent over UDP: a large keyframe is spread over some milliseconds, so that no socket's buffer overflows on its
// way.

import type { Packet } from './packet.ts';
import type { RelayConnection } from './relay-connection.ts';
import type { SendQueue } from './sender-link.ts';

/** Bytes a millisecond (190 Mbit/s): a kernel's usual buffer of 200 kB holds what comes in 8 ms. */
const PACE_BYTES_PER_MS = 24_000;
/** What may go out at once after a rest: half of such a buffer, so that most frames need no timer. */
const BURST_BYTES = 96_000;

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

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting.length = 0;
    this.bytes = 0;
  }

  #send(): void {
    this.#timer = null;
    const nowMs = performance.now();
    this.#allowance = Math.min(BURST_BYTES, this.#allowance + (nowMs - this.#lastMs) * PACE_BYTES_PER_MS);
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
