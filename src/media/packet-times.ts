// The times of all packets of a stream: a growing column, sorted once at the end.

import { AV_NOPTS_VALUE } from 'node-av/constants';

const INITIAL_CAPACITY = 4096;

export class PacketTimes {
  #pts: Float64Array = new Float64Array(INITIAL_CAPACITY);
  #dts: Float64Array = new Float64Array(INITIAL_CAPACITY);
  count = 0;
  #ptsMissing = 0;
  #dtsMissing = 0;

  add(pts: bigint, dts: bigint): void {
    if (this.count === this.#pts.length) {
      this.#pts = grown(this.#pts);
      this.#dts = grown(this.#dts);
    }
    if (pts === AV_NOPTS_VALUE) this.#ptsMissing++;
    if (dts === AV_NOPTS_VALUE) this.#dtsMissing++;
    this.#pts[this.count] = Number(pts);
    this.#dts[this.count] = Number(dts);
    this.count++;
  }

  /** Sorted presentation times; decoding times where some of those are missing (AVI); null where those are too. */
  sorted(): Float64Array | null {
    const times = this.#ptsMissing === 0 ? this.#pts : this.#dtsMissing === 0 ? this.#dts : null;
    return times?.slice(0, this.count).sort() ?? null;
  }
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
