import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CheckedSource } from '#core/source-check';
import { checkSource } from '../check-source.ts';
import { makeThumbnails } from './make-thumbnails.ts';

const folder = mkdtempSync(join(tmpdir(), 'thumbnails-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** A checked source, and the folder of the pictures that the check made in passing. */
async function checkedWith(path: string) {
  const kept = mkdtempSync(join(folder, 'kept-'));
  return { checked: await checkSource(path, { pictures: { folder: kept } }), kept };
}

type Checked = Pick<CheckedSource, 'info' | 'frames'>;

async function thumbnails(path: string, checked: Checked, kept?: string) {
  const into = mkdtempSync(join(folder, 'made-'));
  const made = await makeThumbnails(path, checked, checked.info.video.duration, into, { kept });
  return { ...made, into };
}
type Made = Awaited<ReturnType<typeof thumbnails>>;

/** Thumbnails of a source, decoded and kept ones: the same bytes. */
async function bothWays(path: string): Promise<Made> {
  const { checked, kept } = await checkedWith(path);
  const [decoded, passed] = [await thumbnails(path, checked), await thumbnails(path, checked, kept)];
  expect(decoded.facts.decodedFrames).toBeGreaterThan(0);
  expect(passed.facts).toEqual({ ...decoded.facts, decodedFrames: 0 });
  expect(filesOf(passed)).toEqual(filesOf(decoded));
  return decoded;
}

/** Content of all files by their names. */
const filesOf = ({ into, vtt, sheets, poster }: Made) =>
  Object.fromEntries([vtt, poster, ...sheets].map((name) => [name, readFileSync(join(into, name)).toString('base64')]));

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
function framesShown({ into, sheets, facts }: Made): number[] {
  const { pictures, tile } = facts;
  const bytes = grays(join(into, sheets[0]!), `${pictures * tile.width}:${tile.height}:0:0`);
  return Array.from({ length: pictures }, (_, i) => {
    let sum = 0;
    for (let y = 0; y < tile.height; y++)
      for (let x = 0; x < tile.width; x++) sum += bytes[(y * pictures + i) * tile.width + x]!;
    return (((sum / (tile.width * tile.height)) * 219) / 255 + 16 - 30) / 2;
  });
}

test.each([
  ['short.mp4', ['-c:v', 'libx264', '-bf', '2', '-g', '5'], 110],
  ['open.ts', ['-c:v', 'libx264', '-bf', '2', '-g', '20', '-x264-params', 'open-gop=1'], 130],
  ['long.avi', ['-c:v', 'mpeg4', '-g', '300', '-q:v', '2'], 200],
] as const)(
  '%s: each picture of a sheet shows its own piece of time, decoded or kept by the check',
  async (name, codec, decoded) => {
    const made = await bothWays(make(name, '-f', 'lavfi', '-i', RAMP, '-t', '9.5', ...codec));
    const { facts, sheets, into } = made;
    expect(facts).toMatchObject({ pictures: 10, intervalS: 1, tile: { width: 160, height: 90, columns: 10, rows: 1 } });
    expect(sheets).toEqual(['thumbnails-1.jpg']);
    expect(sizeOf(join(into, sheets[0]!))).toBe('1600,90');
    framesShown(made).forEach((frame, i) => {
      expect(frame).toBeGreaterThan(i * 10 - 1);
      expect(frame).toBeLessThan(i * 10 + 10);
    });
    expect(facts.decodedFrames).toBeLessThan(decoded);
  },
);

test('the pictures of a raw stream, which keeps no times, are counted, and decoded when they are wanted', async () => {
  const ramp = RAMP.replace('rate=10', 'rate=25');
  const source = make('raw.h264', '-f', 'lavfi', '-i', ramp, '-t', '3', '-c:v', 'libx264', '-g', '10');
  const { checked, kept } = await checkedWith(source);
  const made = await thumbnails(source, checked, kept);
  expect(made.facts.decodedFrames).toBeGreaterThan(0);
  // A keyframe of each second, the one nearest to its middle.
  framesShown(made).forEach((frame, i) => expect(Math.abs(frame - [10, 40, 60][i]!)).toBeLessThan(1));
});

test('a film has several sheets, and its index names each place on them once', async () => {
  const film = 'testsrc2=size=64x36:rate=1:duration=1210';
  const made = await bothWays(
    make('film.mkv', '-f', 'lavfi', '-i', film, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10'),
  );
  const { into } = made;
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

test('the poster is the picture with most in it, and no black one, however much is said to be in it', async () => {
  const black = ['-f', 'lavfi', '-i', 'color=black:size=128x72:rate=10:duration=2'];
  const bright = ['-f', 'lavfi', '-i', 'testsrc2=size=128x72:rate=10:duration=2'];
  const source = make(
    'black.mp4',
    ...black,
    ...bright,
    '-filter_complex',
    '[0][1]concat',
    '-c:v',
    'libx264',
    '-g',
    '10',
  );
  const { into, poster, facts } = await bothWays(source);
  expect(facts.poster.frame).toBeGreaterThanOrEqual(20);
  expect(sizeOf(join(into, poster))).toBe('128,72');
  expect(mean(grays(join(into, poster), '128:72:0:0'))).toBeGreaterThan(50);
  const { checked } = await checkedWith(source);
  const rich = (...frames: number[]) => checked.frames.spatial.map((_, frame) => (frames.includes(frame) ? 100 : 1));
  for (const [spatial, frame] of [
    [rich(0, 10, 20), 20],
    [rich(0, 10, 30), 30],
  ] as const) {
    const { facts } = await thumbnails(source, { info: checked.info, frames: { ...checked.frames, spatial } });
    expect(facts.poster.frame).toBe(frame);
  }
});

test('kept pictures that are damaged, incomplete or of another source are decoded again', async () => {
  const source = make('kept.mp4', '-f', 'lavfi', '-i', RAMP, '-t', '2', '-c:v', 'libx264');
  const { checked, kept } = await checkedWith(source);
  const right = await thumbnails(source, checked, kept);
  expect(right.facts.decodedFrames).toBe(0);
  const other = { ...checked, info: { ...checked.info, hash: '0'.repeat(64) } };
  expect((await thumbnails(source, other, kept)).facts.decodedFrames).toBeGreaterThan(0);
  const spoils: readonly [what: string, spoil: () => void][] = [
    ['a changed sheet', () => writeFileSync(join(kept, 'thumbnails-1.jpg'), 'x')],
    ['a sheet that is gone', () => rmSync(join(kept, 'thumbnails-1.jpg'))],
    ['a list that ends early', () => truncateSync(join(kept, 'pictures.json'), 60)],
    ['no list', () => rmSync(join(kept, 'pictures.json'))],
  ];
  for (const [what, spoil] of spoils) {
    spoil();
    const made = await thumbnails(source, checked, kept);
    expect(made.facts.decodedFrames, what).toBeGreaterThan(0);
    expect(filesOf(made), what).toEqual(filesOf(right));
  }
});

test('pictures are shown as they are to be seen: turned upright, and with square samples', async () => {
  const testPicture = ['-f', 'lavfi', '-i', 'testsrc2=size=360x288:rate=10:duration=1'];
  const wide = make('wide.mp4', ...testPicture, '-vf', 'setsar=16/15', '-c:v', 'libx264');
  expect((await bothWays(wide)).facts.tile).toMatchObject({ width: 160, height: 120 });
  // Its upper half is white; a player turns it by 270 degrees clockwise, so that the left half is.
  const half = ['-vf', 'drawbox=w=320:h=90:color=white:t=fill', '-c:v', 'libx264'];
  make('plain.mp4', '-f', 'lavfi', '-i', 'color=black:size=320x180:rate=10:duration=1', ...half);
  const turned = make('turned.mp4', '-i', at('plain.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=90');
  const { facts, into, sheets, poster } = await bothWays(turned);
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
