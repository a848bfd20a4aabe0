// The filters that give ffmpeg's encoder the same pictures at the same times as the bundled engine gives its own.

import type { Fraction } from '#core/source';
import type { EncodeParameters } from '../encode-job.ts';
import { sameFraction } from '../fraction.ts';
import { uploadDeviceOf } from './hardware.ts';

/** Ticks a second where no common multiple of two rates is small enough for FFmpeg's fractions (32 bits). */
const FINE_TICKS = 1_000_000_000;
const MAX_TICKS = 2 ** 31 - 1;
/** Times that differ by less than this share of an output frame are the same, as in the bundled engine's pacer. */
const SAME_TIME = 1e-6;

/** True where another rate than the source's is asked for. */
export function convertsRate({ variableFrameRate, sourceRate, frameRate }: EncodeParameters): boolean {
  return !variableFrameRate && (sourceRate === null || !sameFraction(sourceRate, frameRate));
}

/**
 * The value of `-vf`.
 * @param lastShown times that the last frame is shown at most, where the rate is converted
 */
export function pictureFilters(parameters: EncodeParameters, lastShown: number): string {
  const { width, height, pixelFormat, frames } = parameters;
  const filters: string[] = [];
  if (frames !== null) filters.push(`trim=start_frame=${frames[0]}:end_frame=${frames[1] + 1}`);
  filters.push(...timeFilters(parameters, lastShown));
  filters.push(`scale=${width}:${height}:flags=bicubic`, `format=${pixelFormat}`);
  if (uploadDeviceOf(parameters.encoder) !== null) filters.push('hwupload');
  return filters.join(',');
}

function timeFilters(parameters: EncodeParameters, lastShown: number): string[] {
  const { frameRate, sourceRate, variableFrameRate } = parameters;
  if (variableFrameRate) return ['setpts=PTS-STARTPTS'];
  // A constant rate is exact by the number of the frame; its time is rounded to the container's ticks.
  if (!convertsRate(parameters)) return [`settb=${frameRate.den}/${frameRate.num}`, 'setpts=N'];
  const begins = sourceRate === null ? beginsByTime(frameRate) : beginsByNumber(sourceRate, frameRate);
  return [
    ...begins,
    `fps=fps=${frameRate.num}/${frameRate.den}:round=up:start_time=0:eof_action=pass`,
    // So often the last frame may be shown; `-frames:v` ends it.
    `tpad=stop=${lastShown}:stop_mode=clone`,
  ];
}

/**
 * Each frame's time becomes the moment from which it is nearer than the frame before: the middle between the two, which
 * itself belongs to the earlier one. Rounding up then gives each output frame the nearest source frame.
 */
function beginsByNumber(source: Fraction, output: Fraction): string[] {
  const common = leastCommonMultiple(source.num, output.num);
  const exact = 4 * common <= MAX_TICKS;
  const ticks = exact ? 4 * common : FINE_TICKS;
  const step = (ticks * source.den) / source.num;
  return [`settb=1/${ticks}`, `setpts='max(0,floor((N-0.5)*${step})+1)'`];
}

function beginsByTime(output: Fraction): string[] {
  const same = Math.ceil((SAME_TIME * FINE_TICKS * output.den) / output.num);
  return [`settb=1/${FINE_TICKS}`, `setpts='if(eq(N,0),0,(PREV_INPTS+PTS)/2-STARTPTS+${same})'`];
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
