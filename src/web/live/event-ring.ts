// Moments of one kind, as frames that were captured or presented: how long after the one before each came, and how many
// there were in a second.

import { SampleRing } from './sample-ring.ts';
import { firstAt, type Track } from '../chart/track.ts';

/** Seconds between two values of a rate. */
const RATE_STEP_S = 0.1;

export class EventRing implements Track {
  readonly #ring: SampleRing;

  constructor(most?: number) {
    this.#ring = new SampleRing(most);
  }

  get times(): Float64Array {
    return this.#ring.times;
  }
  /** Milliseconds since the moment before; NaN of the first. */
  get values(): Float64Array {
    return this.#ring.values;
  }
  get length(): number {
    return this.#ring.length;
  }

  push(time: number): void {
    const ring = this.#ring;
    ring.push(time, NaN);
    if (Number.isNaN(time)) return;
    const at = firstAt(ring.times, ring.length, time);
    this.#measure(at);
    // One that came late parts the distance that was there in two.
    this.#measure(at + 1);
  }

  clear(): void {
    this.#ring.clear();
  }

  #measure(at: number): void {
    const { times, values, length } = this.#ring;
    if (at >= length) return;
    values[at] = at === 0 ? NaN : (times[at]! - times[at - 1]!) * 1e3;
  }
}

/** A rate of events over a sliding window, computed for what is in view when it is drawn. */
export class RateTrack implements Track {
  times = new Float64Array(256);
  values = new Float64Array(256);
  length = 0;

  /**
   * @param from seconds: of the first value, rounded down to a step, so that values stay where they are while time goes on
   * @param to seconds: of the last value at most; later than the newest event, the rate falls as it should
   * @param windowS seconds over which events are counted
   * @param sinceS seconds from which on events were counted; the first event where it is left out
   * @param weights what each event counts, as the bits of a frame; one where it is left out. NaN counts nothing.
   */
  compute(
    events: Pick<Track, 'times' | 'length'>,
    from: number,
    to: number,
    windowS: number,
    sinceS = events.length === 0 ? Infinity : events.times[0]!,
    weights: Float64Array | null = null,
  ): void {
    this.length = 0;
    if (sinceS === Infinity) return;
    const { times, length } = events;
    // Before a whole window has passed since the first event the count would be too small.
    const begins = Math.max(from, sinceS + windowS);
    const first = Math.ceil(begins / RATE_STEP_S);
    const last = Math.floor(to / RATE_STEP_S);
    this.#hold(Math.max(0, last - first + 1));
    let low = firstAt(times, length, first * RATE_STEP_S - windowS);
    let high = low;
    let sum = 0;
    for (let step = first; step <= last; step++) {
      const at = step * RATE_STEP_S;
      for (; high < length && times[high]! <= at; high++) sum += weightOf(weights, high);
      for (; low < high && times[low]! <= at - windowS; low++) sum -= weightOf(weights, low);
      this.times[this.length] = at;
      this.values[this.length] = sum / windowS;
      this.length++;
    }
  }

  #hold(count: number): void {
    if (count <= this.times.length) return;
    this.times = new Float64Array(count * 2);
    this.values = new Float64Array(count * 2);
  }
}

function weightOf(weights: Float64Array | null, at: number): number {
  const weight = weights === null ? 1 : weights[at]!;
  return Number.isNaN(weight) ? 0 : weight;
}
