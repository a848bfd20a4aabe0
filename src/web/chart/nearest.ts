/** Position of the time nearest to another; -1 where there is none. Of two as near, the earlier. */
export function nearest(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return times.length === 0 ? -1 : 0;
  if (low === times.length) return low - 1;
  return times[low]! - time < time - times[low - 1]! ? low : low - 1;
}
