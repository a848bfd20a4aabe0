// The host's side of a stream device on a UNIX socket, written from the description in spice/stream-device.h alone: it answers the
// states of the protocol as a SPICE server does, and takes down what the guest sends.

import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';

const HEADER = 8;
/** Frames may be under way for so long after a stop, milliseconds. */
const LATE_MS = 2_000;

export interface GuestFormat {
  readonly width: number;
  readonly height: number;
  readonly codec: number;
  /** Frames that followed it. */
  readonly frames: Buffer[];
}

export class DeviceServer {
  readonly path: string;
  readonly formats: GuestFormat[] = [];
  /** What a server would refuse. */
  readonly faults: string[] = [];
  /** Frames of a stream that was stopped already. */
  late = 0;
  capabilities = 0;
  connections = 0;
  readonly #server: Server;
  #socket: Duplex | null = null;
  #pending: Buffer = Buffer.alloc(0);
  #lateUntil = -Infinity;
  #state: 'initial' | 'idle' | 'ready' | 'streaming' = 'initial';

  constructor(path: string) {
    this.path = path;
    this.#server = createServer((socket) => this.meet(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.path, resolve));
  }

  get lastFormat(): GuestFormat | undefined {
    return this.formats.at(-1);
  }

  /** Asks for a stream of one of these codecs (1 mjpeg, 2 vp8, 3 h264); none stops it. */
  start(...codecs: number[]): void {
    this.#state = codecs.length === 0 ? 'idle' : 'ready';
    this.#lateUntil = performance.now() + LATE_MS;
    this.send(4, Buffer.from([codecs.length, ...codecs]));
  }

  error(text: string): void {
    this.send(5, Buffer.concat([Buffer.alloc(4), Buffer.from(text)]));
  }

  send(type: number, body: Buffer): void {
    const header = Buffer.alloc(HEADER);
    header[0] = 1;
    header.writeUInt16LE(type, 2);
    header.writeUInt32LE(body.length, 4);
    this.raw(Buffer.concat([header, body]));
  }

  raw(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  /** Takes nothing more for a while. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  hangUp(): void {
    this.#socket?.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** The guest's other end is there. */
  meet(socket: Duplex): void {
    this.#socket = socket;
    this.#pending = Buffer.alloc(0);
    this.#state = 'initial';
    this.connections++;
    socket.on('data', (bytes) => this.#read(Buffer.concat([this.#pending, bytes])));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
    this.send(1, Buffer.from([1]));
  }

  #read(bytes: Buffer): void {
    let at = 0;
    while (bytes.length - at >= HEADER) {
      const size = bytes.readUInt32LE(at + 4);
      if (bytes[at] !== 1 || bytes[at + 1] !== 0)
        this.faults.push(`a header ${bytes.toString('hex', at, at + HEADER)}`);
      if (bytes.length - at - HEADER < size) break;
      this.#take(bytes.readUInt16LE(at + 2), bytes.subarray(at + HEADER, at + HEADER + size));
      at += HEADER + size;
    }
    this.#pending = bytes.subarray(at);
  }

  #take(type: number, body: Buffer): void {
    if (type === 1) {
      this.capabilities++;
      if (this.#state === 'initial') this.#state = 'idle';
    } else if (type === 2 && body.length === 12 && this.#state !== 'initial') {
      if (this.#state === 'idle') this.faults.push('a format without a start');
      this.#state = 'streaming';
      this.formats.push({
        width: body.readUInt32LE(0),
        height: body.readUInt32LE(4),
        codec: body[8]!,
        frames: [],
      });
    } else if (type === 3 && this.#state === 'streaming') this.lastFormat!.frames.push(Buffer.from(body));
    // It was under way when the server asked for another stream.
    else if (type === 3 && this.#lateUntil > performance.now()) this.late++;
    else this.faults.push(`type ${type} of ${body.length} bytes while ${this.#state}`);
  }
}
