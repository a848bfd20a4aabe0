// What an X display shows: as a file for people, as grey values to compare.

import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';

const TIMEOUT_MS = 60_000;

export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  /** One byte a pixel, line by line. */
  readonly pixels: Uint8Array;
}

/** @throws UserError where the display can't be captured */
export async function saveScreen(display: string, width: number, height: number, file: string): Promise<void> {
  await capture(display, width, height, ['-y', file]);
}

/** @throws UserError where the display can't be captured */
export async function greyScreen(display: string, width: number, height: number): Promise<GreyPicture> {
  const pixels = await capture(display, width, height, ['-pix_fmt', 'gray', '-f', 'rawvideo', '-']);
  if (pixels.length !== width * height)
    throw new UserError({ what: `${display} gave ${pixels.length} bytes`, where: `${width}x${height}` });
  return { width, height, pixels };
}

async function capture(display: string, width: number, height: number, output: readonly string[]): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const input = ['-f', 'x11grab', '-draw_mouse', '0', '-video_size', `${width}x${height}`, '-i', display];
  const { code, stderr, cause } = await runChild('ffmpeg', ['-v', 'error', ...input, '-frames:v', '1', ...output], {
    timeoutMs: TIMEOUT_MS,
    onStdout: (chunk) => chunks.push(chunk),
  });
  if (code !== 0)
    throw new UserError({
      what: `can't capture ${display}: ${stderr.trim() || cause?.message}`,
      todo: 'It needs ffmpeg with x11grab.',
    });
  return Buffer.concat(chunks);
}

/** Points of the picture that are compared at each place. */
const POINTS = 400;

/**
 * Finds a picture in a larger one.
 * @returns the place at which its pixels correlate best with those there (Pearson's r, 1 where they are the same), as far as this
 *   can be told from some hundred points; r is NaN where one of the two is of one grey
 */
export function findPicture(within: GreyPicture, picture: GreyPicture): { x: number; y: number; correlation: number } {
  const step = Math.max(1, Math.floor(Math.sqrt((picture.width * picture.height) / POINTS)));
  const points: { x: number; y: number; value: number }[] = [];
  for (let y = step >> 1; y < picture.height; y += step)
    for (let x = step >> 1; x < picture.width; x += step)
      points.push({ x, y, value: picture.pixels[y * picture.width + x]! });
  let best = { x: 0, y: 0, correlation: NaN };
  for (let y = 0; y + picture.height <= within.height; y++)
    for (let x = 0; x + picture.width <= within.width; x++) {
      const correlation = correlate(within, x, y, points);
      if (correlation > best.correlation || (Number.isNaN(best.correlation) && !Number.isNaN(correlation)))
        best = { x, y, correlation };
    }
  return best;
}

function correlate(
  { width, pixels }: GreyPicture,
  left: number,
  top: number,
  points: readonly { readonly x: number; readonly y: number; readonly value: number }[],
): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (const { x, y, value } of points) {
    const other = pixels[(top + y) * width + left + x]!;
    sumA += value;
    sumB += other;
    sumAA += value * value;
    sumBB += other * other;
    sumAB += value * other;
  }
  const n = points.length;
  return (n * sumAB - sumA * sumB) / Math.sqrt((n * sumAA - sumA * sumA) * (n * sumBB - sumB * sumB));
}
