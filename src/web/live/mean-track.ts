// The mean of a series over the time before each sample: what is counted in steps of a clock's tick jumps from one to the next.

import { firstAt, type Track } from '../chart/track.ts';

const LEAST = 1e-9;

export class MeanTrack implements Track {
  times = new Float64Array(256);
  values = new Float64Array(256);
  length = 0;

  /**
   * Computes what is in view; one sample beyond each end, so that lines go on past the edge.
   * @param overS seconds before each sample that are averaged, itself included
   */
  compute({ times, values, length }: Track, from: number, to: number, overS: number): void {
    const first = Math.max(0, firstAt(times, length, from) - 1);
    const end = Math.min(length, firstAt(times, length, to) + 1);
    this.#hold(Math.max(0, end - first));
    this.length = 0;
    let low = first < end ? firstAt(times, length, times[first]! - overS) : first;
    let high = low;
    let sum = 0;
    let count = 0;
    for (let at = first; at < end; at++) {
      for (; high <= at; high++) {
        if (Number.isNaN(values[high]!)) continue;
        sum += values[high]!;
        count++;
      }
      for (; low < at && times[low]! <= times[at]! - overS; low++) {
        if (Number.isNaN(values[low]!)) continue;
        sum -= values[low]!;
        count--;
      }
      this.times[this.length] = times[at]!;
      // What is left of sums that were taken apart again is nothing.
      this.values[this.length] = Number.isNaN(values[at]!) ? NaN : Math.abs(sum) < LEAST ? 0 : sum / count;
      this.length++;
    }
  }

  #hold(count: number): void {
    if (count <= this.times.length) return;
    this.times = new Float64Array(count * 2);
    this.values = new Float64Array(count * 2);
  }
}
