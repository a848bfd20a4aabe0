// A value that holds until the next: what an operator asked for, drawn over what is measured.

import type { Track } from '../chart/track.ts';

/** More changes than one looks at. */
const MOST_CHANGES = 512;

export class StepLine implements Track {
  times = new Float64Array(2 * MOST_CHANGES + 2);
  values = new Float64Array(2 * MOST_CHANGES + 2);
  length = 0;
  readonly #at: number[] = [];
  readonly #value: number[] = [];

  /** The value from a time on; NaN where nothing is asked for. Times that go back are not taken. */
  set(time: number, value: number): void {
    const last = this.#value.length - 1;
    if (last >= 0 && (Object.is(this.#value[last], value) || time < this.#at[last]!)) return;
    this.#at.push(time);
    this.#value.push(value);
    if (this.#at.length > MOST_CHANGES) {
      this.#at.shift();
      this.#value.shift();
    }
    this.length = 0;
    for (let i = 0; i < this.#at.length; i++) {
      if (i > 0) this.#corner(this.#at[i]!, this.#value[i - 1]!);
      this.#corner(this.#at[i]!, this.#value[i]!);
    }
    this.#corner(this.#at.at(-1)!, this.#value.at(-1)!);
  }

  /**
   * The last value holds until now; the only one since the first frame, as far as anybody knows.
   * @param sinceS seconds of the first frame; Infinity without any
   */
  span(sinceS: number, nowS: number): void {
    if (this.length === 0) return;
    if (this.#at.length === 1) this.times[0] = Math.min(this.#at[0]!, sinceS);
    this.times[this.length - 1] = Math.max(nowS, this.times[this.length - 2] ?? nowS);
  }

  clear(): void {
    const last = this.#value.at(-1);
    const at = this.#at.at(-1);
    this.#at.length = 0;
    this.#value.length = 0;
    this.length = 0;
    if (at !== undefined) this.set(at, last!);
  }

  #corner(time: number, value: number): void {
    this.times[this.length] = time;
    this.values[this.length] = value;
    this.length++;
  }
}
