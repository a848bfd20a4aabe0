// A TCP connection that carries packets, each behind its length (u32, little-endian).

import type { Socket } from 'node:net';
import { HEADER_BYTES, MAX_PACKET_BYTES, parsePacket, type Packet } from './packet.ts';
import type { Wire, WireEvents } from './wire.ts';

export const LENGTH_BYTES = 4;

/** @param socket connected or connecting */
export function tcpWire(socket: Socket, events: WireEvents): Wire {
  let closed = false;
  const end = (why: string) => {
    if (closed) return;
    closed = true;
    socket.destroy();
    events.onClosed(why);
  };
  const cutter = new PacketCutter((packet, raw) => {
    if (!closed) events.onPacket(packet, raw);
  });
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    cutter.push(chunk as Buffer);
    if (cutter.fault !== null) end(cutter.fault);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  socket.on('close', () => end('the connection was closed'));
  return {
    get queuedBytes() {
      return socket.writableLength;
    },
    raw: withLength,
    send(raw, onSent) {
      if (closed) return;
      if (onSent === undefined) socket.write(raw);
      else
        socket.write(raw, (error) => {
          if (error === null || error === undefined) onSent();
        });
    },
    close() {
      if (closed) return;
      closed = true;
      // Lets a farewell through that lies in an empty queue; whoever does not read gets none.
      socket.end();
      socket.destroySoon();
      setTimeout(() => socket.destroy(), CLOSE_LIMIT_MS).unref();
    },
  };
}

const CLOSE_LIMIT_MS = 200;

export function withLength(packet: Buffer): Buffer {
  const raw = Buffer.allocUnsafe(LENGTH_BYTES + packet.length);
  raw.writeUInt32LE(packet.length, 0);
  raw.set(packet, LENGTH_BYTES);
  return raw;
}

/** Cuts a stream of bytes into packets. */
export class PacketCutter {
  readonly #onPacket: (packet: Packet, raw: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  /** What was wrong; after that nothing more is read. */
  fault: string | null = null;

  constructor(onPacket: (packet: Packet, raw: Buffer) => void) {
    this.#onPacket = onPacket;
  }

  /** Never keeps more than one packet that is not whole. */
  push(chunk: Buffer): void {
    if (this.fault !== null) return;
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32LE(at);
      if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) {
        this.#fail(`garbage: a packet of ${length} bytes`);
        return;
      }
      if (bytes.length - at < LENGTH_BYTES + length) break;
      const raw = bytes.subarray(at, at + LENGTH_BYTES + length);
      const packet = parsePacket(raw.subarray(LENGTH_BYTES));
      if (packet === null) {
        this.#fail('garbage: no packet of ours');
        return;
      }
      at += raw.length;
      this.#onPacket(packet, raw);
    }
    // A copy, so that a small rest does not hold on to a large chunk.
    this.#pending = Buffer.from(bytes.subarray(at));
  }

  #fail(why: string): void {
    this.fault = why;
    this.#pending = Buffer.alloc(0);
  }
}
