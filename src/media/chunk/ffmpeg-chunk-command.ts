// The command lines with which the user's ffmpeg encodes a chunk: one process a pass, decoding once for all outputs. Pure.

import { resolve } from 'node:path';
import { encoderArguments, rateArguments } from '../ffmpeg/command-line.ts';
import type { Abilities } from '../ffmpeg/description.ts';
import { deviceOf } from '../ffmpeg/hardware.ts';
import { lavfiGraph } from '../source-path.ts';
import type { ChunkJob, ChunkOutput, KeptPictures, Rotation } from './chunk-job.ts';
import { edgeFrames, tooLarge } from './edge-frames.ts';
import { mp4Options } from './mp4-writer-options.ts';

/** What this engine can't do for chunks; null where it can. */
export function refusal({ outputs, range }: ChunkJob): string | null {
  if (range.pts) return 'the source lacks frames: only the bundled engine shows others in their place';
  for (const { parameters } of outputs) {
    if (parameters.hwdecode !== null) return 'chunks are decoded in software: hwdecode is not possible for them';
    if (deviceOf(parameters.encoder) !== null)
      return `${parameters.encoder} works on a device: chunks are encoded by it with the bundled engine only`;
  }
  return null;
}

/**
 * The whole command line of a pass, without the program.
 * @param pass null where one is enough; the first takes only the outputs that want two
 */
export function chunkArguments(job: ChunkJob, pass: 1 | 2 | null, abilities: Abilities): string[] {
  const graph = lavfiGraph(job.source);
  const threads = Math.max(1, ...job.outputs.map(({ parameters }) => parameters.threads ?? 1));
  // Statistics are numbered by the output's place in the command: those of both passes must stand first.
  const twice = job.outputs.filter(({ passes }) => passes === 2);
  const outputs = pass === 1 ? twice : [...twice, ...job.outputs.filter(({ passes }) => passes === 1)];
  return [
    ['-hide_banner', '-nostdin', '-nostats', '-y', '-loglevel', 'repeat+level+info', '-benchmark'],
    ['-progress', 'pipe:1', '-filter_complex_threads', String(threads)],
    ['-threads', String(threads)],
    graph === null
      ? [
          ['-copyts', ...seekArguments(job)],
          ['-noautorotate', '-protocol_whitelist', 'file', '-i', `file:${resolve(job.source)}`],
        ].flat()
      : ['-f', 'lavfi', '-i', graph],
    ['-filter_complex', filters(job, outputs, pass)],
    ...outputs.map((output, i) => outputArguments(output, i, pass, abilities)),
    // Progress is that of the first output: these come last.
    ...outputs.map((output, i) => (keeps(job, output, pass) ? keptArguments(output, i, abilities) : [])),
  ].flat();
}

/** A seek to a keyframe, with the source's own times: the trim is what cuts. */
function seekArguments({ range: { seekPts, counted }, timeBase: { num, den } }: ChunkJob): string[] {
  if (seekPts === null || counted) return [];
  return ['-seek_timestamp', '1', '-noaccurate_seek', '-ss', ((seekPts * num) / den).toFixed(6)];
}

/** The source's pictures next to the chunk's ends that the command keeps for an output; null where none are asked for. */
export function picturesOf({ range }: ChunkJob, { pictures, parameters }: ChunkOutput): KeptPictures | null {
  if (!pictures) return null;
  return { file: pictures, pixelFormat: parameters.pixelFormat, absent: tooLarge(parameters, range.frames) };
}

function keeps(job: ChunkJob, output: ChunkOutput, pass: 1 | 2 | null): boolean {
  return pass !== 1 && picturesOf(job, output)?.absent === null;
}

function filters(job: ChunkJob, outputs: readonly ChunkOutput[], pass: 1 | 2 | null): string {
  const { range, sourceStream, source, rotation } = job;
  const counted = range.counted || lavfiGraph(source) !== null;
  const cut = counted
    ? `trim=start_frame=${range.first}:end_frame=${range.last + 1}`
    : `trim=start_pts=${range.firstPts}:end_pts=${range.lastPts + 1}`;
  const pads = outputs.map((_, i) => `[i${i}]`).join('');
  const each = outputs.map((output, i) => {
    const { parameters } = output;
    const { width, height, pixelFormat, frameRate, variableFrameRate } = parameters;
    const times = variableFrameRate ? 'setpts=PTS-STARTPTS' : `settb=${frameRate.den}/${frameRate.num},setpts=N`;
    const size = rotation % 180 === 0 ? `${width}:${height}` : `${height}:${width}`;
    const turned = `${TURNS[rotation]}setsar=1`;
    const kept = keeps(job, output, pass) ? `,split[o${i}][k${i}];[k${i}]${atEdges(range.frames)}[e${i}]` : `[o${i}]`;
    return `[i${i}]${times},scale=${size}:flags=bicubic,format=${pixelFormat},${turned}${kept}`;
  });
  return [`[0:${sourceStream}]${cut},split=${outputs.length}${pads}`, ...each].join(';');
}

/** As the bundled engine turns pictures: the small ones. */
const TURNS: Readonly<Record<Rotation, string>> = {
  0: '',
  90: 'transpose=clock,',
  180: 'hflip,vflip,',
  270: 'transpose=cclock,',
};

function outputArguments(output: ChunkOutput, index: number, pass: 1 | 2 | null, abilities: Abilities): string[] {
  const { parameters, passes } = output;
  const { gop } = parameters;
  const regular = gop !== null && output.keyframes.every((frame, i) => frame === i * gop);
  return [
    ['-map', `[o${index}]`, '-map_metadata', '-1', '-fflags', '+bitexact'],
    rateArguments(parameters, abilities, { frames: null, lastShown: 1 }),
    encoderArguments(parameters),
    regular ? [] : ['-force_key_frames:v', forced(output.keyframes)],
    pass !== null && passes === 2 ? ['-pass:v', String(pass), '-passlogfile:v', passLogOf(output)] : [],
    pass === 1
      ? ['-f', 'null', '-']
      : [
          ...Object.entries(mp4Options(parameters.timeBase)).flatMap(([name, value]) => [`-${name}`, value]),
          '-f',
          'mp4',
          `file:${output.output}`,
        ],
  ].flat();
}

function atEdges(frames: number): string {
  return `select='lt(n,${edgeFrames(frames)})+gte(n,${frames - edgeFrames(frames)})'`;
}

/** As they are, one after the other. */
function keptArguments({ pictures, parameters }: ChunkOutput, index: number, abilities: Abilities): string[] {
  const asTheyCome = rateArguments({ ...parameters, variableFrameRate: true }, abilities, {
    frames: null,
    lastShown: 1,
  });
  return ['-map', `[e${index}]`, '-c:v', 'rawvideo', ...asTheyCome, '-f', 'rawvideo', `file:${pictures}`];
}

/** By number: times would be rounded. */
function forced(keyframes: readonly number[]): string {
  return `expr:${keyframes.map((frame) => `eq(n,${frame})`).join('+')}`;
}

export function passLogOf(output: ChunkOutput): string {
  return `${output.output}.pass`;
}
