// One connection between a relay and one of its two ends, over either transport. "Raw" is a packet as it travels: over TCP
// behind its length.

import type { Packet } from './packet.ts';

export interface Wire {
  /** Bytes that were given and are not with the kernel yet. */
  readonly queuedBytes: number;
  /** A packet in its raw form. */
  raw(packet: Buffer): Buffer;
  /** Sends raw packets, over UDP exactly one; `onSent` is called when the kernel has them. */
  send(raw: Buffer, onSent?: () => void): void;
  /** What was given is still sent where that is possible at once. */
  close(): void;
}

export interface WireEvents {
  /** @param raw the whole packet as it came, memory of its own */
  onPacket(packet: Packet, raw: Buffer): void;
  /** It is over; told once, not after `close`. */
  onClosed(why: string): void;
}

/** Both ends say so often that they are there, milliseconds. */
export const ALIVE_INTERVAL_MS = 250;
/** So many intervals without a word from the other end mean that it is dead. Intervals, not time: an own standstill is no silence. */
export const MAX_SILENT_INTERVALS = 8;
/** Who connects must be known after this time, milliseconds. */
export const HELLO_LIMIT_MS = 2_000;
