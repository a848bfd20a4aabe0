// Scaling a picture of two fields as if it were one: swscale refuses to make a progressive picture of an interlaced one
// (child only).

import type { Frame, SoftwareScaleContext } from 'node-av/lib';
import { AV_FRAME_FLAG_INTERLACED } from 'node-av/constants';

/** Like `scaleFrameSync` into a progressive picture, for small pictures and stills, on which combing does not matter. */
export function scaleWhole(context: SoftwareScaleContext, into: Frame, source: Frame): number {
  const flags = source.flags;
  if ((flags & AV_FRAME_FLAG_INTERLACED) === 0) return context.scaleFrameSync(into, source);
  source.flags = (flags & ~AV_FRAME_FLAG_INTERLACED) as typeof flags;
  try {
    return context.scaleFrameSync(into, source);
  } finally {
    source.flags = flags;
  }
}
