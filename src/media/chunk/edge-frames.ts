// The frames next to a chunk's ends: by them its seams are judged, and of them the source's pictures are kept. Pure.

import { pixelLayout } from '../pixel-format.ts';

/** Frames either side of a seam that are judged. */
export const SEAM_FRAMES = 2;
/** Frames behind those judged that tell what is usual, either side, at most. */
const SAMPLE_FRAMES = 6;
/** Frames behind those that are scored only so that the metric knows what lies beside them in time. */
export const WARM_UP_FRAMES = 2;
/** Of one form of pictures: twenty of 8K, or forty of 4K with 10 bits. */
const MAX_KEPT_BYTES = 1_000_000_000;

/** How many frames at each end of a chunk of so many are looked at; in a short chunk both ends may be the same frames. */
export function edgeFrames(frames: number): number {
  return Math.min(frames, SEAM_FRAMES + SAMPLE_FRAMES + WARM_UP_FRAMES);
}

/** How many pictures are kept of a chunk. */
export function keptPictures(frames: number): number {
  return Math.min(frames, 2 * edgeFrames(frames));
}

/** Place of a frame's picture among those that are kept, in the order of presentation; -1 where it is none of them. */
export function keptPlace(frame: number, frames: number): number {
  const kept = keptPictures(frames);
  if (frame < kept - edgeFrames(frames)) return frame;
  const place = frame - (frames - kept);
  return place >= kept - edgeFrames(frames) && place < kept ? place : -1;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  /** FFmpeg's name. */
  readonly pixelFormat: string;
}

/** Why pictures of a form can't be kept; null where they can. */
export function tooLarge({ width, height, pixelFormat }: PictureSize, frames: number): string | null {
  const { chroma, depth } = pixelLayout(pixelFormat) ?? { chroma: '444', depth: 16 };
  const bytes = width * height * SAMPLES[chroma] * (depth > 8 ? 2 : 1) * keptPictures(frames);
  if (bytes <= MAX_KEPT_BYTES) return null;
  return `${keptPictures(frames)} pictures of ${width}x${height} in ${pixelFormat} are more than is kept of a source (${MAX_KEPT_BYTES / 1e6} MB)`;
}

/** Of each pixel, by its chroma. */
const SAMPLES = { '420': 1.5, '422': 2, '440': 2, '411': 1.5, '410': 1.25, '444': 3, gray: 1, rgb: 4 } as const;
