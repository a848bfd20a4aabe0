// In which pixel format pictures are compared. Pure.

import { pixelLayout } from '../pixel-format.ts';

/** Depths that FFmpeg's psnr, ssim and xpsnr and libvmaf all take. */
const DEPTHS = [8, 10, 12, 16];

/**
 * The source's chroma in planes, and the greater bit depth of both sides: nothing that either side has is rounded away.
 * RGB is compared as YCbCr 4:4:4, as what was encoded is; alpha is left out.
 * @param source and `output`: FFmpeg's names of their formats
 */
export function comparisonFormat(source: string, output: string): string {
  const from = pixelLayout(source) ?? { chroma: '444', depth: 8 };
  const wanted = Math.max(from.depth, pixelLayout(output)?.depth ?? 8);
  const depth = DEPTHS.find((each) => each >= wanted) ?? DEPTHS.at(-1)!;
  const suffix = depth === 8 ? '' : `${depth}le`;
  if (from.chroma === 'gray') return `gray${suffix}`;
  // FFmpeg has these layouts at 8 bits only.
  const scarce = from.chroma === '440' || from.chroma === '411' || from.chroma === '410';
  const chroma = from.chroma === 'rgb' || (scarce && depth > 8) ? '444' : from.chroma;
  return `yuv${chroma}p${suffix}`;
}
