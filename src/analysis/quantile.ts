// Quantiles by linear interpolation between order statistics.

/**
 * Quantile of a sorted sample: Hyndman and Fan's definition 7 (1996), the default of R and NumPy.
 * @param sorted ascending, without NaN
 * @param p 0 to 1
 * @returns NaN for an empty sample
 */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/** Sorted copy without NaN: what the other functions here expect. */
export function sortedSample(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

/** Quantile of an unsorted sample; NaN values do not count. */
export function quantile(values: ArrayLike<number>, p: number): number {
  return quantileSorted(sortedSample(values), p);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Arithmetic mean without NaN values; NaN for an empty sample. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? NaN : sum / count;
}
