// Which frame of our sender a frame at the tap is: the server passes on what it got, but gives it no number. Both come in the same
// order, with the same sizes; each side may have frames that the other never has, and may tell of them later.

import type { PassedFrames } from '../../part.ts';
import { CommonTable, LONGEST_US, mayBe, TABLE_FRAMES } from './common-table.ts';

/** Frames of each side that wait for their other half. */
const MOST_WAITING = 2_048;
/** So many of each side make that sure enough; fewer do after a while, microseconds. */
const ENOUGH = 8;
const PATIENCE_US = 1e6;

/** A frame as the sender told it. */
interface Told {
  readonly stream: string;
  readonly frame: number;
  readonly bytes: number;
  readonly atUs: number;
  readonly cameUs: number;
}

/** A frame as the tap saw it. */
interface Seen {
  readonly bytes: number;
  readonly firstUs: number;
  readonly lastUs: number;
}

export type OnMatched = (stream: string, frame: number, firstUs: number, lastUs: number) => void;

export class PassedFrameMatch {
  readonly #onMatched: OnMatched;
  readonly #told: Told[] = [];
  readonly #seen: Seen[] = [];
  #table: CommonTable | null = null;
  /** When it was looked for what fits, and nothing did; and frames of both sides since. */
  #triedUs = -Infinity;
  #arrivals = 0;

  constructor(onMatched: OnMatched) {
    this.#onMatched = onMatched;
  }

  /** Frames that wait, of both sides. */
  get waiting(): number {
    return this.#told.length + this.#seen.length;
  }

  /** The sender's word of frames. A sender that was started anew has another stream: its frames come behind the old one's. */
  told({ stream, frame, bytes, atUs }: Omit<PassedFrames, 'codec'>, nowUs: number): void {
    for (let i = 0; i < frame.length; i++) {
      if (this.#told.length >= MOST_WAITING) this.#told.shift();
      this.#told.push({ stream, frame: frame[i]!, bytes: bytes[i]!, atUs: atUs[i]!, cameUs: nowUs });
      this.#arrivals++;
    }
    this.settle(nowUs);
  }

  /** A frame passed the tap. */
  seen(seen: Seen): void {
    if (this.#seen.length >= MOST_WAITING) this.#seen.shift();
    this.#seen.push(seen);
    this.#arrivals++;
    this.settle(seen.lastUs);
  }

  /** Matches what can be matched by now, and gives up what has waited too long. */
  settle(nowUs: number): void {
    while (this.#told.length > 0 && nowUs - Math.max(this.#told[0]!.atUs, this.#told[0]!.cameUs) > LONGEST_US)
      this.#told.shift();
    while (this.#seen.length > 0 && nowUs - this.#seen[0]!.lastUs > LONGEST_US) this.#seen.shift();
    while (this.#told.length > 0 && this.#seen.length > 0) {
      if (!this.#fitsFirst() && !this.#skip(nowUs)) return;
      const { stream, frame } = this.#told.shift()!;
      const { firstUs, lastUs } = this.#seen.shift()!;
      this.#onMatched(stream, frame, firstUs, lastUs);
    }
  }

  #fitsFirst(): boolean {
    const [told, seen] = [this.#told[0]!, this.#seen[0]!];
    return told.bytes === seen.bytes && mayBe(seen.firstUs - told.atUs);
  }

  /** Leaves out what the other side does not have. @returns whether the first of both belong together now */
  #skip(nowUs: number): boolean {
    const [told, seen] = [Math.min(this.#told.length, TABLE_FRAMES), Math.min(this.#seen.length, TABLE_FRAMES)];
    const waitedUs = nowUs - Math.max(this.#told[0]!.cameUs, this.#seen[0]!.lastUs);
    if ((told < ENOUGH || seen < ENOUGH) && waitedUs < PATIENCE_US) return false;
    if (this.#arrivals < ENOUGH && nowUs - this.#triedUs < PATIENCE_US) return false;
    const place = this.#firstCommon(told, seen);
    if (place === null) {
      this.#arrivals = 0;
      this.#triedUs = nowUs;
      return false;
    }
    this.#told.splice(0, place.told);
    this.#seen.splice(0, place.seen);
    return true;
  }

  /** Where the longest common subsequence of both sides begins. */
  #firstCommon(told: number, seen: number): { readonly told: number; readonly seen: number } | null {
    const table = (this.#table ??= new CommonTable());
    for (let i = 0; i < told; i++) table.setRow(i, this.#told[i]!.bytes, this.#told[i]!.atUs);
    for (let j = 0; j < seen; j++) table.setColumn(j, this.#seen[j]!.bytes, this.#seen[j]!.firstUs);
    const place = table.firstCommon(told, seen);
    return place === null ? null : { told: place.row, seen: place.column };
  }
}
