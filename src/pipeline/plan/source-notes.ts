// What a title does on purpose with the oddities of its source, in words: nothing is dropped silently.

import type { VideoStreamInfo } from '#core/source';
import type { CheckedSource } from '#core/source-check';
import { pixelLayout } from '#media/pixel-format';
import { hasLight } from './light-settings.ts';
import { isHighDynamicRange } from './pixel-choice.ts';
import { isTurned, shownSize } from './picture-fit.ts';

/** Above it a gap between keyframes is worth a word: seeking and switching wait for one. */
const LONG_GOP_S = 10;

/** @param gop frames between keyframes */
export function sourceNotes({ info, frames, findings }: CheckedSource, gop: number): string[] {
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
      `high dynamic range (${video.color.dynamicRange ?? video.color.transfer}) is kept, in ten bits, with its colours` +
        (hasLight(video) ? ` and ${lightOf(video)}` : '; the source has no metadata of the mastering display'),
    );
  else if (hasLight(video)) notes.push(`${lightOf(video)} is left out: the picture is not PQ or HLG`);
  if (video.dynamicMetadata !== null) notes.push(`${video.dynamicMetadata} metadata is left out`);
  notes.push(...interlacedNotes(findings));
  if (video.closedCaptions)
    notes.push(
      'captions inside the pictures (CEA-608, CEA-708) stay in what libx264 encodes, and are left out elsewhere',
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

function interlacedNotes(findings: CheckedSource['findings']): string[] {
  return findings
    .filter(({ fault }) => fault === 'interlaced')
    .map(({ what }) => `${what}: they are encoded as whole pictures, as they are`);
}

function lightOf({ masteringDisplay, contentLight }: VideoStreamInfo): string {
  const parts = [
    masteringDisplay === null
      ? []
      : `mastering display (${masteringDisplay.luminance.map((each) => Number(each.toFixed(4))).join(' to ')} cd/m²)`,
    contentLight === null ? [] : `content light (${contentLight.maxCll}, mean ${contentLight.maxFall} cd/m²)`,
  ];
  return parts.flat().join(' and ');
}

/** Ticks of the longest stretch of so many frames. */
function longestGap(pts: Float64Array, frames: number): number {
  let longest = 0;
  for (let frame = 0; frame + frames < pts.length; frame++)
    longest = Math.max(longest, pts[frame + frames]! - pts[frame]!);
  return longest;
}
