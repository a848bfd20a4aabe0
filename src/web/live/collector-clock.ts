// The collector's clock, as the page knows it from what it is sent. Every message comes late by a little; the least late of
// the last ones tells best.

/** Messages that are looked at: a clock that drifts is followed. */
const KEPT = 64;

export class CollectorClock {
  readonly #leads = new Float64Array(KEPT).fill(Infinity);
  #next = 0;
  #lead = NaN;

  /**
   * @param collectorS the collector's time in a message
   * @param localS the page's time when it came
   */
  hear(collectorS: number, localS: number): void {
    this.#leads[this.#next] = localS - collectorS;
    this.#next = (this.#next + 1) % KEPT;
    let least = Infinity;
    for (const lead of this.#leads) if (lead < least) least = lead;
    this.#lead = least;
  }

  /** The collector's time, seconds; NaN until a message has told it. It never runs ahead of the collector's. */
  at(localS: number): number {
    return localS - this.#lead;
  }

  /** Another collector has begun at another second 0. */
  forget(): void {
    this.#leads.fill(Infinity);
    this.#lead = NaN;
  }
}
