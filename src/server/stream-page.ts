// One live page: what it wants, and how much of it its connection takes. A slow page gets every 2nd, 4th … row until it keeps
// up again: what waits for it is bounded, and no other page notices.

import { packPacket, packMessage } from './stream-packing.ts';

/** With more than this waiting a page is slow. */
const SLOW_BYTES = 128 * 1024;
/** With more than this waiting nothing is sent at all. */
const DEAF_BYTES = 1024 * 1024;
const MAX_EVERY = 16;
/** How soon after one change of the thinning the next may follow: slower on the way back, or it would swing. */
const THIN_AFTER_MS = 500;
const RECOVER_AFTER_MS = 1_000;

/** A page that hears nothing for some seconds takes the server for gone. */
const SIGN_OF_LIFE_MS = 1_000;

/** What a page writes to: the part of a WebSocket that it uses. */
export interface PageSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly OPEN: number;
  send(data: Uint8Array): void;
}

/** What a page asked for last. */
interface Wanted {
  readonly indicators: ReadonlySet<string>;
  readonly frames: boolean;
  readonly pictures: boolean;
}

const NOTHING: Wanted = { indicators: new Set(), frames: false, pictures: false };

export class StreamPage {
  wanted: Wanted = NOTHING;
  /** Of rows it gets every Nth. */
  every = 1;
  /** It has not been sent the state as it is now. */
  owesState = true;
  /** Number of the state that it knows; 0 for none: it needs all of it. */
  knownState = 0;
  readonly #socket: PageSocket;
  #pieces: Uint8Array[] = [];
  #changedAt = -Infinity;
  #sentAt = -Infinity;
  /** Bytes of what is large by itself and on its way: no sign of a slow page. */
  #large = 0;
  #nextLarge = 0;

  constructor(socket: PageSocket) {
    this.#socket = socket;
  }

  /** A message packed by itself, for the next packet. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  /** The same for what is sent once and may be large: the state of many agents, a past. */
  addOnce(piece: Uint8Array): void {
    this.#nextLarge += piece.length;
    this.#pieces.push(piece);
  }

  /** Room for what is large and can wait: the state, pictures. */
  get hasRoom(): boolean {
    return this.#socket.bufferedAmount <= SLOW_BYTES;
  }

  /** Bytes that wait beyond what was large by itself. */
  get #waiting(): number {
    const waiting = this.#socket.bufferedAmount;
    if (waiting <= SLOW_BYTES) this.#large = 0;
    return Math.max(0, waiting - this.#large);
  }

  /** Sets how much is left out from now on, by how much waits. */
  adjust(nowMs: number): void {
    const waiting = this.#waiting;
    const sinceMs = nowMs - this.#changedAt;
    if (waiting > SLOW_BYTES && this.every < MAX_EVERY && sinceMs >= THIN_AFTER_MS) this.#thin(this.every * 2, nowMs);
    else if (waiting <= SLOW_BYTES / 8 && this.every > 1 && sinceMs >= RECOVER_AFTER_MS)
      this.#thin(this.every / 2, nowMs);
  }

  #thin(every: number, nowMs: number): void {
    this.every = every;
    this.#changedAt = nowMs;
    this.add(packMessage({ type: 'thinned', every }));
  }

  /** Sends what was added, or nothing as a sign of life; to a page that takes nothing it is dropped. */
  flush(nowMs: number): void {
    if (this.#pieces.length === 0 && nowMs - this.#sentAt < SIGN_OF_LIFE_MS) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#waiting > DEAF_BYTES) {
      // It is told how much it lacks, and gets the state, once it listens again.
      this.#nextLarge = 0;
      this.every = MAX_EVERY;
      this.#changedAt = nowMs;
      this.owesState = true;
      this.knownState = 0;
      return;
    }
    const packet = packPacket(pieces);
    // One at a time: a page that lets several of them wait is slow.
    if (this.#large === 0) this.#large = this.#nextLarge;
    this.#nextLarge = 0;
    this.#sentAt = nowMs;
    this.#socket.send(packet);
  }
}
