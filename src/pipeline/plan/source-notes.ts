// What a title does on purpose with the oddities of its source, in words: nothing is dropped silently.

import type { CheckedSource } from '#core/source-check';
import { pixelLayout } from '#media/pixel-format';
import { isHighDynamicRange } from './pixel-choice.ts';
import { isTurned, shownSize } from './picture-fit.ts';

/** Above it a gap between keyframes is worth a word: seeking and switching wait for one. */
const LONG_GOP_S = 10;

/** @param gop frames between keyframes */
export function sourceNotes({ info, frames }: CheckedSource, gop: number): string[] {
  const { video } = info;
  const notes: string[] = [];
  const ratio = video.sampleAspectRatio;
  const shown = shownSize(video);
  if (ratio !== null && ratio.num > 0 && ratio.den > 0 && ratio.num !== ratio.den)
    notes.push(
      `samples of ${ratio.num}:${ratio.den} become square: ${video.width}x${video.height} is shown as ` +
        `${Math.round(shown.width)}x${Math.round(shown.height)}`,
    );
  if (isTurned(video) || video.rotation % 360 === 180)
    notes.push(`the picture is turned by ${video.rotation}° clockwise: players of streams do not turn it themselves`);
  else if (video.rotation % 360 !== 0)
    notes.push(`a rotation by ${video.rotation}° is left out: only quarter turns are made`);
  if (isHighDynamicRange(video))
    notes.push(
      `high dynamic range (${video.color.dynamicRange ?? video.color.transfer}) is kept, in ten bits, with its colours; ` +
        'metadata of the mastering display is not',
    );
  const layout = pixelLayout(video.pixelFormat);
  if (layout !== null && layout.chroma !== '420') notes.push(`colours of ${video.pixelFormat} become 4:2:0`);
  if (layout?.alpha === true) notes.push('transparency is left out');
  if (video.frameRate === null) {
    const longest = longestGap(frames.pts, gop) * (video.timeBase.num / video.timeBase.den);
    notes.push(
      `the frame rate varies: every frame keeps its time` +
        (longest > LONG_GOP_S ? `, and keyframes stand up to ${longest.toFixed(1)} s apart` : ''),
    );
  }
  return notes;
}

/** Ticks of the longest stretch of so many frames. */
function longestGap(pts: Float64Array, frames: number): number {
  let longest = 0;
  for (let frame = 0; frame + frames < pts.length; frame++)
    longest = Math.max(longest, pts[frame + frames]! - pts[frame]!);
  return longest;
}
