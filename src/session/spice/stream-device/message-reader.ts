// Reads what a SPICE server writes to the stream device: its capabilities, start and stop, errors. Whatever comes, it either
// makes a message of it, waits for a bounded rest, or says what is wrong.

import { VIDEO_CODECS } from '../protocol.ts';
import { DEVICE_HEADER_BYTES, DEVICE_MESSAGE, DEVICE_PROTOCOL } from './messages.ts';

export type ServerMessage =
  | { readonly kind: 'capabilities' }
  /** Names of the codecs that the client shows, in the server's order, those that have no name here left out. */
  | { readonly kind: 'start'; readonly codecs: readonly string[] }
  | { readonly kind: 'stop' }
  | { readonly kind: 'error'; readonly code: number; readonly text: string };

/** Sizes of a body, bytes: least and most. The most of capabilities is the header's own; a list holds 255 codecs. */
const SIZES: Readonly<Record<number, readonly [number, number]>> = {
  [DEVICE_MESSAGE.capabilities]: [0, 1024],
  [DEVICE_MESSAGE.startStop]: [1, 256],
  [DEVICE_MESSAGE.notifyError]: [4, 4096],
};
const MOST_BYTES = DEVICE_HEADER_BYTES + 4096;

export class ServerMessageReader {
  readonly #onMessage: (message: ServerMessage) => void;
  readonly #held = Buffer.alloc(MOST_BYTES);
  #length = 0;
  #fault: string | null = null;

  constructor(onMessage: (message: ServerMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** What was wrong: nothing that follows can be read. Null while all is well. */
  get fault(): string | null {
    return this.#fault;
  }

  /** True while a message has begun and is not complete. */
  get isHalf(): boolean {
    return this.#length > 0 && this.#fault === null;
  }

  /** Takes the bytes that came, in pieces of any size. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#fault === null;) {
      const piece = bytes.subarray(at, at + this.#missing());
      this.#held.set(piece, this.#length);
      this.#length += piece.length;
      at += piece.length;
      if (this.#length === DEVICE_HEADER_BYTES) this.#fault = headerFault(this.#held);
      if (this.#fault === null && this.#missing() === 0) this.#complete();
    }
  }

  /** Bytes until the header, or then the message, is complete. */
  #missing(): number {
    if (this.#length < DEVICE_HEADER_BYTES) return DEVICE_HEADER_BYTES - this.#length;
    return DEVICE_HEADER_BYTES + this.#held.readUInt32LE(4) - this.#length;
  }

  #complete(): void {
    const type = this.#held.readUInt16LE(2);
    const body = this.#held.subarray(DEVICE_HEADER_BYTES, this.#length);
    this.#length = 0;
    if (type === DEVICE_MESSAGE.capabilities) this.#onMessage({ kind: 'capabilities' });
    else if (type === DEVICE_MESSAGE.notifyError) {
      const text = body.toString('utf8', 4).replace(/\0+$/, '');
      this.#onMessage({ kind: 'error', code: body.readUInt32LE(0), text });
    } else {
      const count = body.readUInt8(0);
      if (count > body.length - 1) this.#fault = `a list of ${count} codecs in ${body.length} bytes`;
      else if (count === 0) this.#onMessage({ kind: 'stop' });
      else this.#onMessage({ kind: 'start', codecs: namesOf(body.subarray(1, 1 + count)) });
    }
  }
}

function headerFault(header: Buffer): string | null {
  const version = header.readUInt8(0);
  if (version !== DEVICE_PROTOCOL) return `version ${version} of the protocol, and only ${DEVICE_PROTOCOL} is known`;
  const type = header.readUInt16LE(2);
  const bounds = SIZES[type];
  if (bounds === undefined) return `a message of type ${type}, which no server sends`;
  const size = header.readUInt32LE(4);
  if (size >= bounds[0] && size <= bounds[1]) return null;
  return `a message of type ${type} with ${size} bytes: between ${bounds[0]} and ${bounds[1]} are right`;
}

function namesOf(numbers: Uint8Array): string[] {
  return Array.from(numbers, (number) => VIDEO_CODECS[number]).filter((name) => name !== undefined);
}
