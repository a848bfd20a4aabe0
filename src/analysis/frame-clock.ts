// How two clocks stand to each other where only frames tell: each left by one clock and arrived by the other. Pure.

import { MAX_DRIFT } from './clock-offset.ts';

/**
 * How far the receiving clock is ahead of the sending one. Frames go one way only, so that the smallest delay can't be told
 * from an offset: `offsetUs` contains it, and `errorUs` does not cover it. Delays that are computed with this clock are
 * those beyond the fastest frame.
 */
export interface FrameClock {
  /** By the sending clock: where `offsetUs` holds. */
  readonly atUs: number;
  readonly offsetUs: number;
  /** Seconds that it gains in a second. */
  readonly drift: number;
  /** Whether the drift is known to ±50 ppm; else it is a guess within that error. */
  readonly driftKnown: boolean;
  /** How far the fastest frames of any part of the time were from this line. */
  readonly errorUs: number;
}

const KNOWN_DRIFT = 50e-6;
/** The time is cut into so many parts; in each of them some frame should have been fast. */
const PARTS = 8;
const ROUNDING_US = 1;

/**
 * Lays the highest line under all delays (Moon, Skelly and Towsley 1999: the edge of their lower convex hull at the middle): no
 * frame arrives before it was sent.
 * @param sentUs ascending, and `receivedUs`: of the same frames, each by its own clock
 * @returns null without frames
 */
export function frameClock(sentUs: ArrayLike<number>, receivedUs: ArrayLike<number>): FrameClock | null {
  const count = sentUs.length;
  if (count === 0) return null;
  const delays = Float64Array.from({ length: count }, (_, i) => receivedUs[i]! - sentUs[i]!);
  const spanUs = sentUs[count - 1]! - sentUs[0]!;
  const atUs = sentUs[0]! + spanUs / 2;
  const drift = Math.max(-MAX_DRIFT, Math.min(MAX_DRIFT, slopeUnder(sentUs, delays, atUs)));
  let offsetUs = Infinity;
  for (let i = 0; i < count; i++) offsetUs = Math.min(offsetUs, delays[i]! - drift * (sentUs[i]! - atUs));
  const floors = new Float64Array(PARTS).fill(Infinity);
  for (let i = 0; i < count; i++) {
    const part = spanUs === 0 ? 0 : Math.min(PARTS - 1, Math.floor(((sentUs[i]! - sentUs[0]!) / spanUs) * PARTS));
    floors[part] = Math.min(floors[part]!, delays[i]! - drift * (sentUs[i]! - atUs) - offsetUs);
  }
  const errorUs = Math.max(...floors.filter(Number.isFinite)) + ROUNDING_US;
  return { atUs, offsetUs, drift, driftKnown: spanUs > 0 && (2 * errorUs) / spanUs <= KNOWN_DRIFT, errorUs };
}

/** The offset of the receiving clock at a time of the sending one, microseconds. */
export function offsetAt(clock: FrameClock, sentUs: number): number {
  return clock.offsetUs + clock.drift * (sentUs - clock.atUs);
}

/** Slope of the lower convex hull where it passes `atUs`. */
function slopeUnder(times: ArrayLike<number>, values: ArrayLike<number>, atUs: number): number {
  const hull: number[] = [];
  const rise = (a: number, b: number) => (values[b]! - values[a]!) / (times[b]! - times[a]!);
  for (let i = 0; i < times.length; i++) {
    const last = hull.at(-1);
    if (last !== undefined && times[last] === times[i]) {
      if (values[last]! <= values[i]!) continue;
      hull.pop();
    }
    while (hull.length > 1 && rise(hull.at(-2)!, hull.at(-1)!) >= rise(hull.at(-1)!, i)) hull.pop();
    hull.push(i);
  }
  for (let i = 1; i < hull.length; i++) if (times[hull[i]!]! >= atUs) return rise(hull[i - 1]!, hull[i]!);
  return 0;
}
