// Does the next piece of sound follow what came before, or do its timestamps say otherwise? Pure arithmetic in samples.

/**
 * A timestamp this far from where the sound has got to is a hole or an overlap: 15 ms. Less than a lost packet of any
 * usual codec (20 ms of Opus, 21 ms of AAC, 24 ms of MP3), more than what containers round their times to (1 ms).
 */
const JUMP_SAMPLES = 720;
/** A distance that no recorder's jitter reaches: 100 ms. Smaller ones have to be seen twice before they count as a jump. */
const CERTAIN_SAMPLES = 4_800;
/** A mean distance beyond which the sound is stretched: 1 ms. */
const DRIFT_SAMPLES = 48;
/** Pieces over which the distance is averaged, so that rounded timestamps are no drift. */
const DRIFT_WINDOW = 32;
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
   * @param ahead how far the piece behind this one would be from its own place; NaN where that is not known
   * @returns 0 where it follows; `JUMP` where it has to be put at `wanted`; else the samples by which the sound must
   *   be stretched (negative: shortened) over the next `STRETCH_SAMPLES`
   */
  place(wanted: number, next: number, ahead: number): number {
    if (Number.isNaN(next)) return JUMP;
    if (Number.isNaN(wanted)) return 0;
    const distance = wanted - next;
    if (jumps(distance, ahead)) {
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

/** One piece out of its place, with the next in line again, is a timestamp that was taken too late: jitter. */
function jumps(distance: number, ahead: number): boolean {
  if (Math.abs(distance) <= JUMP_SAMPLES) return false;
  if (Math.abs(distance) > CERTAIN_SAMPLES || Number.isNaN(ahead)) return true;
  return Math.abs(ahead - distance) <= JUMP_SAMPLES / 2;
}
