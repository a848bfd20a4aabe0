// Splits the CPU time of a process that works for several outputs: by the time spent in calls for each, what is done for
// all of them in equal parts.

export class CpuShares {
  readonly #busyUs: Float64Array;
  #sharedUs = 0;

  constructor(outputs: number) {
    this.#busyUs = new Float64Array(outputs);
  }

  add(output: number, us: number): void {
    this.#busyUs[output]! += us;
  }

  /** Time spent for all outputs. */
  addShared(us: number): void {
    this.#sharedUs += us;
  }

  /** The outputs' shares of what was done since the last call; their sum is 1. */
  take(): Float64Array {
    const outputs = this.#busyUs.length;
    let total = this.#sharedUs;
    for (const us of this.#busyUs) total += us;
    const shares = this.#busyUs.map((us) => (total === 0 ? 1 / outputs : (us + this.#sharedUs / outputs) / total));
    this.#busyUs.fill(0);
    this.#sharedUs = 0;
    return shares;
  }
}
