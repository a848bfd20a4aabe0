// Which pictures of a video become thumbnails, and how they lie on their sheets. Pure.

import type { SourceFrameColumns } from '#core/source-check';
import type { Fraction, VideoStreamInfo } from '#core/source';

/** Going to a keyframe is quicker only where it saves decoding more than these frames: seeks land a little before. */
const SEEK_SAVES_FRAMES = 6;
/** Seconds between thumbnails: a hundredth of the video, within these bounds. */
const SHORTEST_INTERVAL_S = 1;
const LONGEST_INTERVAL_S = 10;
const PICTURES = 100;
const TILE_WIDTH = 160;
/** A picture twenty times as high as wide is none that anybody shows; it bounds the sheets' memory. */
const MAX_TILE_HEIGHT = 640;
export const SHEET_COLUMNS = 10;
export const SHEET_ROWS = 10;
/** The poster fits into this box. */
const POSTER_WIDTH = 1280;
const POSTER_HEIGHT = 720;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture of the source that stands for a piece of time. */
export interface ChosenPicture {
  /** Frame of the source, and its time in ticks. */
  readonly frame: number;
  readonly ticks: number;
  /** True where going to the keyframe before it is quicker than decoding on from the picture before. */
  readonly seek: boolean;
  readonly spatial: number;
}

/** Seconds that a picture stands for. */
export function intervalS(durationS: number): number {
  return Math.min(LONGEST_INTERVAL_S, Math.max(SHORTEST_INTERVAL_S, Math.ceil(durationS / PICTURES)));
}

/** The same in ticks. */
export function intervalTicks(durationS: number, timeBase: Fraction): number {
  return (intervalS(durationS) * timeBase.den) / timeBase.num;
}

/** Pictures of a video of this length: as many as it takes, and always one. */
export function pictureCount(durationS: number): number {
  return Math.max(1, Math.ceil(durationS / intervalS(durationS) - 1e-9));
}

/** What the choice of pictures depends on. */
export interface PictureSource {
  readonly info: { readonly video: Pick<VideoStreamInfo, 'timeBase' | 'frameRate'> };
  readonly frames: Pick<SourceFrameColumns, 'pts' | 'key' | 'spatial'>;
}

/**
 * One picture for each interval: a keyframe in it where there is one, since that is decoded alone; the one nearest to its middle.
 */
export function choosePictures({ info, frames }: PictureSource, durationS: number): ChosenPicture[] {
  const { timeBase, frameRate } = info.video;
  const { key, spatial } = frames;
  const pts = shownTicks(frames.pts, timeBase, frameRate);
  const step = intervalTicks(durationS, timeBase);
  const slots = pictureCount(durationS);
  const first = pts[0] ?? 0;
  const pictures: ChosenPicture[] = [];
  let frame = 0;
  let keyframe = 0;
  let before = -1;
  for (let slot = 0; slot < slots && pts.length > 0; slot++) {
    const end = first + (slot + 1) * step;
    const middle = end - step / 2;
    let best = -1;
    let bestKey = -1;
    for (; frame < pts.length && pts[frame]! < end; frame++) {
      const distance = Math.abs(pts[frame]! - middle);
      if (best < 0 || distance < Math.abs(pts[best]! - middle)) best = frame;
      if (key[frame] === 1 && (bestKey < 0 || distance < Math.abs(pts[bestKey]! - middle))) bestKey = frame;
    }
    // Nothing new was shown in this interval: what came before it still stands.
    const chosen = bestKey >= 0 ? bestKey : best >= 0 ? best : Math.max(0, frame - 1);
    for (let at = before + 1; at <= chosen; at++) if (key[at] === 1) keyframe = at;
    pictures.push({
      frame: chosen,
      ticks: pts[chosen]!,
      seek: keyframe > before + SEEK_SAVES_FRAMES,
      spatial: spatial[chosen] ?? 0,
    });
    before = chosen;
  }
  return pictures;
}

/** A raw stream keeps no times, so that its frames were counted (0, 1, 2 …): only its rate tells when they are shown. */
function shownTicks(pts: Float64Array, timeBase: Fraction, rate: Fraction | null): Float64Array {
  if (rate === null || pts[0] !== 0 || pts.at(-1) !== pts.length - 1) return pts;
  const step = (rate.den * timeBase.den) / (rate.num * timeBase.num);
  return pts.map((count) => Math.round(count * step));
}

/** Size of a tile: `TILE_WIDTH` wide, with the shape that is seen; even, as chroma wants. */
function tileSize(shown: Size): Size {
  const height = even((TILE_WIDTH * shown.height) / shown.width);
  return { width: TILE_WIDTH, height: Math.min(MAX_TILE_HEIGHT, height) };
}

/** As large as it is seen, and no larger than the box. */
function posterSize(shown: Size): Size {
  const scale = Math.min(1, POSTER_WIDTH / shown.width, POSTER_HEIGHT / shown.height);
  return { width: even(shown.width * scale), height: even(shown.height * scale) };
}

/** What is seen of a stored picture: samples made square, turned upright. */
function shownSize(stored: Size, aspect: Fraction | null, rotation: number): Size {
  const width = aspect === null ? stored.width : (stored.width * aspect.num) / aspect.den;
  return rotation % 180 === 0 ? { width, height: stored.height } : { width: stored.height, height: width };
}

function even(value: number): number {
  return Math.max(2, 2 * Math.round(value / 2));
}

/** Name of a sheet in its folder. */
export function sheetName(sheet: number): string {
  return `thumbnails-${sheet + 1}.jpg`;
}
export const POSTER_NAME = 'poster.jpg';

/** Names of the sheets that so many pictures lie on. */
export function sheetNames(pictures: number): string[] {
  return Array.from({ length: Math.ceil(pictures / (SHEET_COLUMNS * SHEET_ROWS)) }, (_, sheet) => sheetName(sheet));
}

/** How large pictures are made, and which way they are turned. */
export interface PictureShape {
  readonly tile: Size;
  readonly poster: Size;
  /** Clockwise degrees. */
  readonly rotation: number;
}

/** @param video of which the stored size, the samples' shape and the rotation are taken */
export function pictureShape(
  video: Pick<VideoStreamInfo, 'width' | 'height' | 'sampleAspectRatio' | 'rotation'>,
): PictureShape {
  const shown = shownSize(video, video.sampleAspectRatio, video.rotation);
  return { tile: tileSize(shown), poster: posterSize(shown), rotation: video.rotation };
}

/** Where a picture lies: its sheet, and its place there in pixels. */
export function placeOf(index: number, tile: Size): { sheet: number; x: number; y: number } {
  const perSheet = SHEET_COLUMNS * SHEET_ROWS;
  const onSheet = index % perSheet;
  return {
    sheet: Math.floor(index / perSheet),
    x: (onSheet % SHEET_COLUMNS) * tile.width,
    y: Math.floor(onSheet / SHEET_COLUMNS) * tile.height,
  };
}

/** Columns and rows of a sheet: the last one is as small as what lies on it. */
export function sheetGrid(sheet: number, pictures: number): { columns: number; rows: number } {
  const left = Math.min(pictures - sheet * SHEET_COLUMNS * SHEET_ROWS, SHEET_COLUMNS * SHEET_ROWS);
  return { columns: Math.min(pictures, SHEET_COLUMNS), rows: Math.ceil(left / SHEET_COLUMNS) };
}
