import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CheckedSource } from '#core/source-check';
import { inspectSource } from '../inspect.ts';
import { BUNNY } from '../../../test/cli/run-cli.ts';
import { makeThumbnails } from './make-thumbnails.ts';

const folder = mkdtempSync(join(tmpdir(), 'thumbnails-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** Ticks of a frame of a raw stream at 25 frames/s: FFmpeg counts 1,200,000 a second. */
const RAW_TICKS = 48_000;

/** What a check of the source tells of its frames; only pictures named in `rich` have something to be seen in them. */
async function described(path: string, rich: readonly number[] = []): Promise<Pick<CheckedSource, 'info' | 'frames'>> {
  const rows = execFileSync(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts,flags', '-of', 'csv=p=0', path],
    { encoding: 'utf8' },
  )
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([, flags]) => flags !== undefined && !flags.includes('D'))
    .map(([pts, flags], index) => ({
      pts: pts === 'N/A' ? index * RAW_TICKS : Number(pts),
      key: flags!.startsWith('K') ? 1 : 0,
    }))
    .toSorted((a, b) => a.pts - b.pts);
  const count = rows.length;
  return {
    info: await inspectSource(path, { hash: false }),
    frames: {
      pts: Float64Array.from(rows, ({ pts }) => pts),
      key: Uint8Array.from(rows, ({ key }) => key),
      duration: new Float64Array(count),
      bytes: new Uint32Array(count),
      spatial: Float32Array.from({ length: count }, (_, i) => (rich.includes(i) ? 100 : 1)),
      temporal: new Float32Array(count),
      histogram: new Float32Array(count),
    },
  };
}

async function thumbnails(path: string, durationS: number, rich: readonly number[] = []) {
  const into = mkdtempSync(join(folder, 'made-'));
  const made = await makeThumbnails(path, await described(path, rich), durationS, into);
  return { ...made, into };
}

/** Gray levels of a picture's part, by the other FFmpeg. */
const grays = (path: string, crop: string) =>
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-i',
    path,
    '-vf',
    `crop=${crop},scale=in_range=pc:out_range=pc,format=gray`,
    '-f',
    'rawvideo',
    '-',
  ]);
const mean = (bytes: Buffer) => bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
const sizeOf = (path: string) =>
  execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', path], {
    encoding: 'utf8',
  }).trim();

/** Frame n has the gray level 30 + 2n. */
const RAMP = 'nullsrc=size=160x90:rate=10,geq=lum=30+2*N:cb=128:cr=128';
const make = (name: string, ...args: string[]) => {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, at(name)]);
  return at(name);
};

/** Which frame each picture of the only sheet shows, from its gray level (video levels became full range). */
const framesShown = ({ into, sheets, facts }: Awaited<ReturnType<typeof thumbnails>>) =>
  Array.from({ length: facts.pictures }, (_, i) => {
    const level = mean(grays(join(into, sheets[0]!), `160:90:${i * 160}:0`));
    return ((level * 219) / 255 + 16 - 30) / 2;
  });

test.each([
  ['short.mp4', ['-c:v', 'libx264', '-bf', '2', '-g', '5'], 110],
  ['far.mp4', ['-c:v', 'libx264', '-bf', '2', '-g', '10'], 60],
  ['open.ts', ['-c:v', 'libx264', '-bf', '2', '-g', '20', '-x264-params', 'open-gop=1'], 130],
  ['long.avi', ['-c:v', 'mpeg4', '-g', '300', '-q:v', '2'], 200],
] as const)('%s: each picture of a sheet shows its own piece of time', async (name, codec, decoded) => {
  const source = make(name, '-f', 'lavfi', '-i', RAMP, '-t', '9.5', ...codec);
  const made = await thumbnails(source, 9.5);
  const { facts, sheets, into } = made;
  expect(facts).toMatchObject({ pictures: 10, intervalS: 1, tile: { width: 160, height: 90, columns: 10, rows: 1 } });
  expect(sheets).toEqual(['thumbnails-1.jpg']);
  expect(sizeOf(join(into, sheets[0]!))).toBe('1600,90');
  framesShown(made).forEach((frame, i) => {
    expect(frame).toBeGreaterThan(i * 10 - 1);
    expect(frame).toBeLessThan(i * 10 + 10);
  });
  expect(facts.decodedFrames).toBeLessThan(decoded);
});

test('the pictures of a raw stream, which keeps no times, are counted', async () => {
  const source = make(
    'raw.h264',
    '-f',
    'lavfi',
    '-i',
    RAMP.replace('rate=10', 'rate=25'),
    '-t',
    '3',
    '-c:v',
    'libx264',
    '-g',
    '10',
  );
  const shown = framesShown(await thumbnails(source, 3));
  // A keyframe of each second, the one nearest to its middle.
  for (const [i, frame] of [10, 40, 60].entries()) expect(Math.abs(shown[i]! - frame)).toBeLessThan(1);
});

test('a film has several sheets, and its index names each place on them once', async () => {
  const { frames, info } = await described(
    make(
      'film.mkv',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=64x36:rate=1:duration=1210',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '10',
    ),
  );
  const into = at('film');
  mkdirSync(into);
  const made = await makeThumbnails(at('film.mkv'), { frames, info }, 1210, into);
  expect(made.facts).toMatchObject({ pictures: 121, intervalS: 10 });
  expect(made.sheets.map((name) => sizeOf(join(into, name)))).toEqual(['1600,900', '1600,270']);
  const vtt = readFileSync(join(into, made.vtt), 'utf8');
  const cues = [...vtt.matchAll(/^(\S+) --> (\S+)\n(.+)$/gm)].map(([, from, to, where]) => ({ from, to, where }));
  expect(vtt.startsWith('WEBVTT\n\n')).toBe(true);
  expect(cues).toHaveLength(121);
  expect(new Set(cues.map(({ where }) => where)).size).toBe(121);
  expect(cues[100]).toEqual({ from: '00:16:40.000', to: '00:16:50.000', where: 'thumbnails-2.jpg#xywh=0,0,160,90' });
  expect(cues[99]!.where).toBe('thumbnails-1.jpg#xywh=1440,810,160,90');
});

test('the demo clip gives a poster of a picture with something in it, and all files are the same again', async () => {
  const { info, frames } = await described(BUNNY, [0, 84]);
  const beginning = { ...frames, pts: frames.pts.subarray(0, 96) };
  const makeIt = async () => {
    const into = mkdtempSync(join(folder, 'bunny-'));
    return { ...(await makeThumbnails(BUNNY, { info, frames: beginning }, 4, into)), into };
  };
  const [first, second] = [await makeIt(), await makeIt()];
  expect(first.facts).toMatchObject({ pictures: 4, intervalS: 1, poster: { width: 1280, height: 720, frame: 84 } });
  expect(sizeOf(join(first.into, first.sheets[0]!))).toBe('640,90');
  expect(sizeOf(join(first.into, first.poster))).toBe('1280,720');
  const hash = (made: typeof first, name: string) =>
    createHash('sha256')
      .update(readFileSync(join(made.into, name)))
      .digest('hex');
  for (const name of [first.vtt, first.poster, ...first.sheets]) expect(hash(first, name)).toBe(hash(second, name));
});

test('a black picture is no poster, however much is said to be in it', async () => {
  const source = make(
    'black.mp4',
    '-f',
    'lavfi',
    '-i',
    'color=black:size=128x72:rate=10:duration=2',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=128x72:rate=10:duration=2',
    '-filter_complex',
    '[0][1]concat',
    '-c:v',
    'libx264',
    '-g',
    '10',
  );
  const { facts, into, poster } = await thumbnails(source, 4, [0, 10]);
  expect(facts.poster.frame).toBeGreaterThanOrEqual(20);
  expect(mean(grays(join(into, poster), '128:72:0:0'))).toBeGreaterThan(50);
});

test('pictures are shown as they are to be seen: turned upright, and with square samples', async () => {
  const wide = make(
    'wide.mp4',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=360x288:rate=10:duration=1',
    '-vf',
    'setsar=16/15',
    '-c:v',
    'libx264',
  );
  expect((await thumbnails(wide, 1)).facts.tile).toMatchObject({ width: 160, height: 120 });
  // Its upper half is white; a player turns it by 270 degrees clockwise, so that the left half is.
  make(
    'plain.mp4',
    '-f',
    'lavfi',
    '-i',
    'color=black:size=320x180:rate=10:duration=1',
    '-vf',
    'drawbox=w=320:h=90:color=white:t=fill',
    '-c:v',
    'libx264',
  );
  const turned = make('turned.mp4', '-i', at('plain.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=90');
  const { facts, into, sheets, poster } = await thumbnails(turned, 1);
  expect(facts.tile).toMatchObject({ width: 160, height: 284 });
  expect(facts.poster).toMatchObject({ width: 180, height: 320 });
  for (const [name, width, height] of [
    [sheets[0]!, 160, 284],
    [poster, 180, 320],
  ] as const) {
    expect(mean(grays(join(into, name), `${width / 2 - 4}:${height}:0:0`))).toBeGreaterThan(235);
    expect(mean(grays(join(into, name), `${width / 2 - 4}:${height}:${width / 2 + 4}:0`))).toBeLessThan(20);
  }
});
