// Is the frame rate constant, and which one is it exactly: told from the times of all frames.

import type { Fraction } from '#core/source';
import { reduced, sameFraction, simplestBetween } from './fraction.ts';

/** Below this many ticks a frame, rounding and a variable rate look alike: every duration must be equal then. */
const MIN_TICKS_FOR_ROUNDING = 4;
/** From this many ticks a frame on, equal durations give the rate exactly; below, they may be rounded ones. */
const FINE_TICKS = 1000;
const MAX_RATE_DENOMINATOR = 100_000;
const USUAL_RATES: readonly Fraction[] = [
  ...[24, 25, 30, 50, 60, 10, 12, 15, 20, 48, 72, 90, 100, 120, 144, 240].map((num) => ({ num, den: 1 })),
  ...[24, 30, 60, 120, 48, 240, 15, 12].map((thousands) => ({ num: thousands * 1000, den: 1001 })),
];

/**
 * The exact rate where all frames last equally long within the rounding to the container's ticks (Matroska rounds
 * 24000/1001 frames a second to 41 and 42 ms); null where the rate varies.
 * @param pts presentation times in ticks, sorted
 * @param timeBase seconds a tick
 * @param declared rates that the container names: they decide where the times allow several
 */
export function constantFrameRate(
  pts: Float64Array,
  timeBase: Fraction,
  declared: readonly Fraction[],
): Fraction | null {
  const likely = declared.filter((rate) => rate.num > 0 && rate.den > 0).map((rate) => reduced(rate.num, rate.den));
  if (pts.length < 2) return likely[0] ?? null;
  const first = pts[0]!;
  const tick = pts[1]! - first;
  let equal = tick > 0;
  let low = 0;
  let high = Infinity;
  for (let i = 1; i < pts.length; i++) {
    const distance = pts[i]! - first;
    if (pts[i]! - pts[i - 1]! !== tick) equal = false;
    // Both ends are rounded by half a tick at most, so the true distance is less than a tick away.
    low = Math.max(low, (distance - 1) / i);
    high = Math.min(high, (distance + 1) / i);
  }
  const exact = equal ? reduced(timeBase.den, timeBase.num * tick) : null;
  if (exact !== null && tick >= FINE_TICKS) return exact;
  const average = (pts[pts.length - 1]! - first) / (pts.length - 1);
  if (!(low < high) || average < MIN_TICKS_FOR_ROUNDING) return exact;
  const lowRate = timeBase.den / (timeBase.num * high);
  const highRate = low > 0 ? timeBase.den / (timeBase.num * low) : Infinity;
  const fits = (rate: Fraction) => rate.num / rate.den > lowRate && rate.num / rate.den < highRate;
  const usual = USUAL_RATES.filter(fits);
  return (
    likely.find((rate) => usual.some((known) => sameFraction(known, rate))) ??
    (exact !== null && usual.some((known) => sameFraction(known, exact)) ? exact : null) ??
    usual[0] ??
    exact ??
    likely.find(fits) ??
    simplestBetween(lowRate, highRate, MAX_RATE_DENOMINATOR)
  );
}
