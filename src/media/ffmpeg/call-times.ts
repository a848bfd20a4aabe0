// When the encoder's calls ended and how long they took, as they are told while an encode runs: columns that only grow.

const INITIAL_CALLS = 4096;
/** More calls than this (some 40 hours at 30 frames a second) are not kept, and then no times are told at all. */
const MAX_CALLS = 8_000_000;

export class CallTimes {
  /** Microseconds, monotonic. */
  endUs: Float64Array = new Float64Array(INITIAL_CALLS);
  /** Microseconds that the call took; -1 where it is not told. */
  tookUs: Int32Array = new Int32Array(INITIAL_CALLS);
  /** 1 where something else was done before this call since the last one. */
  apart: Uint8Array = new Uint8Array(INITIAL_CALLS);
  count = 0;
  overflowed = false;

  add(endUs: number, tookUs: number, apart: boolean): void {
    if (this.count === MAX_CALLS) {
      this.overflowed = true;
      return;
    }
    if (this.count === this.endUs.length) this.#grow();
    this.endUs[this.count] = endUs;
    this.tookUs[this.count] = tookUs;
    this.apart[this.count] = apart ? 1 : 0;
    this.count++;
  }

  #grow(): void {
    const capacity = Math.min(MAX_CALLS, this.count * 2);
    const [endUs, tookUs, apart] = [this.endUs, this.tookUs, this.apart];
    this.endUs = new Float64Array(capacity);
    this.endUs.set(endUs);
    this.tookUs = new Int32Array(capacity);
    this.tookUs.set(tookUs);
    this.apart = new Uint8Array(capacity);
    this.apart.set(apart);
  }
}
