// When the frames of a title's renditions are shown: the same for all of them, in exact ticks. Pure.

import type { CheckedSource } from '#core/source-check';
import type { Fraction } from '#core/source';
import type { TitlePlan } from '#core/title';

export interface OutputTimes {
  /** Seconds a tick. */
  readonly timeBase: Fraction;
  /** Of all frames in the order of presentation, from 0. */
  readonly pts: Float64Array;
  /** When the last frame ends. */
  readonly endPts: number;
  /** Ticks of a frame; the average where the rate varies, at least 1. */
  readonly frameTicks: number;
  /** Null where the rate varies. */
  readonly frameRate: Fraction | null;
}

/** At a constant rate ticks count frames; else they are the source's, from its first frame on. */
export function outputTimes(
  { source }: Pick<TitlePlan, 'source'>,
  { frames }: Pick<CheckedSource, 'frames'>,
): OutputTimes {
  const { frameRate, timeBase } = source;
  const count = frames.pts.length;
  if (frameRate !== null)
    return {
      timeBase: { num: frameRate.den, den: frameRate.num },
      pts: Float64Array.from({ length: count }, (_, frame) => frame),
      endPts: count,
      frameTicks: 1,
      frameRate,
    };
  const first = frames.pts[0] ?? 0;
  const pts = frames.pts.map((each) => each - first);
  const last = pts[count - 1] ?? 0;
  const frameTicks = Math.max(1, Math.round(count > 1 ? last / (count - 1) : 1));
  // A last frame of unknown duration is shown as long as the others on average.
  return { timeBase, pts, endPts: last + (frames.duration[count - 1] || frameTicks), frameTicks, frameRate: null };
}
