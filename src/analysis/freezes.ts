// When a picture stood still, as WebRTC statistics define it.

/** Intervals that the usual one is the mean of. */
const WINDOW = 30;
/** With fewer before it nothing is known of the usual interval (as in libwebrtc). */
const LEAST_INTERVALS = 5;
const FACTOR = 3;
const LEAST_INCREASE_US = 150_000;

export interface Freezes {
  readonly count: number;
  readonly totalUs: number;
  readonly longestUs: number;
}

/**
 * A freeze is an interval between two presented frames of at least max(3 × mean, mean + 150 ms), where mean is that of the 30
 * intervals before it (W3C, Identifiers for WebRTC's Statistics API, freezeCount and totalFreezesDuration). The last picture
 * stands until the end: that interval counts as well, for a stream that died is a frozen one.
 * @param presentedUs ascending
 * @param endUs NaN where it is not known
 */
export function findFreezes(presentedUs: ArrayLike<number>, endUs: number): Freezes {
  let count = 0;
  let totalUs = 0;
  let longestUs = 0;
  let windowUs = 0;
  for (let i = 1; i <= presentedUs.length; i++) {
    const intervalUs = (i < presentedUs.length ? presentedUs[i]! : endUs) - presentedUs[i - 1]!;
    const known = Math.min(i - 1, WINDOW);
    const meanUs = windowUs / known;
    if (known >= LEAST_INTERVALS && isFreeze(intervalUs, meanUs)) {
      count++;
      totalUs += intervalUs;
      longestUs = Math.max(longestUs, intervalUs);
    }
    windowUs += intervalUs;
    if (i > WINDOW) windowUs -= presentedUs[i - WINDOW]! - presentedUs[i - WINDOW - 1]!;
  }
  return { count, totalUs, longestUs };
}

/** @param meanUs of the intervals before */
export function isFreeze(intervalUs: number, meanUs: number): boolean {
  return intervalUs >= Math.max(FACTOR * meanUs, meanUs + LEAST_INCREASE_US);
}
