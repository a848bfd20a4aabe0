// When the video of a title begins, in its source's own time, and how long it is: what sound and text are laid along.

import type { CheckedSource } from '#core/source-check';
import type { TitlePlan } from '#core/title';

export interface VideoSpan {
  /** When the first frame is shown, seconds of the source's time. */
  readonly startS: number;
  readonly durationS: number;
}

export function videoSpan({ frames }: CheckedSource, { source }: TitlePlan): VideoSpan {
  const { num, den } = source.timeBase;
  return { startS: ((frames.pts[0] ?? 0) * num) / den, durationS: source.duration };
}
