// What a live chart draws: times and values in typed arrays, oldest first, of one length.

/** The arrays may be replaced as it grows: ask for them at each drawing. NaN is a value that is absent: it breaks a line. */
export interface Track {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly length: number;
}

export const EMPTY_TRACK: Track = { times: new Float64Array(0), values: new Float64Array(0), length: 0 };

/** Position of the first time that is not before another; the length where all are. */
export function firstAt(times: Float64Array, length: number, time: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of the time nearest to another; -1 where there is none. */
export function nearestAt({ times, length }: Track, time: number): number {
  const at = firstAt(times, length, time);
  if (at === 0) return length === 0 ? -1 : 0;
  if (at === length) return length - 1;
  return times[at]! - time < time - times[at - 1]! ? at : at - 1;
}
