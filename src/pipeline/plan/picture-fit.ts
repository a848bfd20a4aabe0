// The size of a rung's pictures: the source as it is shown (square samples, turned upright), fitted into the rung's box.

import type { VideoStreamInfo } from '#core/source';
import { formatSettingValue, type SettingValue } from '#core/settings';
import { parseResolution } from '#media/setting-value';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A box this much larger than the picture is still filled by it at its own size: sources are cropped by some lines. */
const ABOUT_AS_LARGE = 1.05;

/** Size of the source as a player shows it, with square samples; not rounded. */
export function shownSize(video: Pick<VideoStreamInfo, 'width' | 'height' | 'sampleAspectRatio' | 'rotation'>): Size {
  const { sampleAspectRatio: ratio } = video;
  const aspect = ratio !== null && ratio.num > 0 && ratio.den > 0 ? ratio.num / ratio.den : 1;
  // Nothing is thrown away: the direction with the fewer samples is stretched.
  const width = aspect > 1 ? video.width * aspect : video.width;
  const height = aspect < 1 ? video.height / aspect : video.height;
  return isTurned(video) ? { width: height, height: width } : { width, height };
}

/** True where a player turns the picture by a quarter. */
export function isTurned({ rotation }: Pick<VideoStreamInfo, 'rotation'>): boolean {
  return Math.abs(rotation % 180) === 90;
}

/** The box that a rung's `resolution` names: `1280x720`, `720p` (16:9) or `source`; null for anything else. */
export function boxOf(resolution: SettingValue, shown: Size): Size | null {
  if (resolution === 'source') return shown;
  const lines = /^\s*(\d{2,5})\s*p\s*$/i.exec(formatSettingValue(resolution));
  if (lines === null) return parseResolution(resolution);
  const height = Number(lines[1]);
  return { width: even((height * 16) / 9), height };
}

export interface Fit extends Size {
  /** True where the picture would have to be enlarged to fill the box. */
  readonly tooLarge: boolean;
}

/** The largest even size in the box that keeps the picture's shape, never larger than the picture. A box lies across for a picture that stands upright. */
export function fitInto(box: Size, shown: Size): Fit {
  const across = box.width >= box.height === shown.width >= shown.height;
  const { width, height } = across ? box : { width: box.height, height: box.width };
  const scale = Math.min(width / shown.width, height / shown.height);
  const used = Math.min(scale, 1);
  return {
    width: even(shown.width * used),
    height: even(shown.height * used),
    tooLarge: scale > ABOUT_AS_LARGE,
  };
}

/** The nearest even number above zero: chroma has half the columns and lines. */
function even(size: number): number {
  return Math.max(2, 2 * Math.round(size / 2));
}
