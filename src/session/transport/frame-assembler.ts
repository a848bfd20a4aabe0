// Puts packets together to whole frames again, hands them on in order, and tells which will never be whole. What a stranger
// sends can make it hold a bounded number of bytes and frames, no more.

import type { MediaFrame } from './media.ts';
import { MAX_FRAME_BYTES, sequenceAfter, type Packet } from './packet.ts';

/** How long packets that overtook each other are waited for, microseconds. */
export const REORDER_US = 20_000;
/** A frame of which no more packets come is lost after this time, microseconds, where nothing follows it. */
export const STALL_US = 500_000;
export const MAX_OPEN_FRAMES = 64;
export const MAX_OPEN_BYTES = 2 * MAX_FRAME_BYTES;
/** A piece costs this much beside its bytes. */
const PIECE_COST_BYTES = 128;

export interface AssemblerEvents {
  onFrame(frame: MediaFrame, firstUs: number, lastUs: number): void;
  /** `key` where it is known to have been a keyframe. */
  onLost(firstFrame: number, count: number, key: boolean): void;
}

interface OpenFrame {
  /** The first packet of it that came; null for a frame that is only known to have been sent. */
  readonly head: Packet | null;
  readonly frame: number;
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
  bytes: number;
  cost: number;
  readonly firstUs: number;
  lastUs: number;
  /** When it is given up. */
  deadlineUs: number;
}

export class FrameAssembler {
  readonly #events: AssemblerEvents;
  /** Sorted by frame. */
  readonly #open: OpenFrame[] = [];
  #cost = 0;
  #stream: number | null = null;
  /** The last frame that was handed on or given up. */
  #done = -1;
  #newest = 0;

  constructor(events: AssemblerEvents) {
    this.#events = events;
  }

  /** Whether something waits: call `expire` from time to time. */
  get waiting(): boolean {
    return this.#open.length > 0;
  }

  /** What it holds at the moment: never more than MAX_OPEN_FRAMES and MAX_OPEN_BYTES. */
  get held(): { readonly frames: number; readonly bytes: number } {
    return { frames: this.#open.length, bytes: this.#cost };
  }

  /** @param packet a piece of a frame, as `parsePacket` gave it; @param nowUs monotonic microseconds */
  push(packet: Packet, nowUs: number): void {
    if (packet.stream !== this.#stream) {
      this.reset();
      this.#stream = packet.stream;
      this.#done = packet.frame - 1;
      this.#newest = packet.sequence;
    }
    if (sequenceAfter(packet.sequence, this.#newest)) this.#newest = packet.sequence;
    if (packet.frame <= this.#done) return;
    const open =
      this.#open.find((each) => each.frame === packet.frame && each.head !== null) ?? this.#begin(packet, nowUs);
    if (!belongsTo(open, packet) || open.parts[packet.fragment] !== undefined) return;
    open.parts[packet.fragment] = packet.body;
    open.missing--;
    open.bytes += packet.body.length;
    open.cost += packet.body.length + PIECE_COST_BYTES;
    this.#cost += packet.body.length + PIECE_COST_BYTES;
    open.lastUs = nowUs;
    this.#expectHoles(nowUs);
    while (this.#open.length > MAX_OPEN_FRAMES || this.#cost > MAX_OPEN_BYTES || open.bytes > MAX_FRAME_BYTES) {
      if (this.#open.length === 0) break;
      this.#lose();
    }
    this.#handOn(nowUs);
  }

  /** Gives up what is overdue. */
  expire(nowUs: number): void {
    this.#handOn(nowUs);
  }

  /** Gives up all that waits. */
  reset(): void {
    while (this.#open.length > 0) this.#lose();
    this.#stream = null;
  }

  #begin(packet: Packet, nowUs: number): OpenFrame {
    for (let k = 31; k >= 0; k--) {
      const frame = packet.frame - 1 - k;
      if ((packet.sentBefore & (1 << k)) === 0 || frame <= this.#done) continue;
      if (!this.#open.some((each) => each.frame === frame))
        this.#insert(emptyFrame(frame, null, nowUs, nowUs + REORDER_US));
    }
    const known = this.#open.findIndex((each) => each.frame === packet.frame);
    if (known >= 0) this.#open.splice(known, 1);
    const open = emptyFrame(packet.frame, packet, nowUs, Infinity);
    this.#insert(open);
    return open;
  }

  #insert(open: OpenFrame): void {
    let at = this.#open.length;
    while (at > 0 && this.#open[at - 1]!.frame > open.frame) at--;
    this.#open.splice(at, 0, open);
  }

  /** A frame whose last packet was passed by a later one has holes: it has a little time left. */
  #expectHoles(nowUs: number): void {
    for (const open of this.#open) {
      if (open.head === null || open.missing === 0 || open.deadlineUs !== Infinity) continue;
      const last = (open.head.sequence - open.head.fragment + open.head.fragments - 1) >>> 0;
      if (sequenceAfter(this.#newest, last)) open.deadlineUs = nowUs + REORDER_US;
    }
  }

  #handOn(nowUs: number): void {
    for (let first = this.#open[0]; first !== undefined; first = this.#open[0]) {
      if (first.head !== null && first.missing === 0) {
        this.#remove(first);
        this.#events.onFrame(mediaFrame(first.head, first), first.firstUs, first.lastUs);
      } else if (nowUs >= first.deadlineUs || nowUs - first.lastUs >= STALL_US) this.#lose();
      else return;
    }
  }

  #lose(): void {
    const first = this.#open[0]!;
    this.#remove(first);
    this.#events.onLost(first.frame, 1, first.head?.key ?? false);
  }

  #remove(open: OpenFrame): void {
    this.#open.shift();
    this.#cost -= open.cost;
    this.#done = open.frame;
  }
}

function emptyFrame(frame: number, head: Packet | null, nowUs: number, deadlineUs: number): OpenFrame {
  const missing = head?.fragments ?? 0;
  return { head, frame, parts: [], missing, bytes: 0, cost: 0, firstUs: nowUs, lastUs: nowUs, deadlineUs };
}

function belongsTo(open: OpenFrame, packet: Packet): boolean {
  const { head } = open;
  return (
    head !== null &&
    packet.fragments === head.fragments &&
    (packet.sequence - packet.fragment) >>> 0 === (head.sequence - head.fragment) >>> 0
  );
}

function mediaFrame(head: Packet, open: OpenFrame): MediaFrame {
  const [only] = open.parts;
  const data = open.parts.length === 1 ? only! : Buffer.concat(open.parts as Uint8Array[], open.bytes);
  const { config, frame, captureUs, key, sourceFrame } = head;
  return { config, frame, captureUs, key, sourceFrame, data };
}
