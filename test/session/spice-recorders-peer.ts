// A patched SPICE process of 2020 as its protocol is described: such builds are not to be had.

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { monotonicUs } from '#system/clock';

/** Its clock is the time of day of its machine, in records of that time some seconds off. */
const AHEAD_US = 1_578_412_081_766_768;

export class RecordersPeer {
  readonly #recorders: readonly string[];
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  /** What it begins with; its recorders by default. */
  greeting: string | null = null;
  /** All bytes that were sent to it, whatever the connection. */
  heard = '';
  connections = 0;
  port = 0;

  constructor(recorders: readonly string[]) {
    this.#recorders = recorders;
  }

  get address() {
    return { host: '127.0.0.1', port: this.port };
  }

  /** On the port that it had before, if any. */
  async open(): Promise<this> {
    const server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (chunk) => (this.heard += chunk.toString('latin1')));
      socket.write(this.greeting ?? `Recorders: ${this.#recorders.join(';')};\n`);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** Dies as a process does. */
  async die(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  /** An entry of that time on our clock; of now by default. */
  tell(name: string, message: string, atUs = monotonicUs()): void {
    this.write(`Name: ${name}\nFunction: told\nTime: ${atUs + AHEAD_US}\nsource.c:7:${message}\n\n`);
  }

  /** A frame of the guest, step by step: 0.5 ms until its capture, 2 ms for that, 6 ms to encode, 0.4 ms to send. */
  tellGuestFrame(bytes: number, key: boolean): void {
    const nowUs = monotonicUs();
    this.tell('frame', 'Capturing frame...', nowUs - 8_900);
    this.tell('gst_frame', 'Capturing frame...', nowUs - 8_400);
    this.tell('gst_frame', 'Encoding', nowUs - 6_400);
    this.tell('gst_frame', 'Captured', nowUs - 400);
    this.tell('frame', `Frame of ${bytes} bytes`, nowUs - 400);
    if (key) this.tell('frame', 'Keyframe', nowUs - 400);
    this.tell('frame', 'Sent frame', nowUs);
  }

  write(bytes: string): void {
    for (const socket of this.#sockets) socket.write(bytes, 'latin1');
  }
}
