// Does the next piece of sound follow what came before, or do its timestamps say otherwise? Pure arithmetic in samples.

/**
 * A timestamp this far from where the sound has got to is a hole or an overlap: 15 ms. Less than a lost packet of any
 * usual codec (20 ms of Opus, 21 ms of AAC, 24 ms of MP3), more than what containers round their times to (1 ms).
 */
export const JUMP_SAMPLES = 720;
/** A mean distance beyond which the sound is stretched: 1 ms. */
export const DRIFT_SAMPLES = 48;
/** Pieces over which the distance is averaged, so that rounded timestamps are no drift. */
export const DRIFT_WINDOW = 32;
/** A correction is spread over this many samples: one second, so that 1 ms is a thousandth and nobody hears it. */
export const STRETCH_SAMPLES = 48_000;

/** What `place` answers for a piece that has to be put at its own time. */
export const JUMP = Number.POSITIVE_INFINITY;

export class SoundClock {
  #sum = 0;
  #count = 0;
  #settledAt = -Infinity;

  /**
   * @param wanted position that its timestamp says, samples; NaN where it has none
   * @param next position at which it would follow what came before; NaN for the first piece
   * @returns 0 where it follows; `JUMP` where it has to be put at `wanted`; else the samples by which the sound must
   *   be stretched (negative: shortened) over the next `STRETCH_SAMPLES`
   */
  place(wanted: number, next: number): number {
    if (Number.isNaN(next)) return JUMP;
    if (Number.isNaN(wanted)) return 0;
    const distance = wanted - next;
    if (Math.abs(distance) > JUMP_SAMPLES) {
      this.#restart(-Infinity);
      return JUMP;
    }
    if (next < this.#settledAt) return 0;
    this.#sum += distance;
    if (++this.#count < DRIFT_WINDOW) return 0;
    const mean = Math.round(this.#sum / this.#count);
    const drifts = Math.abs(mean) > DRIFT_SAMPLES;
    this.#restart(drifts ? next + STRETCH_SAMPLES + mean : -Infinity);
    return drifts ? mean : 0;
  }

  #restart(settledAt: number): void {
    this.#sum = 0;
    this.#count = 0;
    this.#settledAt = settledAt;
  }
}
