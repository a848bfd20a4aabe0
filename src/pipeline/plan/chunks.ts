// The chunks of a title: which frames, with which keyframes, and how busy their pictures are.

import type { Fraction } from '#core/source';
import type { CheckedSource, SourceFrameColumns } from '#core/source-check';
import type { Chunk } from '#core/title';
import { chunkLengths } from './chunk-lengths.ts';
import { cutPlaces } from './cut-places.ts';

/**
 * Cuts a source into closed-GOP chunks: the same for equal sources and arguments. Each frame is in exactly one.
 * @param gop frames between keyframes
 * @param chunkS seconds of a chunk; null decides by the source
 */
export function planChunks({ info, frames, scenes }: CheckedSource, gop: number, chunkS: number | null): Chunk[] {
  const { video } = info;
  const times = video.frameRate === null ? frameTimes(frames, video.timeBase) : evenTimes(frames, video.frameRate);
  const durationS = times.at(-1)! - times[0]!;
  const lengths = chunkLengths(chunkS, durationS, video.averageFrameRate, gop / video.averageFrameRate);
  const count = frames.pts.length;
  const firsts = cutPlaces({ frames: count, times, scenes, change: frames.histogram }, gop, lengths);
  return firsts.map((first, index) => chunkOf(index, first, (firsts[index + 1] ?? count) - 1, gop, frames));
}

function chunkOf(index: number, first: number, last: number, gop: number, frames: SourceFrameColumns): Chunk {
  const keyframes: number[] = [];
  for (let frame = first; frame <= last; frame += gop) keyframes.push(frame);
  let spatial = 0;
  let temporal = 0;
  let sourceBytes = 0;
  for (let frame = first; frame <= last; frame++) {
    spatial += frames.spatial[frame]!;
    temporal += frames.temporal[frame]!;
    sourceBytes += frames.bytes[frame]!;
  }
  const count = last - first + 1;
  const rounded = (sum: number) => Math.round((1000 * sum) / count) / 1000;
  return { index, first, last, keyframes, spatial: rounded(spatial), temporal: rounded(temporal), sourceBytes };
}

/** Seconds at which each frame begins, never going back, and the end of the last one. */
function frameTimes({ pts, duration }: SourceFrameColumns, timeBase: Fraction): Float64Array {
  const tickS = timeBase.num / timeBase.den;
  const count = pts.length;
  const times = new Float64Array(count + 1);
  for (let frame = 0; frame < count; frame++)
    times[frame] = Math.max((pts[frame]! - pts[0]!) * tickS, frame === 0 ? 0 : times[frame - 1]!);
  const mean = count > 1 ? times[count - 1]! / (count - 1) : 1;
  const last = duration[count - 1]!;
  times[count] = times[count - 1]! + (last > 0 ? last * tickS : mean);
  return times;
}

/** The same at a constant rate, whatever ticks they are rounded to: a raw stream has none but its frames' numbers. */
function evenTimes({ pts }: SourceFrameColumns, { num, den }: Fraction): Float64Array {
  return Float64Array.from({ length: pts.length + 1 }, (_, frame) => (frame * den) / num);
}
