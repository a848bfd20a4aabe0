// Where the two ends reach the relay: TCP and UDP on one port number. Whoever does not say hello with the token is refused and
// counted; of each side the newest connection holds.

import { timingSafeEqual } from 'node:crypto';
import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { Transport } from '#core/session';
import type { RelayAddress } from '../part.ts';
import { encodePacket, PACKET, PACKET_VERSION, parseJson, parsePacket, type Packet } from '../transport/packet.ts';
import type { Hello, Side } from '../transport/relay-connection.ts';
import { tcpWire } from '../transport/tcp-wire.ts';
import { udpPeerWire } from '../transport/udp-wire.ts';
import { ALIVE_INTERVAL_MS, HELLO_LIMIT_MS, MAX_SILENT_INTERVALS, type Wire } from '../transport/wire.ts';
import { bindBoth } from './bind-both.ts';

/** Connections that have not said hello yet. */
const MAX_STRANGERS = 32;
const MAX_STREAM_NAME = 100;
/** Reasons for which somebody was turned away that are counted. */
const MAX_REASONS = 32;
/** How often they are told again, milliseconds. */
const REFUSALS_INTERVAL_MS = 10_000;
const WELCOME = encodePacket(PACKET.welcome);
const ALIVE = encodePacket(PACKET.alive);
const BYE = encodePacket(PACKET.bye);
/** Strangers are answered no more often, milliseconds. */
const MIN_SEND_AWAY_MS = 10;

export interface Peer {
  readonly side: Side;
  readonly transport: Transport;
  /** Of a sender. */
  readonly stream: string;
  readonly wire: Wire;
}

export interface RelayEvents {
  onPeer(peer: Peer): void;
  onPeerGone(peer: Peer, why: string): void;
  onPacket(peer: Peer, packet: Packet, raw: Buffer): void;
  /** Somebody was turned away: told at the first time for each reason, later with how often it came again. */
  onRefused(why: string, times: number): void;
}

interface KnownPeer extends Peer {
  silent: number;
  /** Of a UDP peer. */
  readonly key: string | null;
}

export class RelayListener {
  readonly #token: Buffer;
  readonly #events: RelayEvents;
  readonly #peers = new Map<Side, KnownPeer>();
  readonly #byAddress = new Map<string, KnownPeer>();
  /** By reason: how often since it was told. */
  readonly #refusals = new Map<string, number>();
  /** How to close those who have not said hello, oldest first. */
  readonly #strangers = new Set<() => void>();
  #sentAwayMs = -Infinity;

  constructor(token: string, events: RelayEvents) {
    this.#token = Buffer.from(token);
    this.#events = events;
  }

  /** @throws UserError where the address can't be had */
  async listen(address: RelayAddress): Promise<RelayAddress> {
    const { server, socket, port } = await bindBoth(address);
    server.maxConnections = 2 * MAX_STRANGERS;
    server.on('connection', (connection) => this.#meet(connection));
    socket.on('message', (raw, from) => this.#hearUdp(socket, raw, from));
    // A datagram that could not be delivered: silence tells what became of its peer.
    socket.on('error', () => {});
    setInterval(() => this.#beat(), ALIVE_INTERVAL_MS);
    setInterval(() => this.#tellRefusals(), REFUSALS_INTERVAL_MS);
    return { host: address.host, port };
  }

  peer(side: Side): Peer | null {
    return this.#peers.get(side) ?? null;
  }

  /** Ends a connection. */
  drop(peer: Peer, why: string): void {
    const known = this.#peers.get(peer.side);
    if (known !== peer || known === undefined) return;
    this.#peers.delete(known.side);
    if (known.key !== null) this.#byAddress.delete(known.key);
    known.wire.close();
    this.#events.onPeerGone(known, why);
  }

  close(): void {
    for (const peer of this.#peers.values()) {
      peer.wire.send(peer.wire.raw(BYE));
      this.drop(peer, 'the relay ends');
    }
  }

  #meet(connection: Socket): void {
    let peer: KnownPeer | null = null;
    const leave = () => {
      this.#strangers.delete(turnAway);
      clearTimeout(limit);
    };
    const wire = tcpWire(connection, {
      onPacket: (packet, raw) => {
        if (peer !== null) {
          this.#hear(peer, packet, raw);
          return;
        }
        const hello = this.#check(packet);
        if (typeof hello === 'string') {
          this.#refuse(hello);
          wire.send(wire.raw(encodePacket(PACKET.refuse, { body: Buffer.from(hello) })));
          leave();
          wire.close();
          return;
        }
        leave();
        peer = { side: hello.side, transport: 'tcp', stream: hello.stream, wire, silent: 0, key: null };
        this.#welcome(peer);
      },
      onClosed: (why) => {
        if (peer !== null) this.drop(peer, why);
        else {
          if (why.startsWith('garbage')) this.#refuse('garbage instead of a hello');
          leave();
        }
      },
    });
    const turnAway = () => {
      this.#refuse('no hello');
      leave();
      wire.close();
    };
    const limit = setTimeout(turnAway, HELLO_LIMIT_MS);
    // Whoever means it says hello at once: room is made for the newest.
    for (const oldest of this.#strangers) if (this.#strangers.size >= MAX_STRANGERS) oldest();
    this.#strangers.add(turnAway);
  }

  #hearUdp(socket: UdpSocket, raw: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${from.port}`;
    const packet = parsePacket(raw);
    const known = this.#byAddress.get(key);
    if (packet === null) this.#refuse('garbage by udp');
    else if (packet.kind !== PACKET.hello) {
      if (known !== undefined) this.#hear(known, packet, raw);
      else if (packet.kind !== PACKET.bye) this.#sendAway(socket, from);
    } else {
      const hello = this.#check(packet);
      const wire = udpPeerWire(socket, from);
      if (typeof hello === 'string') {
        this.#refuse(hello);
        wire.send(encodePacket(PACKET.refuse, { body: Buffer.from(hello) }));
      } else if (known !== undefined && known.side === hello.side && known.stream === hello.stream) {
        // Our welcome was lost.
        wire.send(WELCOME);
      } else this.#welcome({ side: hello.side, transport: 'udp', stream: hello.stream, wire, silent: 0, key });
    }
  }

  /** Somebody who takes us for a relay that was here before: told at once, it says hello anew. */
  #sendAway(socket: UdpSocket, to: RemoteInfo): void {
    this.#refuse('packets by udp of somebody who did not say hello');
    const nowMs = performance.now();
    if (nowMs - this.#sentAwayMs < MIN_SEND_AWAY_MS) return;
    this.#sentAwayMs = nowMs;
    udpPeerWire(socket, to).send(BYE);
  }

  #welcome(peer: KnownPeer): void {
    const older = this.#peers.get(peer.side);
    if (older !== undefined) {
      older.wire.send(older.wire.raw(BYE));
      this.drop(older, 'a newer connection took its place');
    }
    this.#peers.set(peer.side, peer);
    if (peer.key !== null) this.#byAddress.set(peer.key, peer);
    peer.wire.send(peer.wire.raw(WELCOME));
    this.#events.onPeer(peer);
  }

  #hear(peer: KnownPeer, packet: Packet, raw: Buffer): void {
    peer.silent = 0;
    if (packet.kind === PACKET.bye) this.drop(peer, 'it said goodbye');
    else if (packet.kind !== PACKET.alive) this.#events.onPacket(peer, packet, raw);
  }

  #beat(): void {
    for (const peer of this.#peers.values()) {
      peer.wire.send(peer.wire.raw(ALIVE));
      if (++peer.silent > MAX_SILENT_INTERVALS) this.drop(peer, 'it is silent');
    }
  }

  /** The hello, or why it is none. */
  #check(packet: Packet): { side: Side; stream: string } | string {
    const hello = packet.kind === PACKET.hello ? (parseJson(packet) as Partial<Record<keyof Hello, unknown>>) : null;
    if (hello === null || typeof hello.version !== 'number') return 'no hello';
    if (hello.version !== PACKET_VERSION) return `version ${hello.version} where ${PACKET_VERSION} is spoken`;
    if (typeof hello.token !== 'string' || !this.#isToken(hello.token)) return 'wrong token';
    if (hello.side === 'receiver') return { side: 'receiver', stream: '' };
    const { stream } = hello;
    if (hello.side !== 'sender' || typeof stream !== 'string') return 'neither sender nor receiver';
    return stream.length > 0 && stream.length <= MAX_STREAM_NAME ? { side: 'sender', stream } : 'a bad stream name';
  }

  #isToken(token: string): boolean {
    const given = Buffer.from(token);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  #refuse(why: string): void {
    const untold = this.#refusals.get(why);
    // Reasons are few, but for versions that a stranger makes up.
    if (untold === undefined && this.#refusals.size >= MAX_REASONS) return;
    this.#refusals.set(why, untold === undefined ? 0 : untold + 1);
    if (untold === undefined) this.#events.onRefused(why, 1);
  }

  #tellRefusals(): void {
    for (const [why, untold] of this.#refusals) {
      if (untold > 0) this.#events.onRefused(why, untold);
      this.#refusals.set(why, 0);
    }
  }
}
