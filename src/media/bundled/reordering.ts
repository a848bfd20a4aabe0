// Packets on their way through a decoder: which packet became a frame, how long it took, and the frame's number in
// presentation order, B-frames and lost frames included.

/** Packets in a decoder at once: reordering (16) plus one a thread, many times over. */
const MAX_IN_DECODER = 1024;

export class PacketsInDecoder {
  readonly #pts = new Float64Array(MAX_IN_DECODER);
  readonly #startUs = new Float64Array(MAX_IN_DECODER);
  readonly #busyUs = new Float64Array(MAX_IN_DECODER);
  #count = 0;
  /** Frames that came out, or never will. */
  #passed = 0;
  /** Of the frame that `take` found; -1 where its packet is not known. */
  startUs = -1;
  busyUs = -1;

  /** A packet that will be a frame went in. */
  add(pts: number, startUs: number, busyUs: number): void {
    // A decoder that swallows packets without end makes no frames: the oldest are given up.
    if (this.#count === MAX_IN_DECODER) this.#remove(this.#oldest());
    this.#pts[this.#count] = pts;
    this.#startUs[this.#count] = startUs;
    this.#busyUs[this.#count] = busyUs;
    this.#count++;
  }

  /**
   * A frame came out: finds its packet and sets `startUs` and `busyUs`.
   * @returns the frame's number in presentation order, from 0
   */
  take(pts: number): number {
    this.startUs = -1;
    this.busyUs = -1;
    for (let i = this.#count - 1; i >= 0; i--) {
      if (this.#pts[i]! === pts) {
        this.startUs = this.#startUs[i]!;
        this.busyUs = this.#busyUs[i]!;
        this.#remove(i);
        // Frames come out in order: what is earlier and still inside was lost.
        for (let j = this.#count - 1; j >= 0; j--) if (this.#pts[j]! < pts) this.#remove(j);
        return this.#passed - 1;
      }
    }
    return this.#passed++;
  }

  #remove(index: number): void {
    const last = --this.#count;
    this.#pts[index] = this.#pts[last]!;
    this.#startUs[index] = this.#startUs[last]!;
    this.#busyUs[index] = this.#busyUs[last]!;
    this.#passed++;
  }

  #oldest(): number {
    let oldest = 0;
    for (let i = 1; i < this.#count; i++) if (this.#pts[i]! < this.#pts[oldest]!) oldest = i;
    return oldest;
  }
}
