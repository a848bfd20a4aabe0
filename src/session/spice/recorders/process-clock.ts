// Where the clock of a process that tells of itself lies on our own: its entries come with its time, and we know when we heard them.

/** An offset is believed for one to two of these: clocks drift, and clocks of days are set. Microseconds. */
const WINDOW_US = 10_000_000;
/** What would have been on its way for longer is of a clock that was set, microseconds. */
const LONGEST_WAY_US = 10_000_000;

/**
 * Whatever the process's clock counts from (patched SPICE of 2020 tells the time of day of its machine), the entry that came fastest of the last 10 to
 * 20 s is taken to have come at once. So a time is too late by what that one needed, and never later than when it was heard; a busy moment of ours
 * moves nothing.
 */
export class ProcessClock {
  /** Least of (heard − told), of this window and of the one before. */
  #leastUs = Infinity;
  #leastBeforeUs = Infinity;
  #windowEndsUs = -Infinity;

  /**
   * @param toldUs on the process's clock
   * @param heardUs on ours
   * @returns on ours, microseconds: when it was told
   */
  at(toldUs: number, heardUs: number): number {
    const offsetUs = heardUs - toldUs;
    if (heardUs >= this.#windowEndsUs) {
      this.#leastBeforeUs = this.#leastUs;
      this.#leastUs = Infinity;
      this.#windowEndsUs = heardUs + WINDOW_US;
    }
    this.#leastUs = Math.min(this.#leastUs, offsetUs);
    const wayUs = offsetUs - Math.min(this.#leastUs, this.#leastBeforeUs);
    if (wayUs <= LONGEST_WAY_US) return heardUs - wayUs;
    this.#leastUs = offsetUs;
    this.#leastBeforeUs = Infinity;
    return heardUs;
  }
}
