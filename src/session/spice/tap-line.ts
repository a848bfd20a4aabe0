// The line between client and server: none at all, or a network that delays and is narrow. One for all channels of a tap, as they
// share one network in the field.

import type { Socket } from 'node:net';
import { seededRandom } from '#analysis/random';
import type { NetworkConditions } from '#core/session';
import { monotonicUs } from '#system/clock';
import { NO_NETWORK } from '../network-setting.ts';
import { ConditionedLink, type LinkItem } from '../relay/conditioned-link.ts';
import type { Side } from './direction-reader.ts';

const SEED = 5930;
/** The longest sleep of a timer, milliseconds. */
const MAX_WAIT_MS = 60_000;
/** A narrow line passes pieces of so many milliseconds, and none below that of a packet in an Ethernet frame: larger ones would stand before all others, and arrive at one go. */
const PIECE_MS = 4;
const LEAST_PIECE_BYTES = 1448;

interface Piece extends LinkItem {
  readonly from: Socket;
  readonly to: Socket;
  /** Null for the end of what is sent. */
  readonly data: Uint8Array | null;
}

export class TapLine {
  readonly #ways: Readonly<Record<Side, Way>>;
  #conditions: NetworkConditions = NO_NETWORK;

  constructor() {
    this.#ways = { client: new Way(SEED), server: new Way(SEED + 1) };
  }

  /** From now on, in both directions. */
  change(conditions: NetworkConditions): void {
    this.#conditions = conditions;
    for (const way of Object.values(this.#ways)) way.change(conditions);
  }

  /** @returns false where the sender is to wait for `drain` of `to` */
  send(side: Side, from: Socket, to: Socket, data: Uint8Array): boolean {
    return this.isOpen(side) ? to.write(data) : this.#ways[side].push(from, to, data);
  }

  /** What is worth reading of a sender at once: where the line is narrow, no more than it passes soon. */
  readableBytes(side: Side): number {
    return this.#ways[side].pieceBytes(monotonicUs());
  }

  /** Ends a direction behind what is on its way. */
  finish(side: Side, to: Socket): void {
    if (this.isOpen(side)) to.end();
    else this.#ways[side].push(to, to, null);
  }

  close(): void {
    for (const way of Object.values(this.#ways)) way.close();
  }

  /** Nothing delays, and nothing is on its way still that must stay before what comes. */
  isOpen(side: Side): boolean {
    const { delayMs, jitterMs, rate } = this.#conditions;
    return delayMs === 0 && jitterMs === 0 && rate.length === 0 && this.#ways[side].isEmpty;
  }
}

class Way {
  readonly #link: ConditionedLink<Piece>;
  /** Who has to wait for room on the line, and for whom their bytes are. */
  readonly #held = new Map<Socket, Socket>();
  #timer: NodeJS.Timeout | null = null;
  #waiting = 0;
  #group = 0;

  constructor(seed: number) {
    this.#link = new ConditionedLink<Piece>(NO_NETWORK, monotonicUs(), seededRandom(seed), {
      onPassed: () => this.#release(),
      onLeave: ({ to, data }) => {
        this.#waiting--;
        if (to.destroyed) return;
        if (data === null) to.end();
        else to.write(data);
      },
      blocked: () => false,
    });
  }

  get isEmpty(): boolean {
    return this.#waiting === 0;
  }

  change(conditions: NetworkConditions): void {
    this.#link.change(conditions, monotonicUs());
    this.#advance();
  }

  push(from: Socket, to: Socket, data: Uint8Array | null): boolean {
    const nowUs = monotonicUs();
    const group = this.#group++;
    if (data === null) this.#enqueue({ from, to, data, bytes: 0, group, mayBeLost: false }, nowUs);
    else {
      const most = this.pieceBytes(nowUs);
      for (let at = 0; at < data.length; at += most) {
        const piece = data.subarray(at, at + most);
        this.#enqueue({ from, to, data: piece, bytes: piece.length, group, mayBeLost: false }, nowUs);
      }
    }
    this.#advance();
    const isFull = this.#link.queueBytes >= this.#link.queueLimit(nowUs);
    if (isFull) this.#held.set(from, to);
    return !isFull && !to.writableNeedDrain;
  }

  /** Infinity where no rate limits them. */
  pieceBytes(nowUs: number): number {
    const rate = this.#link.rateAt(nowUs);
    return rate === null ? Infinity : Math.max(LEAST_PIECE_BYTES, Math.floor((rate * PIECE_MS) / 8_000));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #enqueue(piece: Piece, nowUs: number): void {
    this.#waiting++;
    this.#link.push(piece, nowUs);
  }

  #release(): void {
    if (this.#held.size === 0 || this.#link.queueBytes >= this.#link.queueLimit(monotonicUs())) return;
    // One that does not read what has left the line already says so itself when it goes on.
    for (const [from, to] of this.#held) if (!to.writableNeedDrain) from.resume();
    this.#held.clear();
  }

  #advance(): void {
    const nowUs = monotonicUs();
    const nextUs = this.#link.advance(nowUs);
    this.close();
    if (nextUs === Infinity) return;
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(0, (nextUs - nowUs) / 1000));
    this.#timer = setTimeout(() => this.#advance(), waitMs);
  }
}
