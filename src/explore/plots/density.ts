// How values are spread: a smooth density, and the five numbers of a box.

import { quantileSorted } from '#analysis/quantile';

/** Bins that the values are counted in before they are smoothed: finer than a screen shows. */
const BINS = 256;
/** Beyond this many bandwidths a Gaussian is nothing. */
const REACH = 4;

export interface Density {
  /** Ascending, evenly spaced between the smallest and the largest value. */
  readonly at: Float64Array;
  /** 0 to 1: of the densest place. */
  readonly height: Float64Array;
}

/**
 * Gaussian kernel density with Silverman's bandwidth, 0.9 min(s, IQR / 1.34) n^(-1/5) (Silverman 1986, equation 3.31), cut at the smallest and the
 * largest value: no density where nothing was measured. Counted in bins first, so that its time does not grow with the places.
 * @param sorted ascending, without NaN
 * @returns null where all values are the same, or fewer than MIN_DENSITY
 */
export function densityOf(sorted: Float64Array, places: number): Density | null {
  const count = sorted.length;
  const [low, high] = [sorted[0]!, sorted[count - 1]!];
  if (count < MIN_DENSITY || !(high > low)) return null;
  const bandwidth = silvermanBandwidth(sorted);
  const step = (high - low) / (BINS - 1);
  const bins = new Float64Array(BINS);
  for (const value of sorted) {
    // A value is shared by the two bins that it lies between.
    const position = (value - low) / step;
    const bin = Math.min(BINS - 2, Math.floor(position));
    bins[bin]! += 1 - (position - bin);
    bins[bin + 1]! += position - bin;
  }
  const at = new Float64Array(places);
  const height = new Float64Array(places);
  let most = 0;
  for (let i = 0; i < places; i++) {
    at[i] = low + ((high - low) * i) / (places - 1);
    let sum = 0;
    const first = Math.max(0, Math.ceil((at[i]! - REACH * bandwidth - low) / step));
    const last = Math.min(BINS - 1, Math.floor((at[i]! + REACH * bandwidth - low) / step));
    for (let bin = first; bin <= last; bin++) {
      if (bins[bin] === 0) continue;
      const away = (low + bin * step - at[i]!) / bandwidth;
      sum += bins[bin]! * Math.exp((-away * away) / 2);
    }
    height[i] = sum;
    if (sum > most) most = sum;
  }
  if (most > 0) for (let i = 0; i < places; i++) height[i]! /= most;
  return { at, height };
}

/** Fewer values have no density worth drawing. */
export const MIN_DENSITY = 5;

/** Never narrower than the bins are. */
export function silvermanBandwidth(sorted: Float64Array): number {
  const count = sorted.length;
  let sum = 0;
  for (const value of sorted) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const value of sorted) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / (count - 1));
  const quartiles = (quantileSorted(sorted, 0.75) - quantileSorted(sorted, 0.25)) / 1.34;
  // Where half of the values are the same, the quartiles say nothing of the spread.
  const spread = quartiles > 0 ? Math.min(deviation, quartiles) : deviation;
  return Math.max(0.9 * spread * count ** -0.2, (sorted[count - 1]! - sorted[0]!) / BINS);
}

/** The five numbers of a box, and where its whiskers end. */
export interface BoxNumbers {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  /** The furthest values within 1.5 times the height of the box (Tukey 1977). */
  readonly whiskerLow: number;
  readonly whiskerHigh: number;
}

/** @param sorted ascending, at least one value */
export function boxOf(sorted: Float64Array): BoxNumbers {
  const [lower, median, upper] = [0.25, 0.5, 0.75].map((p) => quantileSorted(sorted, p)) as [number, number, number];
  const reach = 1.5 * (upper - lower);
  let [first, last] = [0, sorted.length - 1];
  while (sorted[first]! < lower - reach) first++;
  while (sorted[last]! > upper + reach) last--;
  return { lower, median, upper, whiskerLow: sorted[first]!, whiskerHigh: sorted[last]! };
}
