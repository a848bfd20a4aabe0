// The last samples of one series. The newest half and more is kept: when the arrays are full their newer half moves to the
// front, so that what is drawn lies in one piece and a push costs the same on average however long the page is open.

import { firstAt, type Track } from '../chart/track.ts';

const FIRST_CAPACITY = 512;
/** Five minutes of 100 samples a second, twice. */
const USUAL_MOST = 65_536;

export class SampleRing implements Track {
  times: Float64Array<ArrayBuffer>;
  values: Float64Array<ArrayBuffer>;
  length = 0;
  readonly #most: number;

  /** @param most samples that it holds at most; at least half of them are the newest that came */
  constructor(most = USUAL_MOST) {
    this.#most = Math.max(2, most);
    this.times = new Float64Array(Math.min(FIRST_CAPACITY, this.#most));
    this.values = new Float64Array(this.times.length);
  }

  /**
   * Takes a sample. One that comes late finds its place; one of a time that is known already replaces it: what is sent
   * again after a reconnection counts once.
   * @param time seconds; not a number is not taken
   */
  push(time: number, value: number): void {
    if (Number.isNaN(time)) return;
    if (this.length === 0 || time > this.times[this.length - 1]!) return this.#append(time, value);
    const at = firstAt(this.times, this.length, time);
    if (this.times[at] === time) {
      this.values[at] = value;
      return;
    }
    this.#append(this.times[this.length - 1]!, this.values[this.length - 1]!);
    // What was dropped to make room stood before; a sample older than all that is left is put first.
    const place = Math.min(this.length - 1, firstAt(this.times, this.length - 1, time));
    this.times.copyWithin(place + 1, place, this.length - 1);
    this.values.copyWithin(place + 1, place, this.length - 1);
    this.times[place] = time;
    this.values[place] = value;
  }

  clear(): void {
    this.length = 0;
  }

  #append(time: number, value: number): void {
    if (this.length === this.times.length) this.#makeRoom();
    this.times[this.length] = time;
    this.values[this.length] = value;
    this.length++;
  }

  #makeRoom(): void {
    const capacity = this.times.length;
    if (capacity < this.#most) {
      const next = Math.min(this.#most, capacity * 2);
      this.times = grown(this.times, next);
      this.values = grown(this.values, next);
      return;
    }
    const dropped = capacity >> 1;
    this.times.copyWithin(0, dropped);
    this.values.copyWithin(0, dropped);
    this.length -= dropped;
  }
}

function grown(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(capacity);
  next.set(array);
  return next;
}
