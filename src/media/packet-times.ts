// The times of all packets of a stream: growing columns, sorted once at the end.

import { AV_NOPTS_VALUE } from 'node-av/constants';

const INITIAL_CAPACITY = 4096;

export class PacketTimes {
  #pts: Float64Array = new Float64Array(INITIAL_CAPACITY);
  #dts: Float64Array = new Float64Array(INITIAL_CAPACITY);
  count = 0;
  /** Numbers of the keyframes' packets, in decoding order. */
  readonly #keyframes: number[] = [];
  #ptsMissing = 0;
  #dtsMissing = 0;

  add(pts: bigint, dts: bigint, key: boolean): void {
    if (this.count === this.#pts.length) {
      this.#pts = grown(this.#pts);
      this.#dts = grown(this.#dts);
    }
    if (pts === AV_NOPTS_VALUE) this.#ptsMissing++;
    if (dts === AV_NOPTS_VALUE) this.#dtsMissing++;
    this.#pts[this.count] = Number(pts);
    this.#dts[this.count] = Number(dts);
    if (key) this.#keyframes.push(this.count);
    this.count++;
  }

  /** Sorted presentation times; decoding times where some of those are missing (AVI); null where those are too. */
  sorted(): Float64Array | null {
    return this.#best()?.slice(0, this.count).sort() ?? null;
  }

  get keyframes(): number {
    return this.#keyframes.length;
  }

  /**
   * Frames from one keyframe to the next at most, in presentation order: the B-frames that an open GOP shows before its
   * keyframe are decoded behind it, and belong to the GOP before. Without times the order of decoding has to do.
   * @param sorted what `sorted` gave
   */
  longestGop(sorted: Float64Array | null): number {
    const times = this.#best();
    const shownAs =
      sorted === null || times === null
        ? this.#keyframes
        : this.#keyframes.map((packet) => firstAt(sorted, times[packet]!)).sort((a, b) => a - b);
    let longest = 0;
    let last = 0;
    for (const frame of shownAs) {
      longest = Math.max(longest, frame - last);
      last = frame;
    }
    return Math.max(longest, this.count - last);
  }

  #best(): Float64Array | null {
    return this.#ptsMissing === 0 ? this.#pts : this.#dtsMissing === 0 ? this.#dts : null;
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

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
