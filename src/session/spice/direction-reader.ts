// One direction of a SPICE channel, read while it passes: where messages begin and end, and the beginning of each. It never
// stands in the way: what it does not understand it stops reading, and says so.

import { parseClientLink, parseServerLink, type ChannelLink } from './channel-link.ts';
import {
  AUTH_SPICE,
  FULL_HEADER_BYTES,
  LINK_HEADER_BYTES,
  LINK_MAGIC,
  MAJOR_VERSION,
  MINI_HEADER_BYTES,
  TICKET_BYTES,
} from './protocol.ts';

export type Side = 'client' | 'server';

/** Bytes of a message's body that are kept: enough for every message that is read, and to find a keyframe's mark in its data. */
export const PREFIX_BYTES = 2_048;
/** Bytes of a link message at the most: 64 words of each kind, a key and a head. */
const MOST_LINK_BYTES = 4_096;
/** A message of more is none: the stream is out of step. An image of a 16K screen has 1 GB. */
const MOST_MESSAGE_BYTES = 2 ** 30;

/** A message that has passed in whole. */
export interface MessageSink {
  /**
   * @param body its first bytes, PREFIX_BYTES at most; valid only until this returns
   * @param size of the whole body
   * @param firstUs when its first byte came
   * @param lastUs when its last byte came
   */
  message(type: number, body: DataView, size: number, firstUs: number, lastUs: number): void;
}

type Step = 'link header' | 'link body' | 'mechanism' | 'ticket' | 'result' | 'header' | 'body' | 'unread';

export class DirectionReader {
  readonly #side: Side;
  readonly #link: ChannelLink;
  readonly #sink: MessageSink;
  readonly #buffer = new Uint8Array(MOST_LINK_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #step: Step = 'link header';
  /** Bytes of this step: how many it has, how many came, how many of them are kept. */
  #size = LINK_HEADER_BYTES;
  #come = 0;
  #type = 0;
  #firstUs = 0;
  #why: string | null = null;

  constructor(side: Side, link: ChannelLink, sink: MessageSink) {
    this.#side = side;
    this.#link = link;
    this.#sink = sink;
  }

  /** Why it is not read any more; null while it is. */
  get unread(): string | null {
    return this.#why;
  }

  /** Whether the last byte that passed was the last one of a message (or of the signing in). */
  get isBetween(): boolean {
    return this.#step === 'header' && this.#come === 0;
  }

  /**
   * Reads what passes.
   * @param nowUs monotonic, when it came
   * @returns how many bytes of it reach to the last end of a message in it; -1 where none ends in it
   */
  feed(chunk: Uint8Array, nowUs: number): number {
    let at = 0;
    let boundary = -1;
    while (at < chunk.length && this.#step !== 'unread') {
      if (this.#come === 0) this.#begin(nowUs);
      const wanted = this.#size - this.#come;
      const piece = Math.min(wanted, chunk.length - at);
      const room = (this.#step === 'body' ? PREFIX_BYTES : MOST_LINK_BYTES) - this.#come;
      if (room > 0) this.#buffer.set(chunk.subarray(at, at + Math.min(piece, room)), this.#come);
      this.#come += piece;
      at += piece;
      if (this.#come < this.#size) break;
      this.#end(nowUs);
      if (this.isBetween) boundary = at;
    }
    return boundary;
  }

  /** Both link messages have passed by the time a client signs in or a message begins: what they agreed on holds from here. */
  #begin(nowUs: number): void {
    if (this.#step === 'mechanism' && !this.#link.selectsAuth) this.#go('ticket', TICKET_BYTES);
    if (this.#step !== 'header') return;
    this.#firstUs = nowUs;
    this.#size = this.#link.hasMiniHeader ? MINI_HEADER_BYTES : FULL_HEADER_BYTES;
  }

  /** A step is whole. */
  #end(nowUs: number): void {
    switch (this.#step) {
      case 'link header':
        return this.#endLinkHeader();
      case 'link body':
        return this.#endLinkBody();
      case 'mechanism':
        if (this.#view.getUint32(0, true) !== AUTH_SPICE) return this.#stop('the client signs in by SASL');
        return this.#go('ticket', TICKET_BYTES);
      case 'ticket':
        return this.#go('header', MINI_HEADER_BYTES);
      case 'result':
        if (this.#view.getUint32(0, true) !== 0) return this.#stop('the server refused the ticket');
        return this.#go('header', MINI_HEADER_BYTES);
      case 'header':
        return this.#endHeader(nowUs);
      case 'body':
        return this.#endBody(nowUs);
      case 'unread':
        return;
    }
  }

  #endLinkHeader(): void {
    if (this.#view.getUint32(0, true) !== LINK_MAGIC)
      return this.#stop(
        this.#view.getUint8(0) === 0x16 ? 'it is encrypted (TLS)' : 'it does not begin as a SPICE channel does',
      );
    const major = this.#view.getUint32(4, true);
    if (major !== MAJOR_VERSION) return this.#stop(`it speaks version ${major} of the protocol, and not 2`);
    const size = this.#view.getUint32(12, true);
    if (size < 18 || size > MOST_LINK_BYTES) return this.#stop(`its link message would have ${size} bytes`);
    this.#go('link body', size);
  }

  #endLinkBody(): void {
    const body = new DataView(this.#buffer.buffer, 0, this.#size);
    if (this.#side === 'client') {
      this.#link.client = parseClientLink(body);
      if (this.#link.client === null) return this.#stop("the client's link message can't be read");
      return this.#go('mechanism', 4);
    }
    this.#link.server = parseServerLink(body);
    if (this.#link.server === null) return this.#stop("the server's link message can't be read");
    if (this.#link.server.error !== 0)
      return this.#stop(`the server refused the channel (error ${this.#link.server.error})`);
    this.#go('result', 4);
  }

  #endHeader(nowUs: number): void {
    const short = this.#size === MINI_HEADER_BYTES;
    const at = short ? 0 : 8;
    const type = this.#view.getUint16(at, true);
    const size = this.#view.getUint32(at + 2, true);
    if (size > MOST_MESSAGE_BYTES) return this.#stop(`a message of type ${type} would have ${size} bytes`);
    this.#type = type;
    this.#go('body', size);
    if (size === 0) this.#endBody(nowUs);
  }

  #endBody(nowUs: number): void {
    const size = this.#size;
    const body = new DataView(this.#buffer.buffer, 0, Math.min(size, PREFIX_BYTES));
    this.#sink.message(this.#type, body, size, this.#firstUs, nowUs);
    this.#go('header', MINI_HEADER_BYTES);
  }

  #go(step: Step, size: number): void {
    this.#step = step;
    this.#size = size;
    this.#come = 0;
  }

  #stop(why: string): void {
    this.#why = why;
    this.#step = 'unread';
  }
}
