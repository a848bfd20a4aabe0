// Holes in the times of frames: where a constant rate goes on behind a pause, frames are missing. Pure.

import type { Fraction } from '#core/source';
import { constantFrameRate } from '../frame-rate.ts';

/** A hole of this length is a gap, seconds; a shorter one is frames that are missing. */
export const GAP_S = 1;
/** Below so many frames nobody can tell a hole from a variable rate. */
const MIN_FRAMES = 24;
/** Holes are rare, as a share of all distances: where more of them are longer, the rate varies on purpose. */
const MAX_HOLE_SHARE = 0.1;

/** Time that passes between a frame and the next for no reason that the rate gives. */
export interface Hole {
  /** Frame before it. */
  readonly frame: number;
  /** Seconds between the two. */
  readonly lengthS: number;
  /** Frames that would have stood there; null where the rate varies. */
  readonly missing: number | null;
}

export interface Spacing {
  /** True where all frames but those in holes have one rate. */
  readonly constant: boolean;
  /** Of a constant rate all that are longer than one frame; of a variable one those from GAP_S on. */
  readonly holes: readonly Hole[];
}

/**
 * @param pts ticks in presentation order, ascending
 * @param timeBase seconds a tick
 */
export function frameSpacing(pts: Float64Array, timeBase: Fraction): Spacing {
  const tick = timeBase.num / timeBase.den;
  const usual = medianDistance(pts);
  const holes: Hole[] = [];
  for (let frame = 0; frame + 1 < pts.length; frame++) {
    const distance = pts[frame + 1]! - pts[frame]!;
    if (usual > 0 && distance >= 1.5 * usual)
      holes.push({ frame, lengthS: distance * tick, missing: Math.round(distance / usual) - 1 });
  }
  if (pts.length >= MIN_FRAMES && holes.length <= MAX_HOLE_SHARE * pts.length && isConstant(pts, holes, timeBase))
    return { constant: true, holes };
  return {
    constant: false,
    holes: holes.filter(({ lengthS }) => lengthS >= GAP_S).map((hole) => ({ ...hole, missing: null })),
  };
}

/** Each piece between gaps has a constant rate as soon as its missing frames are put in. */
function isConstant(pts: Float64Array, holes: readonly Hole[], timeBase: Fraction): boolean {
  let piece: number[] = [];
  let next = 0;
  for (let frame = 0; frame < pts.length; frame++) {
    piece.push(pts[frame]!);
    const hole = holes[next];
    if (hole?.frame !== frame) continue;
    next++;
    if (hole.lengthS < GAP_S) {
      const step = (pts[frame + 1]! - pts[frame]!) / (hole.missing! + 1);
      for (let i = 1; i <= hole.missing!; i++) piece.push(Math.round(pts[frame]! + i * step));
    } else if (isEven(piece, timeBase)) piece = [];
    else return false;
  }
  return isEven(piece, timeBase);
}

function isEven(piece: readonly number[], timeBase: Fraction): boolean {
  return piece.length < 2 || constantFrameRate(Float64Array.from(piece), timeBase, []) !== null;
}

function medianDistance(pts: Float64Array): number {
  if (pts.length < 2) return 0;
  const distances = Float64Array.from({ length: pts.length - 1 }, (_, i) => pts[i + 1]! - pts[i]!).sort();
  return distances[distances.length >> 1]!;
}
