import { describe, expect, test } from 'vitest';
import type { EncoderInfo, EncoderParameter } from '#core/encoder';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { normalizeSettings, resolveEncode } from './encode-settings.ts';

const parameter = (
  name: string,
  type: EncoderParameter['type'],
  more: Partial<EncoderParameter> = {},
): EncoderParameter => ({
  name,
  type,
  description: '',
  min: null,
  max: null,
  default: null,
  values: [],
  live: null,
  scope: 'private',
  ...more,
});
const encoder = (name: string, more: Partial<EncoderInfo> = {}): EncoderInfo => ({
  name,
  codec: 'h264',
  description: '',
  engine: 'bundled',
  hardware: false,
  subOptions: [],
  device: null,
  threads: 'other',
  pixelFormats: ['yuv420p', 'yuv422p', 'nv12', 'yuv420p10le'],
  available: true,
  reason: null,
  parameters: [
    parameter('preset', 'string'),
    parameter('crf', 'float', { min: -1 }),
    parameter('aq-mode', 'enum', {
      min: -1,
      values: ['none', 'variance'].map((each, value) => ({ name: each, value, description: '' })),
    }),
    parameter('level', 'int', { min: 0, max: 62 }),
    parameter('mbtree', 'bool', { min: -1, max: 1 }),
    parameter('flags', 'flags', {
      values: ['cgop', 'psnr'].map((each, value) => ({ name: each, value, description: '' })),
      scope: 'generic',
    }),
    parameter('maxrate', 'int', { min: 0, scope: 'generic' }),
    parameter('b', 'int', { min: 0, scope: 'generic' }),
  ],
  ...more,
});
const encoders = [
  encoder('libx264'),
  encoder('h264_nvenc', { available: false, reason: 'Cannot load libcuda.so.1' }),
  encoder('libsvtav1', { codec: 'av1' }),
];
const source: SourceInfo = {
  path: 'clip.mp4',
  bytes: 1,
  hash: '',
  container: 'mov',
  declaredDuration: 10,
  audio: [],
  others: [],
  warnings: [],
  video: {
    index: 1,
    codec: 'h264',
    profile: null,
    width: 1920,
    height: 1080,
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    sampleAspectRatio: null,
    rotation: 0,
    color: { range: null, primaries: null, transfer: null, matrix: null, dynamicRange: null },
    masteringDisplay: null,
    contentLight: null,
    dynamicMetadata: null,
    fieldOrder: null,
    closedCaptions: false,
    timeBase: { num: 1, den: 12288 },
    frameRate: { num: 24, den: 1 },
    averageFrameRate: 24,
    variableFrameRate: false,
    frames: 240,
    keyframes: 1,
    longestGop: 240,
    duration: 10,
    bitrate: 1,
  },
};
const resolve = (settings: Settings, labels: string[] = [], from: SourceInfo | null = source) =>
  resolveEncode({ encoder: 'libx264', ...settings }, labels, from, encoders);
const jobOf = (settings: Settings, labels: string[] = [], from: SourceInfo | null = source) => {
  const resolved = resolve(settings, labels, from);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  return resolved.job;
};

test('nothing but an encoder is an encode of the source as it is', () => {
  expect(jobOf({})).toEqual({
    engine: 'bundled',
    hwdecode: null,
    encoder: 'libx264',
    width: 1920,
    height: 1080,
    pixelFormat: 'yuv420p',
    frameRate: { num: 24, den: 1 },
    variableFrameRate: false,
    timeBase: { num: 1, den: 24 },
    frames: null,
    expectedFrames: 240,
    sourceFrames: 240,
    sourceRate: { num: 24, den: 1 },
    sourceStream: 1,
    bitrate: null,
    gop: null,
    threads: null,
    options: {},
  });
});

test('everything that a person writes is understood', () => {
  const settings: Settings = {
    engine: 'bundled',
    source: 'clip.mp4',
    resolution: '1280x720',
    framerate: '30000/1001',
    frames: [24, 47],
    bitrate: '2.5M',
    gop: 48,
    threads: 'auto',
    preset: 'veryfast',
    crf: '23',
    'aq-mode': 'variance',
    mbtree: 'no',
    flags: '+cgop-psnr',
    maxrate: '3M',
    codec: 'x264',
  };
  expect(jobOf(settings, ['codec'])).toMatchObject({
    width: 1280,
    height: 720,
    frameRate: { num: 30000, den: 1001 },
    timeBase: { num: 1001, den: 30000 },
    frames: [24, 47],
    expectedFrames: 30,
    bitrate: 2_500_000,
    gop: 48,
    threads: null,
    options: {
      preset: 'veryfast',
      crf: '23',
      'aq-mode': 'variance',
      mbtree: 'false',
      flags: '+cgop-psnr',
      maxrate: '3000000',
    },
  });
});

test('a variable rate keeps its times, and a constant one can be asked for', () => {
  const variable: SourceInfo = {
    ...source,
    video: { ...source.video, frameRate: null, variableFrameRate: true, averageFrameRate: 19.5 },
  };
  expect(jobOf({}, [], variable)).toMatchObject({
    variableFrameRate: true,
    timeBase: { num: 1, den: 12288 },
    frameRate: { num: 19500, den: 1000 },
    expectedFrames: 240,
  });
  expect(jobOf({ framerate: 30 }, [], variable)).toMatchObject({
    variableFrameRate: false,
    timeBase: { num: 1, den: 30 },
    expectedFrames: null,
  });
});

test('the nearest pixel format is taken where the encoder does not have the source’s', () => {
  const deep = (pixelFormat: string): SourceInfo => ({ ...source, video: { ...source.video, pixelFormat } });
  expect(jobOf({}, [], deep('yuvj420p')).pixelFormat).toBe('yuv420p');
  expect(jobOf({}, [], deep('yuv420p12le')).pixelFormat).toBe('yuv420p10le');
  expect(jobOf({}, [], deep('yuv444p')).pixelFormat).toBe('yuv422p');
  expect(jobOf({ pix_fmt: 'nv12' }).pixelFormat).toBe('nv12');
});

test('what only a streaming session can honour is a warning', () => {
  const resolved = resolve({ network: 'wifi', display: '60' });
  expect('warnings' in resolved && resolved.warnings).toHaveLength(2);
});

describe('what is wrong is told with the setting and the nearest right name:', () => {
  test.each<[settings: Settings, setting: string, what: RegExp]>([
    [{ engine: 'fmpeg' }, 'engine', /no engine "fmpeg"/],
    [{ encoder: 'libx265' }, 'encoder', /did you mean libx264/],
    [{ encoder: 'h264' }, 'encoder', /is a codec.*did you mean libx264/],
    [{ encoder: 'av1' }, 'encoder', /did you mean libsvtav1/],
    [{ encoder: 'h264_nvenc' }, 'encoder', /does not work on this machine.*libcuda/],
    [{ resolution: '1280' }, 'resolution', /no size/],
    [{ resolution: '1281x720' }, 'resolution', /odd/],
    [{ resolution: '99999x720' }, 'resolution', /outside/],
    [{ framerate: 'fast' }, 'framerate', /no frame rate/],
    [{ framerate: 0 }, 'framerate', /no frame rate/],
    [{ framerate: '30/0' }, 'framerate', /no frame rate/],
    [{ framerate: 5000 }, 'framerate', /more than/],
    [{ frames: [0, 240] }, 'frames', /frame 240 lies behind the source's last, 239/],
    [{ frames: [5, 3] }, 'frames', /no range/],
    [{ frames: 10 }, 'frames', /no range/],
    [{ bitrate: '2.5 apples' }, 'bitrate', /above zero/],
    [{ bitrate: -1 }, 'bitrate', /above zero/],
    [{ gop: 0 }, 'gop', /above zero/],
    [{ threads: 'many' }, 'threads', /above zero/],
    [{ presett: 'fast' }, 'presett', /no parameter presett: did you mean preset/],
    [{ codec: 'x264' }, 'codec', /did you mean encoder/],
    [{ bitrat: '1M' }, 'bitrat', /did you mean bitrate/],
    [{ bitrate: '1M', b: '2M' }, 'b', /say the same/],
    [{ level: 99 }, 'level', /takes 0 to 62, not 99/],
    [{ crf: -5 }, 'crf', /-1 at least/],
    [{ crf: 'good' }, 'crf', /takes a number/],
    [{ level: 3.1 }, 'level', /whole number/],
    [{ 'aq-mode': 'varianc' }, 'aq-mode', /did you mean variance/],
    [{ mbtree: 'maybe' }, 'mbtree', /true or false or auto/],
    [{ flags: '+cgopp' }, 'flags', /did you mean cgop/],
    [{ crf: [1, 2] }, 'crf', /not a list/],
    [{ pix_fmt: 'yuv420' }, 'pix_fmt', /did you mean yuv420p/],
  ])('%j', (settings, setting, what) => {
    const resolved = resolve(settings);
    const problems = 'problems' in resolved ? resolved.problems : [];
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ setting, what: expect.stringMatching(what) });
  });

  test('several at once', () => {
    const resolved = resolveEncode({ bitrate: 'x', frames: 1 }, [], source, encoders);
    expect('problems' in resolved && resolved.problems.map((each) => each.setting)).toEqual([
      'encoder',
      'frames',
      'bitrate',
    ]);
  });
});

test('two spellings of one encode are the same, and two encodes are not', () => {
  const same = (a: Settings, b: Settings, labels: string[] = []) =>
    expect(normalizeSettings(a, labels)).toEqual(normalizeSettings(b, labels));
  same({ bitrate: '1M' }, { bitrate: 1_000_000 });
  same({ bitrate: '2.3M' }, { bitrate: 2_300_000 });
  same({ framerate: 24 }, { framerate: '48/2' });
  same({ framerate: '29.97' }, { framerate: 29.97 });
  same({ resolution: '1280X720' }, { resolution: '1280x720' });
  same({ resolution: 'source', threads: 'auto', engine: 'bundled', framerate: 'source', frames: 'source' }, {});
  same({ mbtree: 'yes' }, { mbtree: true });
  same({ crf: '23' }, { crf: 23 });
  same({ codec: 'x264', crf: 1 }, { codec: 'mine', crf: 1 }, ['codec']);
  same({ source: 'a.mp4' }, { source: 'b/a.mp4' });
  expect(normalizeSettings({ crf: 23 }, [])).not.toEqual(normalizeSettings({ crf: 24 }, []));
  expect(normalizeSettings({ framerate: 29.97 }, [])).not.toEqual(normalizeSettings({ framerate: '30000/1001' }, []));
});
