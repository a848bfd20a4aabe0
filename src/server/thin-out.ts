// Fewer points for a chart without losing a peak: of every pixel-wide bucket the smallest and the largest are kept.

/** Up to this many points a chart draws as they are. */
export const MAX_POINTS = 20_000;

/**
 * Positions to keep so that a line through them looks the same: first, last, and for each column the smallest and the
 * largest of each bucket of equal time.
 * @param time ascending
 * @param columns values by position; NaN is skipped
 * @param buckets how many pieces the time is cut into: about two for a pixel
 * @returns ascending positions; all of them where there are at most MAX_POINTS
 */
export function thinOut(time: ArrayLike<number>, columns: readonly ArrayLike<number>[], buckets: number): Int32Array {
  const count = time.length;
  if (count <= MAX_POINTS) return Int32Array.from({ length: count }, (_, i) => i);
  const first = time[0]!;
  const width = (time[count - 1]! - first) / buckets || 1;
  const kept = new Set<number>([0, count - 1]);
  let bucketStart = 0;
  for (let i = 1; i <= count; i++) {
    if (i < count && bucketOf(time[i]!) === bucketOf(time[bucketStart]!)) continue;
    for (const column of columns) keepExtremes(column, bucketStart, i, kept);
    bucketStart = i;
  }
  return Int32Array.from(kept).sort();

  function bucketOf(at: number): number {
    return Math.floor((at - first) / width);
  }
}

function keepExtremes(column: ArrayLike<number>, from: number, to: number, kept: Set<number>): void {
  let low = -1;
  let high = -1;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (Number.isNaN(value)) continue;
    if (low === -1 || value < column[low]!) low = i;
    if (high === -1 || value > column[high]!) high = i;
  }
  if (low !== -1) kept.add(low).add(high);
}
