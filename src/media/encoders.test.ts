import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EncoderInfo } from '#core/encoder';
import type { Settings } from '#core/settings';
import { readEncoderCache, writeEncoderCache } from './encoder-cache.ts';
import { discoverEncoders, encoderBuild, describeBundled } from './encoders.ts';
import { resolveEncode, type EncodeParameters } from './encode-settings.ts';
import { tryEncodes } from './trial.ts';
import { runTrials } from './trial-runner.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'encoders-'));
let encoders: EncoderInfo[] = [];
const named = (name: string) => encoders.find((encoder) => encoder.name === name)!;

beforeAll(async () => {
  encoders = await discoverEncoders({ cacheFolder });
});
afterAll(() => rmSync(cacheFolder, { recursive: true }));

test('the encoders that are compiled in are found, with those that work', () => {
  for (const name of ['libx264', 'libx265', 'libsvtav1', 'libvpx', 'libvpx-vp9', 'mpeg4', 'ffv1'])
    expect(named(name)).toMatchObject({ engine: 'bundled', available: true, reason: null });
  expect(encoders.length).toBeGreaterThan(80);
  expect(new Set(encoders.map((encoder) => encoder.name)).size).toBe(encoders.length);
  expect(encoders.some((encoder) => encoder.name.includes('fdk'))).toBe(false);
  for (const encoder of encoders) expect(encoder.available).toBe(encoder.reason === null);
});

test('an encoder that does not work here tells why', () => {
  expect(named('xface').reason).toMatch(/48x48/);
  for (const [name, device] of [
    ['h264_vaapi', 'vaapi'],
    ['h264_nvenc', 'cuda'],
    ['h264_qsv', 'qsv'],
    ['h264_vulkan', 'vulkan'],
    ['h264_amf', 'amf'],
    ['h264_v4l2m2m', 'v4l2'],
    ['libx264', null],
  ] as const)
    expect(named(name)).toMatchObject({ device, hardware: device !== null });
});

test.skipIf(existsSync('/dev/dri'))(
  'without a graphics device its encoders name what is missing (skipped with one)',
  () => {
    expect(named('h264_vaapi').reason).toBe('no VAAPI device: there is no /dev/dri/renderD128');
    expect(named('h264_qsv').reason).toMatch(/no Quick Sync device: there is no \/dev\/dri\/renderD128/);
    expect(named('hevc_amf').reason).toMatch(/no AMF device: there is no \/dev\/dri\/renderD128 .*libamfrt64/);
    expect(named('av1_vulkan').reason).toMatch(/Vulkan|VK_KHR_video_encode_queue/);
  },
);

test.skipIf(existsSync('/dev/nvidiactl'))('without an NVIDIA driver NVENC names it (skipped with one)', () => {
  expect(named('av1_nvenc').reason).toMatch(/no NVIDIA GPU: there is no \/dev\/nvidiactl/);
});

test("generic parameters carry the encoder's own defaults, not those of FFmpeg's table", () => {
  const defaults = (encoder: string, ...names: string[]) =>
    names.map((name) => named(encoder).parameters.find((parameter) => parameter.name === name)?.default);
  expect(defaults('libx264', 'b', 'g', 'bf', 'flags', 'qmin', 'refs')).toEqual([0, -1, -1, 'cgop', -1, -1]);
  expect(defaults('libsvtav1', 'b', 'g', 'qmin', 'qmax', 'flags')).toEqual([0, -1, 1, 63, 'cgop']);
  expect(defaults('libvpx-vp9', 'b', 'g', 'qmin')).toEqual([0, -1, -1]);
  expect(defaults('h264_vaapi', 'b', 'g', 'bf', 'i_qfactor')).toEqual([0, 120, 2, 1]);
  expect(defaults('mpeg4', 'b', 'g', 'qmin', 'flags')).toEqual([200_000, 12, 2, 0]);
});

test('the names inside of x264-params, x265-params and svtav1-params are those that the library takes', () => {
  const keys = (encoder: string) => named(encoder).subOptions;
  const key = (encoder: string, name: string) => keys(encoder).find((each) => each.name === name);
  expect(key('libx264', 'bframes')).toEqual({
    parameter: 'x264-params',
    name: 'bframes',
    default: '3',
    description: '',
  });
  expect(key('libx264', 'rc-lookahead')?.default).toBe('40');
  expect(key('libx264', 'vbv-maxrate')).toMatchObject({ default: null });
  expect(key('libx265', 'limit-refs')).toMatchObject({ parameter: 'x265-params', default: '1' });
  expect(key('libsvtav1', 'enable-overlays')).toMatchObject({ parameter: 'svtav1-params', default: null });
  for (const name of ['tune', 'film-grain', 'scd', 'hierarchical-levels']) expect(key('libsvtav1', name)).toBeDefined();
  // What one library takes the others do not.
  for (const encoder of ['libx264', 'libx265']) expect(key(encoder, 'enable-overlays')).toBeUndefined();
  for (const encoder of ['libx264', 'libsvtav1']) expect(key(encoder, 'limit-refs')).toBeUndefined();
  expect(keys('libx264').length).toBeGreaterThan(80);
  expect(keys('libvpx')).toEqual([]);
});

test("parameters carry what FFmpeg declares, and a number type's limits are no range", () => {
  const of = (encoder: string, name: string) => named(encoder).parameters.find((parameter) => parameter.name === name);
  expect(of('libsvtav1', 'preset')).toMatchObject({ type: 'int', min: -2, max: 13, scope: 'private' });
  expect(of('libx264', 'crf')).toMatchObject({ type: 'float', min: -1, max: null });
  expect(of('libx264', 'preset')).toMatchObject({ type: 'string', default: 'medium', min: null, max: null });
  expect(of('libx264', 'mbtree')).toMatchObject({ type: 'bool', default: 'auto' });
  expect(of('libvpx', 'deadline')?.values.map((value) => value.name)).toEqual(['best', 'good', 'realtime']);
  expect(of('libx264', 'bf')).toMatchObject({ type: 'int', scope: 'generic' });
  expect(of('libsvtav1', 'level')?.values.map((value) => value.name)).toContain('5.1');
  expect(of('libx264', 'ab')).toBeUndefined();
  expect(of('libx264', 'skip_frame')).toBeUndefined();
});

test('the build of an encoder names the engine and the library', async () => {
  expect(await describeBundled()).toMatchObject({
    setting: 'bundled',
    version: expect.stringMatching(/^\d+\.\d+/),
    build: expect.stringMatching(/^node-av \d+\.\d+\.\d+$/),
  });
  for (const [name, library] of [
    ['libx264', /libx264 core \d+/],
    ['libx265', /libx265 \d+\.\d+/],
    ['libsvtav1', /libsvtav1 v\d+\.\d+\.\d+/],
    ['libvpx', /libvpx v1\.\d+/],
  ] as const)
    expect(await encoderBuild(name, { cacheFolder })).toMatch(library);
});

test('what was found is kept in a file, and a damaged or older file is made anew', async () => {
  const [file] = readdirSync(cacheFolder);
  const path = join(cacheFolder, file!);
  const key = (JSON.parse(readFileSync(path, 'utf8')) as { key: string }).key;
  expect(key).toContain((await describeBundled()).version);
  const kept = await readEncoderCache(cacheFolder, key);
  // Other tests may have asked for single encoders before: the order of the file is theirs.
  expect(new Set(kept.keys())).toEqual(new Set(encoders.map(({ name }) => name)));
  for (const encoder of encoders) expect(kept.get(encoder.name)?.info).toEqual(encoder);
  expect((await readEncoderCache(cacheFolder, 'another machine')).size).toBe(0);
  for (const damaged of [
    '',
    '{',
    'null',
    '[]',
    '{"version":0}',
    '{"version":1,"key":1}',
    readFileSync(path, 'utf8').slice(0, 5000),
  ]) {
    writeFileSync(path, damaged);
    expect((await readEncoderCache(cacheFolder, key)).size).toBe(0);
  }
  await writeEncoderCache(cacheFolder, key, kept.values());
  expect(await readEncoderCache(cacheFolder, key)).toEqual(kept);
});

const parametersOf = (settings: Settings): EncodeParameters => {
  const resolved = resolveEncode({ resolution: '320x180', ...settings }, [], null, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  return resolved.job;
};

describe('a trial encode finds what the declared parameters can not say:', () => {
  test('all in one go', async () => {
    const cases: [settings: Settings, setting: string, what: RegExp, todo?: RegExp][] = [
      [{ encoder: 'libx264', crf: 99 }, 'crf', /asked for crf 99 and used 51/, /up to 51/],
      [{ encoder: 'libx264', preset: 'medum' }, 'preset', /did you mean medium/, /ultrafast, superfast/],
      [{ encoder: 'libx264', tune: 'animaton' }, 'tune', /did you mean animation/],
      [{ encoder: 'libx264', profile: 'hihg' }, 'profile', /did you mean high/],
      [
        { encoder: 'libx264', 'x264-params': 'aq-mode=99' },
        'x264-params',
        /asked for aq-mode 99 in x264-params and used 3/,
      ],
      [{ encoder: 'libx264', 'x264-params': 'ref=40:crf=20' }, 'x264-params', /ref 40 in x264-params and used 16/],
      [
        { encoder: 'libx265', preset: 'ultrafast', 'x265-params': 'aq-mode=99' },
        'x265-params',
        /Aq-Mode is out of range/,
      ],
      [{ encoder: 'libx264', bf: 99 }, 'bf', /asked for bf 99 and used 16/],
      [{ encoder: 'libx264', gop: 12, 'rc-lookahead': 40 }, 'rc-lookahead', /used 12/],
      [{ encoder: 'libx264', crf: 20, bitrate: '1M' }, 'bitrate', /ignores the bitrate/],
      [{ encoder: 'libx264', 'x264-params': 'kyint=30' }, 'x264-params', /no key kyint: did you mean keyint/],
      [{ encoder: 'libx264', 'x264-params': 'keyint=abc' }, 'x264-params', /does not take keyint = abc/],
      [{ encoder: 'libx265', preset: 'ultrafst' }, 'preset', /did you mean ultrafast/],
      [{ encoder: 'libx265', preset: 'ultrafast', crf: 99 }, 'crf', /to 51/],
      [
        { encoder: 'libsvtav1', preset: 10, 'svtav1-params': 'tunee=0' },
        'svtav1-params',
        /no key tunee: did you mean tune/,
      ],
      [{ encoder: 'libsvtav1', preset: 10, 'svtav1-params': 'tune=9' }, 'svtav1-params', /Invalid tune flag/],
      [{ encoder: 'libvpx', bitrate: '1M', qmin: 60, qmax: 10 }, 'encoder', /out of range/],
    ];
    const results = await tryEncodes(cases.map(([settings]) => parametersOf(settings)));
    results.forEach((result, i) => {
      const [settings, setting, what, todo] = cases[i]!;
      const problem = result.ok ? null : result.problems[0];
      expect(problem, JSON.stringify(settings)).toMatchObject({ setting, what: expect.stringMatching(what) });
      if (todo !== undefined) expect(problem?.todo).toMatch(todo);
    });
  });

  test('what is right passes, with the values that the encoder holds', async () => {
    const results = await tryEncodes([
      parametersOf({ encoder: 'libx264', preset: 'veryfast', tune: 'film', crf: 23.5, bf: 2, gop: 48 }),
      parametersOf({
        encoder: 'libx264',
        'x264-params':
          'aq-mode=2:aq-strength=1.5:ref=4:min-keyint=12:me=umh:merange=24:deblock=-1,-1:threads=2:trellis=2',
      }),
      parametersOf({ encoder: 'libx265', preset: 'ultrafast', crf: 28 }),
      parametersOf({ encoder: 'libsvtav1', preset: 12, crf: 40, 'svtav1-params': 'tune=0' }),
      parametersOf({ encoder: 'libvpx-vp9', 'row-mt': true, deadline: 'realtime', 'cpu-used': 8, bitrate: '500k' }),
      parametersOf({ encoder: 'mpeg4', bitrate: '1M' }),
    ]);
    expect(results.map((result) => result.ok || result.problems)).toEqual([true, true, true, true, true, true]);
    expect(results[0]).toMatchObject({ actual: { preset: 'veryfast', crf: '23.500000', gop: '48' } });
  });
});

test('an encoder that hangs or crashes does not lose the trials behind it', async () => {
  const fine = parametersOf({ encoder: 'libx264', preset: 'ultrafast' });
  const slow = { ...parametersOf({ encoder: 'libx265', preset: 'placebo', threads: 1 }), width: 4096, height: 2304 };
  const results = await runTrials([fine, slow, fine], { timeoutMs: 1_500 });
  expect(results.map(({ trial }) => trial.ok)).toEqual([true, false, true]);
  // It had a second try, with more time.
  expect(results[1]!.trial).toMatchObject({ error: 'libx265 hangs: two frames took more than 3 s' });
});
