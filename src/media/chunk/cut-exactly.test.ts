import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decoded, ffmpeg, pictureHashes, rangeOf, type DecodedSource } from '../../../test/media/chunk-sources.ts';
import { smallEncode } from '../small-encode.ts';
import { SEEK_AHEAD_S, type ChunkJob, type ChunkRange, type ChunkResult } from './chunk-job.ts';
import { startChunk } from './start-chunk.ts';

const folder = mkdtempSync(join(tmpdir(), 'chunk-cut-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const PICTURES = '-f lavfi -i testsrc2=size=128x96:rate=24:duration=9';
const X264 = '-c:v libx264 -preset veryfast -g 48 -bf 3';
const OPEN = `${PICTURES} ${X264} -x264-params open-gop=1:scenecut=0`;
const VARYING = "-vf setpts='(N+0.4*sin(N))/24/TB' -fps_mode vfr -enc_time_base 1/1000";

/** Each is made of some 220 pictures, all of them different. */
const SOURCES: readonly (readonly [what: string, file: string, args: string])[] = [
  ['B-frames', 'bframes.mp4', `${PICTURES} ${X264}`],
  ['open GOPs in Matroska', 'open.mkv', OPEN],
  ['open GOPs in MP4', 'open.mp4', `${OPEN}:bframes=5`],
  ['open GOPs in a transport stream', 'open.ts', OPEN],
  ['open GOPs of MPEG-2', 'mpeg2.ts', `${PICTURES} -c:v mpeg2video -bf 2 -g 48 -q:v 4`],
  ['a variable frame rate', 'vfr.mkv', `${PICTURES} ${VARYING} ${X264}`],
  ['an edit list', 'edits.mp4', '-ss 1.13 -i bframes.mp4 -c copy'],
  ['a transport stream that begins late', 'late.ts', `${PICTURES} ${X264} -output_ts_offset 5000.123`],
  [
    'odd timestamps',
    'odd.mov',
    `-f lavfi -i testsrc2=size=128x96:rate=90000/2999:duration=8 ${X264} -video_track_timescale 90000`,
  ],
  ['AVI without times for its B-frames', 'bframes.avi', `${PICTURES} -c:v mpeg4 -bf 2 -g 48 -q:v 3`],
  ['a raw stream without times', 'raw.h264', `${PICTURES} ${X264}`],
  [
    'no keyframes but the first: refreshed in columns',
    'refresh.ts',
    `${PICTURES} -c:v libx264 -preset veryfast -x264-params intra-refresh=1:keyint=48:bframes=0`,
  ],
];
/** One of each kind. */
const BY_FFMPEG_TOO = /^(open|vfr|edits|odd|raw|late)/;
const AT_A_KEYFRAME_TOO = /^(bframes.mp4|open|mpeg2|edits)/;
/** Its keyframes are found without a search. */
const INDEXED = /^(bframes|open|vfr|odd).*(mp4|mkv|mov)$/;
const sources = new Map<string, DecodedSource>();

beforeAll(() => {
  for (const [, file, args] of SOURCES) {
    ffmpeg(folder, ...args.replaceAll("'", '').split(' '), file);
    sources.set(file, decoded(at(file)));
  }
});

async function cut(file: string, engine: string, range: ChunkRange): Promise<void> {
  const output = at(`${file}-${engine}-${range.first}.mp4`);
  const result = await lossless(at(file), engine, range, output);
  const what = `${file} from ${range.first} by ${engine}`;
  expect(result, what).toMatchObject({ outcome: 'ok', reason: null });
  if (range.seekPts !== null && engine === 'bundled' && INDEXED.test(file))
    expect(result.passedFrames, `${what}: it was sought`).toBeLessThan(range.first - 48);
  expect(pictureHashes(output), what).toEqual(sources.get(file)!.hashes.slice(range.first, range.last + 1));
}

function lossless(path: string, engine: string, range: ChunkRange, output: string): Promise<ChunkResult> {
  const parameters = smallEncode(
    { name: 'libx264', engine, pixelFormats: ['yuv420p'] },
    { width: 128, height: 96, gop: 24, threads: 1, options: { preset: 'ultrafast', qp: '0' } },
  );
  const ignore = () => undefined;
  const job: ChunkJob = {
    source: path,
    sourceStream: 0,
    timeBase: sources.get(basename(path))!.timeBase,
    rotation: 0,
    engine,
    range,
    outputs: [{ parameters, passes: 1, keyframes: keyframes(range.frames, 24), output, stream: 'video' }],
  };
  const running = startChunk(job, [{ frames: ignore, steps: ignore, phase: ignore, progress: ignore }]);
  void running.ready.then(() => running.begin());
  return running.result;
}

const keyframes = (frames: number, gop: number) => Array.from({ length: Math.ceil(frames / gop) }, (_, i) => i * gop);
const hasTimes = (file: string) => !file.endsWith('.h264') && !file.endsWith('.avi');

test.each(SOURCES)('a chunk holds exactly its frames: %s', async (_, file) => {
  const source = sources.get(file)!;
  const frames = source.pts.length;
  expect(new Set(source.hashes).size, 'every picture can be told from every other').toBe(frames);
  const from = (first: number) => {
    const range = rangeOf(source, first, Math.min(first + 30, frames - 1), !hasTimes(file));
    if (range.seekPts === null || !file.endsWith('.ts')) return range;
    // As chunkRange has it: a stream that has to be searched is searched for an earlier time.
    const ahead = (SEEK_AHEAD_S * source.timeBase.den) / source.timeBase.num;
    return { ...range, seekPts: Math.min(range.seekPts, range.firstPts - ahead) };
  };
  const somewhere = from(Math.floor((2 * frames) / 3) + 1);
  const cuts = [cut(file, 'bundled', somewhere)];
  if (AT_A_KEYFRAME_TOO.test(file)) cuts.push(cut(file, 'bundled', from(source.key.lastIndexOf(true))));
  if (BY_FFMPEG_TOO.test(file)) cuts.push(cut(file, 'ffmpeg', somewhere));
  await Promise.all(cuts);
});
