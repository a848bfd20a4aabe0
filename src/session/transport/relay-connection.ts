// An end's connection to its relay: says hello with the token, notices when the relay is dead, and connects again for ever.

import { connect as connectTcp } from 'node:net';
import type { Transport } from '#core/session';
import type { RelayAddress } from '../part.ts';
import { encodeJson, encodePacket, PACKET, PACKET_VERSION, type Packet } from './packet.ts';
import { tcpWire } from './tcp-wire.ts';
import { udpWire } from './udp-wire.ts';
import { ALIVE_INTERVAL_MS, HELLO_LIMIT_MS, MAX_SILENT_INTERVALS, type Wire } from './wire.ts';

/** Wait before the next attempt, milliseconds: doubled from the first to the last. */
const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 1_000;
/** A hello may be lost over UDP: said again so often, milliseconds, until it is answered. */
const HELLO_AGAIN_MS = 200;
const MAX_PORT = 65_535;

export type Side = 'sender' | 'receiver';

/** Body of a hello. */
export interface Hello {
  readonly version: number;
  readonly token: string;
  readonly side: Side;
  /** Of the sender's rows; null for a receiver. */
  readonly stream: string | null;
}

export interface RelayConnectionOptions {
  readonly transport: Transport;
  readonly relay: RelayAddress;
  readonly token: string;
  readonly side: Side;
  readonly stream: string | null;
}

export interface RelayConnectionEvents {
  /** All but what keeps the connection itself. */
  onPacket(packet: Packet): void;
  /** `why` is told where it is down: the same reason once. */
  onConnection(connected: boolean, why: string | null): void;
}

export class RelayConnection {
  readonly #options: RelayConnectionOptions;
  readonly #events: RelayConnectionEvents;
  readonly #hello: Buffer;
  readonly #alive = encodePacket(PACKET.alive);
  #relay: RelayAddress;
  #wire: Wire | null = null;
  #connected = false;
  #closed = false;
  #silent = 0;
  #waitMs = FIRST_WAIT_MS;
  #retry: NodeJS.Timeout | null = null;
  #toldWhy: string | null = null;
  #stopBeat: () => void = () => {};

  constructor(options: RelayConnectionOptions, events: RelayConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#relay = options.relay;
    const { token, side, stream } = options;
    this.#hello = encodeJson(PACKET.hello, { version: PACKET_VERSION, token, side, stream } satisfies Hello);
    this.#attempt();
  }

  get connected(): boolean {
    return this.#connected;
  }

  get queuedBytes(): number {
    return this.#wire?.queuedBytes ?? 0;
  }

  /** A packet; nothing happens where there is no connection. */
  send(packet: Buffer): void {
    if (this.#connected) this.#wire?.send(this.#wire.raw(packet));
  }

  /** Packets that are raw already. */
  sendRaw(raw: Buffer, onSent?: () => void): void {
    if (this.#connected) this.#wire?.send(raw, onSent);
  }

  /** Somewhere else from now on. */
  connect(relay: RelayAddress): void {
    if (this.#closed) return;
    this.#relay = relay;
    this.#waitMs = FIRST_WAIT_MS;
    this.#leave();
    this.#down('the relay is somewhere else now');
    this.#attempt();
  }

  close(): void {
    this.#closed = true;
    this.#leave();
    this.#connected = false;
  }

  #attempt(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const { host, port } = this.#relay;
    if (!(port > 0 && port <= MAX_PORT)) {
      this.#fail(`there is no port ${port}`);
      return;
    }
    const sayHello = () => wire.send(wire.raw(this.#hello));
    // What an older wire still tells concerns nobody.
    const events = {
      onPacket: (packet: Packet) => {
        if (this.#wire === wire) this.#hear(packet);
      },
      onClosed: (why: string) => {
        if (this.#wire === wire) this.#fail(why);
      },
    };
    let wire: Wire;
    if (this.#options.transport === 'tcp') {
      const socket = connectTcp({ host, port });
      wire = tcpWire(socket, events);
      socket.once('connect', sayHello);
    } else wire = udpWire(host, port, events, sayHello);
    this.#wire = wire;
    this.#silent = 0;
    const sinceMs = performance.now();
    const again = this.#options.transport === 'udp' ? setInterval(sayHello, HELLO_AGAIN_MS) : undefined;
    const beat = setInterval(() => {
      if (this.#connected) {
        clearInterval(again);
        this.send(this.#alive);
        if (++this.#silent > MAX_SILENT_INTERVALS) this.#fail('the relay is silent');
      } else if (performance.now() - sinceMs > HELLO_LIMIT_MS) this.#fail('the relay does not answer');
    }, ALIVE_INTERVAL_MS);
    this.#stopBeat = () => {
      clearInterval(beat);
      clearInterval(again);
    };
  }

  #hear(packet: Packet): void {
    this.#silent = 0;
    switch (packet.kind) {
      case PACKET.welcome:
        if (this.#connected) break;
        this.#connected = true;
        this.#waitMs = FIRST_WAIT_MS;
        this.#toldWhy = null;
        this.#events.onConnection(true, null);
        break;
      case PACKET.refuse:
        this.#fail(`the relay refuses: ${Buffer.from(packet.body).toString('utf8')}`);
        break;
      case PACKET.bye:
        this.#fail('the relay ended the connection');
        break;
      case PACKET.alive:
        break;
      default:
        if (this.#connected) this.#events.onPacket(packet);
    }
  }

  #fail(why: string): void {
    this.#drop();
    this.#down(why);
    if (this.#closed) return;
    this.#retry ??= setTimeout(() => this.#attempt(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LAST_WAIT_MS);
  }

  #down(why: string): void {
    const was = this.#connected;
    this.#connected = false;
    if (!was && why === this.#toldWhy) return;
    this.#toldWhy = why;
    this.#events.onConnection(false, why);
  }

  #leave(): void {
    this.send(encodePacket(PACKET.bye));
    this.#drop();
  }

  #drop(): void {
    this.#stopBeat();
    this.#wire?.close();
    this.#wire = null;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }
}
