// The shown packets of a video stream in decoding order: their times, sizes and keyframes, and which became which frame.

import { AV_NOPTS_VALUE } from 'node-av/constants';
import { GrowingColumn } from './growing-column.ts';

export class PacketTable {
  readonly #pts = new GrowingColumn(Float64Array);
  readonly #dts = new GrowingColumn(Float64Array);
  readonly #bytes = new GrowingColumn(Uint32Array);
  readonly #key = new GrowingColumn(Uint8Array);
  #order: Uint32Array | null = null;
  #sorted: Float64Array | null = null;
  count = 0;
  keyframes = 0;
  /** Packets without a presentation time, without one of decoding, and without any. */
  #ptsMissing = 0;
  #dtsMissing = 0;
  untimed = 0;

  /** @param pts and dts as the packet tells them */
  add(pts: bigint, dts: bigint, bytes: number, key: boolean): void {
    const row = this.count++;
    if (pts === AV_NOPTS_VALUE) {
      this.#ptsMissing++;
      if (dts === AV_NOPTS_VALUE) this.untimed++;
    }
    if (dts === AV_NOPTS_VALUE) this.#dtsMissing++;
    if (key) this.keyframes++;
    this.#pts.set(row, Number(pts));
    this.#dts.set(row, Number(dts));
    this.#bytes.set(row, bytes);
    this.#key.set(row, key ? 1 : 0);
  }

  bytes(packet: number): number {
    return this.#bytes.get(packet);
  }

  isKey(packet: number): boolean {
    return this.#key.get(packet) === 1;
  }

  /** Ticks of the stream; NaN where some packets have no presentation time. */
  time(packet: number): number {
    return this.#ptsMissing > 0 ? NaN : this.#pts.get(packet);
  }

  /**
   * Times of all packets, ascending: those of presentation, or of decoding where some of those are missing (AVI); null where
   * these are too. Asked for when all packets are there.
   */
  sorted(): Float64Array | null {
    return (this.#sorted ??= this.#times()?.copy(0, this.count).sort() ?? null);
  }

  /**
   * Frames from one keyframe to the next at most, in presentation order: the B-frames that an open GOP shows before its
   * keyframe are decoded behind it, and belong to the GOP before. Without times the order of decoding has to do.
   */
  longestGop(): number {
    const sorted = this.sorted();
    const times = this.#times();
    const shownAs = new Uint32Array(this.keyframes);
    for (let packet = 0, key = 0; packet < this.count; packet++)
      if (this.isKey(packet))
        shownAs[key++] = sorted === null || times === null ? packet : firstAt(sorted, times.get(packet));
    let longest = 0;
    let last = 0;
    for (const frame of shownAs.sort()) {
      longest = Math.max(longest, frame - last);
      last = frame;
    }
    return Math.max(longest, this.count - last);
  }

  /**
   * The packet of a frame: the one with its time, else the one at its place in presentation order; -1 where there is none.
   * Asked for when all packets are there.
   * @param pts ticks; null where the frame has no time of its own
   */
  shownAs(frame: number, pts: number | null): number {
    const order = (this.#order ??= this.#presentation());
    if (pts !== null && this.#ptsMissing === 0) {
      const sorted = this.sorted()!;
      // Nearly always at its own number: where all times are there, and all frames came out.
      const at = sorted[frame] === pts ? frame : firstAt(sorted, pts);
      if (sorted[at] === pts) return order[at]!;
    }
    return frame < order.length ? order[frame]! : -1;
  }

  #times(): GrowingColumn<Float64Array> | null {
    return this.#ptsMissing === 0 ? this.#pts : this.#dtsMissing === 0 ? this.#dts : null;
  }

  /** Numbers of the packets by their times, in the order of decoding where these are equal or not there. */
  #presentation(): Uint32Array {
    const order = new Uint32Array(this.count);
    const sorted = this.sorted();
    const times = this.#times();
    // Each goes to where its time stands among all, behind those before it of the same time.
    const placed = new Uint32Array(this.count);
    for (let packet = 0; packet < this.count; packet++) {
      const at = sorted === null || times === null ? packet : firstAt(sorted, times.get(packet));
      order[at + placed[at]!++] = packet;
    }
    return order;
  }
}

/** Index of the first time that is not below. */
function firstAt(sorted: Float64Array, time: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
