// The packets of the video stream that are shown, in decoding order, and which of them became which frame.

import type { Packet } from 'node-av/lib';
import { AV_NOPTS_VALUE } from 'node-av/constants';

const FIRST_CAPACITY = 4096;

export class PacketTable {
  #pts = new Float64Array(FIRST_CAPACITY);
  #dts = new Float64Array(FIRST_CAPACITY);
  #bytes = new Uint32Array(FIRST_CAPACITY);
  #key = new Uint8Array(FIRST_CAPACITY);
  #order: Uint32Array | null = null;
  /** Times of `#order`'s packets, ascending; null where packets have none. */
  #sorted: Float64Array | null = null;
  count = 0;
  /** Packets without a presentation time, and those without any. */
  #unshown = 0;
  untimed = 0;

  /** @param pts and dts as the packet tells them, which are asked for once a packet */
  add(packet: Packet, pts: bigint, dts: bigint): void {
    if (this.count === this.#pts.length) this.#grow();
    const at = this.count++;
    if (pts === AV_NOPTS_VALUE) {
      this.#unshown++;
      if (dts === AV_NOPTS_VALUE) this.untimed++;
    }
    this.#pts[at] = Number(pts);
    this.#dts[at] = Number(dts);
    this.#bytes[at] = packet.size;
    this.#key[at] = packet.isKeyframe ? 1 : 0;
  }

  bytes(packet: number): number {
    return this.#bytes[packet]!;
  }

  isKey(packet: number): boolean {
    return this.#key[packet] === 1;
  }

  /** Ticks of the stream; NaN where it has none. */
  time(packet: number): number {
    return this.#unshown > 0 ? NaN : this.#pts[packet]!;
  }

  /**
   * The packet of a frame: the one with its time, else the one at its place in presentation order; -1 where there is none.
   * @param pts ticks; null where the frame has no time of its own
   */
  shownAs(frame: number, pts: number | null): number {
    const order = (this.#order ??= this.#presentation());
    if (pts !== null && this.#sorted !== null) {
      // Nearly always at its own number: where all times are there, and all frames came out.
      const at = this.#sorted[frame] === pts ? frame : firstAt(this.#sorted, pts);
      if (this.#sorted[at] === pts) return order[at]!;
    }
    return frame < order.length ? order[frame]! : -1;
  }

  #presentation(): Uint32Array {
    const order = Uint32Array.from({ length: this.count }, (_, packet) => packet);
    const times = this.#unshown === 0 ? this.#pts : this.untimed === 0 ? this.#dts : null;
    if (times === null) return order;
    order.sort((a, b) => times[a]! - times[b]! || a - b);
    if (times === this.#pts) this.#sorted = Float64Array.from(order, (packet) => times[packet]!);
    return order;
  }

  #grow(): void {
    const capacity = 2 * this.#pts.length;
    const pts = new Float64Array(capacity);
    const dts = new Float64Array(capacity);
    const bytes = new Uint32Array(capacity);
    const key = new Uint8Array(capacity);
    pts.set(this.#pts);
    dts.set(this.#dts);
    bytes.set(this.#bytes);
    key.set(this.#key);
    [this.#pts, this.#dts, this.#bytes, this.#key] = [pts, dts, bytes, key];
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
