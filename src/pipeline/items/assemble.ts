// The chunks of one rendition joined into one file, checked, kept.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { leakyBucket, type BucketLimits } from '#analysis/leaky-bucket';
import type { ItemOutput, VideoRendition } from '#core/title';
import { UserError } from '#core/user-error';
import { joinAndCheck, type CheckedJoin, type PlannedChunk } from '#media/assemble/check-joined';
import { DecodeTimes } from '#media/assemble/decode-times';
import type { SeenPictures } from '#media/chunk/check-chunk';
import type { ItemContext, ItemWork } from '../item-work.ts';
import type { AssembleFacts, BucketFacts } from './assemble-facts.ts';
import { bufferStart } from './buffer-start.ts';
import type { EncodeFacts } from './encode-facts.ts';
import { outputTimes, type OutputTimes } from './output-times.ts';

/** Its facts are `AssembleFacts`. */
export const assembleItem: ItemWork = async (context) => {
  const { plan, checked, folder, item, shape, signal } = context;
  const rendition = plan.renditions.find(
    (each): each is VideoRendition => each.kind === 'video' && item.renditions.includes(each.id),
  );
  if (rendition === undefined) throw new UserError({ what: `${item.key} names no video of the plan` });
  const times = outputTimes(plan, checked);
  const { timeBase, pts, endPts, frameTicks, frameRate } = times;
  const chunks = await chunksOf(rendition, times, context);
  const work = await folder.workFolder();
  try {
    const file = join(work, 'joined.mp4');
    const frames = pts.length;
    shape?.stage('join');
    const { joined, check } = await joinAndCheck(
      { chunks, timeBase, lastPts: pts.at(-1)!, endPts, frameTicks, frameRate, output: file },
      pts,
      { signal, onJoined: () => shape?.stage('check') },
    );
    const facts = factsOf(rendition, chunks, times, joined.reordering, check);
    const kept = await folder.keep(file, 'mp4', { rendition: rendition.id, frames, run: null });
    return { outputs: [kept], cpuS: joined.cpuS, checkCpuS: check.cpuS, facts: { ...facts } };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** The files of all chunks in their order, with the place of each in the whole. */
async function chunksOf(
  rendition: VideoRendition,
  { pts }: OutputTimes,
  { plan, item, folder, resultOf }: ItemContext,
): Promise<PlannedChunk[]> {
  const byChunk = new Map<number, { readonly output: ItemOutput; readonly pictures: SeenPictures | null }>();
  for (const { key, kind, chunk } of plan.items) {
    if (kind !== 'encode' || chunk === null || !item.needs.includes(key)) continue;
    const { outputs, facts } = await resultOf(key);
    const output = outputs.find((each) => each.rendition === rendition.id);
    const { pictures = null } = (facts[rendition.id] ?? {}) as Partial<EncodeFacts>;
    if (output !== undefined) byChunk.set(chunk, { output, pictures });
  }
  return Promise.all(
    plan.chunks.map(async ({ index, first, last, keyframes }) => {
      const made = byChunk.get(index);
      if (made === undefined) throw new UserError({ what: `no item made chunk ${index}`, where: rendition.id });
      const { output, pictures } = made;
      if (!(await folder.holds(output)))
        throw new UserError({
          what: `the file of chunk ${index} is gone or has another size than was kept`,
          where: folder.pathOf(output),
          todo: 'Delete the title and encode it again.',
        });
      return {
        file: folder.pathOf(output),
        hash: output.hash,
        frames: last - first + 1,
        startPts: pts[first]!,
        first,
        keyframes,
        pictures,
      };
    }),
  );
}

function factsOf(
  rendition: VideoRendition,
  chunks: readonly PlannedChunk[],
  times: OutputTimes,
  reordering: number,
  check: CheckedJoin,
): AssembleFacts {
  const { timeBase, pts, endPts } = times;
  const bucket = bucketOf(rendition, times, reordering, check);
  const { seams, seamsAbsent } = check;
  const warnings: string[] = [];
  for (const { frame, dip } of seams.seams)
    if (seams.dips.includes(frame))
      warnings.push(
        `quality dips by ${dip!.toFixed(1)} dB at the seam before frame ${frame} (normal: ${seams.limit} dB)`,
      );
  if (bucket !== null && bucket.underflows > 0)
    warnings.push(
      `${bucket.underflows} of ${pts.length} frames arrive late at ${bucket.maxBitrate} bit/s over a buffer of ${bucket.bufferBits} bits`,
    );
  return {
    version: 1,
    chunks: chunks.length,
    keyframes: chunks.reduce((sum, { keyframes }) => sum + keyframes.length, 0),
    durationS: (endPts * timeBase.num) / timeBase.den,
    reordering,
    comparedFrames: check.comparedFrames,
    seams: { ...seams, absent: seamsAbsent },
    bucket,
    warnings,
  };
}

function bucketOf(
  rendition: VideoRendition,
  { timeBase, frameTicks }: OutputTimes,
  reordering: number,
  { packets }: CheckedJoin,
): BucketFacts | null {
  const { maxBitrate, bufferBits } = rendition;
  if (maxBitrate === null || bufferBits === null) return null;
  const limits: BucketLimits = { maxBitrate, bufferBits, initialFullness: bufferStart(rendition, bufferBits) };
  const decodeTimes = new DecodeTimes(reordering, frameTicks);
  const seconds = packets.pts.map((pts) => (decodeTimes.next(pts)! * timeBase.num) / timeBase.den);
  return { ...limits, ...leakyBucket(packets.bytes, seconds, limits) };
}
