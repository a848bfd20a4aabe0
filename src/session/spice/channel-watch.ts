// One channel of a SPICE session, seen from between client and server: its messages counted, its streams and round trips told.

import { ChannelLink } from './channel-link.ts';
import { DirectionReader, type Side } from './direction-reader.ts';
import { DisplayStreams, type StreamSink } from './display-streams.ts';
import {
  CHANNEL_NAMES,
  CLIENT_COMMON,
  DISPLAY_SERVER,
  FULL_HEADER_BYTES,
  MAIN_SERVER,
  MINI_HEADER_BYTES,
  SERVER_COMMON,
} from './protocol.ts';

/** Pings without an answer that are remembered. */
const MOST_PINGS = 64;

export interface MessageCount {
  readonly type: number;
  count: number;
  /** With their heads. */
  bytes: number;
}

/** What a channel tells besides its streams. */
export interface ChannelSink extends StreamSink {
  /** Both sides have introduced themselves. */
  linked(): void;
  /** From a ping's passing to its answer's: between here and the client. */
  roundTrip(atUs: number, us: number): void;
  /** The server's multimedia time, milliseconds. */
  multiMediaTime(atUs: number, ms: number): void;
  /** It is forwarded and not read any more. */
  unread(side: Side, why: string): void;
}

export class ChannelWatch {
  readonly link = new ChannelLink();
  readonly streams: DisplayStreams;
  readonly #sink: ChannelSink;
  readonly #readers: Readonly<Record<Side, DirectionReader>>;
  readonly #counts: Readonly<Record<Side, Map<number, MessageCount>>> = { client: new Map(), server: new Map() };
  readonly #pings = new Map<number, number>();
  #isUnread = false;
  #isLinked = false;

  constructor(sink: ChannelSink) {
    this.#sink = sink;
    this.streams = new DisplayStreams(sink);
    this.#readers = {
      client: new DirectionReader('client', this.link, {
        message: (type, body, size, firstUs, lastUs) => this.#take('client', type, body, size, firstUs, lastUs),
      }),
      server: new DirectionReader('server', this.link, {
        message: (type, body, size, firstUs, lastUs) => this.#take('server', type, body, size, firstUs, lastUs),
      }),
    };
  }

  /** `display`, or `channel 12` where the number is not known; null before the client has said it. */
  get name(): string | null {
    const type = this.link.client?.channelType;
    return type === undefined ? null : (CHANNEL_NAMES[type] ?? `channel ${type}`);
  }

  /** Whether something may be put in here: between two messages of a client that is read. */
  get canInsert(): boolean {
    return !this.#isUnread && this.link.hasMiniHeader && this.#readers.client.isBetween;
  }

  /**
   * Whether a display channel shows something: the server has sent its surfaces and said MARK. A stock server (0.15.1) that is asked for
   * another codec before, while a stream of a client that is gone lives on, dies of it.
   */
  get hasDisplayBegun(): boolean {
    return this.name === 'display' && this.#counts.server.has(DISPLAY_SERVER.mark);
  }

  get isUnread(): boolean {
    return this.#isUnread;
  }

  /** Counts by type, in the order in which the types first came. */
  counts(side: Side): readonly MessageCount[] {
    return [...this.#counts[side].values()];
  }

  /**
   * Reads what passes.
   * @returns bytes up to the last end of a message in it, -1 where none ends in it
   */
  feed(side: Side, chunk: Uint8Array, nowUs: number): number {
    if (this.#isUnread) return -1;
    const boundary = this.#readers[side].feed(chunk, nowUs);
    const why = this.#readers[side].unread;
    if (why !== null) {
      this.#isUnread = true;
      this.streams.end(nowUs);
      this.#sink.unread(side, why);
      return -1;
    }
    this.#tellLinked();
    return boundary;
  }

  #tellLinked(): void {
    if (this.#isLinked || this.link.client === null || this.link.server === null) return;
    this.#isLinked = true;
    this.#sink.linked();
  }

  #take(side: Side, type: number, body: DataView, size: number, firstUs: number, lastUs: number): void {
    this.#tellLinked();
    const head = this.link.hasMiniHeader ? MINI_HEADER_BYTES : FULL_HEADER_BYTES;
    let count = this.#counts[side].get(type);
    if (count === undefined) this.#counts[side].set(type, (count = { type, count: 0, bytes: 0 }));
    count.count++;
    count.bytes += size + head;
    const isPing = side === 'server' ? type === SERVER_COMMON.ping : type === CLIENT_COMMON.pong;
    if (isPing && body.byteLength >= 4) return this.#ping(side, body.getUint32(0, true), lastUs);
    if (this.name === 'main' && side === 'server') return this.#time(type, body, lastUs);
    if (this.name !== 'display') return;
    if (side === 'server') this.streams.fromServer(type, body, size, firstUs, lastUs);
    else this.streams.fromClient(type, body, lastUs);
  }

  #ping(side: Side, id: number, atUs: number): void {
    if (side === 'server') {
      if (this.#pings.size >= MOST_PINGS) this.#pings.delete(this.#pings.keys().next().value!);
      this.#pings.set(id, atUs);
      return;
    }
    const sent = this.#pings.get(id);
    if (sent === undefined) return;
    this.#pings.delete(id);
    this.#sink.roundTrip(atUs, atUs - sent);
  }

  #time(type: number, body: DataView, atUs: number): void {
    if (type === MAIN_SERVER.init && body.byteLength >= 28) this.#sink.multiMediaTime(atUs, body.getUint32(24, true));
    else if (type === MAIN_SERVER.multiMediaTime && body.byteLength >= 4)
      this.#sink.multiMediaTime(atUs, body.getUint32(0, true));
  }
}
