// What waits for a relay's credit over TCP. Without it the kernels of both ends would take megabytes, and a narrow link would
// delay the picture by many seconds before anybody noticed.

import { encodePacket, PACKET, type Packet } from './packet.ts';
import type { RelayConnection } from './relay-connection.ts';
import type { SendQueue } from './sender-link.ts';

/** What the relay's credit says. */
export interface Credit {
  /** Bytes of the stream that it has passed on since the connection began. */
  readonly passed: number;
  /** Bytes that may be under way to it or wait in it; one frame may go beyond. */
  readonly window: number;
}

const BODY_BYTES = 12;
/** Before the relay has said anything. */
const FIRST_WINDOW_BYTES = 64 * 1024;

export class StreamQueue implements SendQueue {
  readonly #connection: RelayConnection;
  readonly #waiting: { readonly raw: Buffer; readonly onSent: (() => void) | undefined }[] = [];
  #sent = 0;
  #passed = 0;
  #window = FIRST_WINDOW_BYTES;
  bytes = 0;

  constructor(connection: RelayConnection) {
    this.#connection = connection;
  }

  push(raw: Buffer, _packetBytes: number, onSent?: () => void): void {
    this.#waiting.push({ raw, onSent });
    this.bytes += raw.length;
    this.#send();
  }

  credit(packet: Packet): void {
    const credit = parseCredit(packet);
    if (credit === null) return;
    this.#passed = credit.passed;
    this.#window = credit.window;
    this.#send();
  }

  /** Its credit says how fast. */
  bitrate(): void {}

  /** Nothing is, over TCP. */
  lost(): void {}

  clear(): void {
    this.#waiting.length = 0;
    this.bytes = 0;
    this.#sent = 0;
    this.#passed = 0;
    this.#window = FIRST_WINDOW_BYTES;
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#sent - this.#passed < this.#window) {
      const { raw, onSent } = this.#waiting.shift()!;
      this.bytes -= raw.length;
      this.#sent += raw.length;
      this.#connection.sendRaw(raw, onSent);
    }
  }
}

export function encodeCredit(credit: Credit): Buffer {
  const body = Buffer.allocUnsafe(BODY_BYTES);
  body.writeDoubleLE(credit.passed, 0);
  body.writeUInt32LE(credit.window, 8);
  return encodePacket(PACKET.credit, { body });
}

function parseCredit(packet: Packet): Credit | null {
  if (packet.body.length !== BODY_BYTES) return null;
  const body = Buffer.from(packet.body);
  return { passed: body.readDoubleLE(0), window: body.readUInt32LE(8) };
}
