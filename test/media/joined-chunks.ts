// Chunks as the pipeline makes them, of a small source with a real encoder, and how they are to be joined.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Fraction } from '#core/source';
import type { JoinedFile, PlannedChunk } from '#media/assemble/check-joined';
import type { JoinJob } from '#media/assemble/join-chunks';
import { checkChunks } from '#media/chunk/check-chunk';
import { edgeFrames } from '#media/chunk/edge-frames';
import { ffmpeg } from './chunk-sources.ts';

export const RATE: Fraction = { num: 24, den: 1 };
export const GOP = 12;

/** Encoders of CMAF's codecs with closed GOPs of 12 frames, and B-frames, pyramids, alternate references where they have them. */
export const ENCODERS = {
  'x264 with a pyramid of B-frames': `-c:v libx264 -preset veryfast -g ${GOP} -x264-params stitchable=1:bframes=3:b-adapt=0:b-pyramid=normal:scenecut=0:open-gop=0`,
  x265: `-c:v libx265 -preset superfast -x265-params log-level=none:keyint=${GOP}:min-keyint=${GOP}:scenecut=0:open-gop=0:bframes=3:b-pyramid=1`,
  'VP9 with alternate references': `-c:v libvpx-vp9 -g ${GOP} -keyint_min ${GOP} -cpu-used 5 -deadline good -auto-alt-ref 1 -lag-in-frames 12 -b:v 100k`,
  'SVT-AV1': `-c:v libsvtav1 -preset 10 -g ${GOP}`,
  'libaom AV1': `-c:v libaom-av1 -cpu-used 8 -g ${GOP} -keyint_min ${GOP} -lag-in-frames 12 -b:v 100k`,
} as const;

/** Pictures that move, so that B-frames and alternate references are used; lossless, a keyframe every 20 frames. */
export function makeSource(folder: string, frames: number): string {
  const graph = `testsrc2=size=128x72:rate=24,noise=alls=6:allf=t,trim=end_frame=${frames}`;
  const args = ['-c:v', 'libx264', '-qp', '0', '-preset', 'ultrafast', '-g', '20', '-pix_fmt', 'yuv420p'];
  ffmpeg(folder, '-f', 'lavfi', '-i', graph, ...args, 'source.mp4');
  return join(folder, 'source.mp4');
}

/**
 * Encodes pieces of the source, each by itself.
 * @param lengths frames of the chunks, one after the other
 * @param filter further filters, of a chunk
 */
export function makeChunks(
  source: string,
  folder: string,
  name: string,
  encoder: string,
  lengths: readonly number[],
  filter: (chunk: number) => string = () => '',
): PlannedChunk[] {
  let first = 0;
  return lengths.map((frames, index) => {
    const file = `${name}-${index}.mp4`;
    const cut = `trim=start_frame=${first}:end_frame=${first + frames},setpts=PTS-STARTPTS${filter(index)}`;
    const exact = ['-flags', '+bitexact', '-fflags', '+bitexact', '-threads', '1'];
    const args = ['-v', 'error', '-y', '-i', source, '-vf', cut, ...encoder.split(' '), ...exact, file];
    execFileSync('ffmpeg', args, { cwd: folder, stdio: 'ignore', env: { ...process.env, SVT_LOG: '0' } });
    const chunk = {
      file: join(folder, file),
      hash: null,
      frames,
      startPts: first,
      first,
      keyframes: Array.from({ length: Math.ceil(frames / GOP) }, (_, gop) => first + gop * GOP),
      pictures: null,
    };
    first += frames;
    return chunk;
  });
}

/**
 * The chunks with what their check sees of them, held against the source.
 * @throws Error where one of them is not what a chunk must be
 */
export async function seenChunks(
  source: string,
  folder: string,
  chunks: readonly PlannedChunk[],
): Promise<PlannedChunk[]> {
  const keptOf = (index: number) => join(folder, `kept-${index}.raw`);
  const keeping = chunks.flatMap(({ first, frames }, index) => {
    const edge = edgeFrames(frames);
    const atEdges = `select='lt(n,${edge})+gte(n,${frames - edge})'`;
    const cut = `trim=start_frame=${first}:end_frame=${first + frames},${atEdges}`;
    return ['-vf', cut, '-fps_mode', 'passthrough', '-f', 'rawvideo', keptOf(index)];
  });
  ffmpeg(folder, '-i', source, ...keeping);
  const files = chunks.map(({ file, first, frames, keyframes }, index) => {
    return {
      path: file,
      width: 128,
      height: 72,
      frames,
      timeBase: { num: RATE.den, den: RATE.num },
      pts: null,
      keyframes: keyframes.map((frame) => frame - first),
      frameRate: RATE,
      kept: { file: keptOf(index), pixelFormat: 'yuv420p', absent: null },
    };
  });
  const checks = await checkChunks(files);
  return chunks.map((chunk, index) => {
    const { problem, pictures } = checks[index]!;
    if (problem !== null) throw new Error(`chunk ${index}: ${problem}`);
    return { ...chunk, pictures };
  });
}

/** A constant rate: frame k is shown at tick k. */
export function jobOf(chunks: readonly PlannedChunk[], output: string): JoinJob {
  const frames = chunks.reduce((sum, chunk) => sum + chunk.frames, 0);
  return {
    chunks,
    timeBase: { num: RATE.den, den: RATE.num },
    lastPts: frames - 1,
    endPts: frames,
    frameTicks: 1,
    frameRate: RATE,
    output,
  };
}

/** What is to be checked of it. */
export function joinedOf(job: JoinJob, chunks: readonly PlannedChunk[], reordering: number): JoinedFile {
  const count = chunks.reduce((sum, { frames }) => sum + frames, 0);
  const { timeBase, frameTicks } = job;
  return {
    file: job.output,
    chunks,
    timeBase,
    frameTicks,
    reordering,
    pts: Array.from({ length: count }, (_, frame) => frame),
  };
}

export interface PacketTime {
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
}

/** Packets of a file as another FFmpeg reads them, in frames of the constant rate. */
export function packetTimes(file: string, ticksOfFrame: number): PacketTime[] {
  const entries = 'packet=pts,dts,flags';
  const text = execFileSync('ffprobe', ['-v', 'error', '-of', 'csv=p=0', '-show_entries', entries, file], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .map(([pts, dts, flags]) => ({
      pts: Number(pts) / ticksOfFrame,
      dts: Number(dts) / ticksOfFrame,
      key: flags!.startsWith('K'),
    }));
}
