// Packets for pages: every message is packed once, however many pages get it; a packet is an array around them.

import { Packr } from 'msgpackr';
import type { StreamMessage } from './live-wire.ts';

/** Without records: each message must be readable by itself, wherever it stands. */
const packr = new Packr({ useRecords: false, moreTypes: true });

export function packMessage(message: StreamMessage): Uint8Array {
  return packr.pack(message);
}

/** An array of MessagePack is its length, then its elements one after the other (msgpack spec, "array format family"). */
export function packPacket(pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([arrayHead(pieces.length), ...pieces]);
}

function arrayHead(length: number): Uint8Array {
  if (length < 16) return Uint8Array.of(0x90 | length);
  if (length < 65_536) return Uint8Array.of(0xdc, length >> 8, length & 0xff);
  return Uint8Array.of(0xdd, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}
