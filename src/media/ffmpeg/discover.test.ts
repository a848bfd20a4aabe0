import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { EncodeParameters } from '../encode-job.ts';
import { resolveEncode } from '../encode-settings.ts';
import { engineOf } from '../engine.ts';
import { abilitiesOf, parseVersion } from './description.ts';

const folder = mkdtempSync(join(tmpdir(), 'ffmpeg-discover-'));
const at = (name: string) => join(folder, name);
const newer = process.env['ENCODELAB_TEST_FFMPEG'];
afterAll(() => rmSync(folder, { recursive: true }));

test('it tells version, libraries, build and what it can score', async () => {
  const info = await engineOf('ffmpeg').describe();
  expect(info).toMatchObject({ setting: 'ffmpeg', kind: 'ffmpeg', path: expect.stringMatching(/^\/.*ffmpeg/) });
  expect(info.version).toMatch(/^\S+$/);
  expect(info.libraries['libavcodec']).toMatch(/^\d+\.\d+\.\d+$/);
  expect(info.build).toMatch(/^[0-9a-f]{16}$/);
  expect(info.qualityFilters).toEqual(expect.arrayContaining(['psnr', 'ssim']));
  expect(info.absent.some((line) => line.startsWith('decode.time: '))).toBe(true);
  const byPath = await engineOf(info.path!).describe();
  expect(byPath).toEqual({ ...info, setting: info.path });
});

test.skipIf(newer === undefined)('another build (ENCODELAB_TEST_FFMPEG) is another engine', async () => {
  const [one, other] = [await engineOf('ffmpeg').describe(), await engineOf(newer!).describe()];
  expect(other.build).not.toBe(one.build);
  expect(other.version).not.toBe(one.version);
  expect(other.qualityFilters).toContain('libvmaf');
});

test('what is no ffmpeg is refused in words', async () => {
  const script = (name: string, text: string) => {
    writeFileSync(at(name), `#!/bin/sh\n${text}\n`);
    chmodSync(at(name), 0o755);
    return at(name);
  };
  writeFileSync(at('plain'), 'text');
  const cases: readonly [string, RegExp][] = [
    [at('missing'), /no such file/],
    [folder, /no file/],
    [at('plain'), /not executable/],
    [script('other', 'echo hello'), /no ffmpeg/],
    [script('failing', 'echo broken >&2; exit 3'), /status 3: broken/],
    [script('crashing', 'kill -SEGV $$'), /SIGSEGV/],
  ];
  for (const [path, what] of cases) await expect(engineOf(path).describe(), path).rejects.toThrow(what);
});

test('the version and abilities of old and new builds are told by their own words', () => {
  const text = (version: string, codec: string) =>
    `ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers\nbuilt with gcc\nconfiguration: --enable-gpl\nlibavcodec     ${codec} / ${codec}\n`;
  const of = (version: string, codec: string, help: string) =>
    abilitiesOf(parseVersion(text(version, codec))!.libraries, help);
  const common =
    '-benchmark_all      add timings for each task\n-vstats_file <file>  dump video coding statistics to file\n';
  const stats =
    '-stats_enc_pre[:<stream_spec>]  write\n-stats_enc_post[:<stream_spec>]  write\n-fps_mode[:<stream_spec>]  set\n';
  expect(of('4.4.2', '58.134.100', common)).toEqual({
    callTimes: true,
    frameStats: false,
    videoStats: true,
    frameRateMode: false,
  });
  expect(of('6.0', '60.  3.100', common + stats)).toMatchObject({ callTimes: true, frameStats: true });
  expect(of('6.1.1', '60. 31.102', common + stats)).toMatchObject({ callTimes: false, frameStats: true });
  expect(of('N-117770-g322b240cea', '61. 26.100', common + stats)).toMatchObject({ callTimes: false });
  expect(parseVersion('hello')).toBeNull();
});

test('encoders are found with what they take, tried, and remembered', async () => {
  const only = ['libx264', 'libaom-av1', 'h264_vaapi', 'bmp'];
  const first = performance.now();
  const encoders = await engineOf('ffmpeg').discover({ only, cacheFolder: at('cache') });
  const named = Object.fromEntries(encoders.map((encoder) => [encoder.name, encoder]));
  expect(named['libx264']).toMatchObject({
    codec: 'h264',
    engine: 'ffmpeg',
    hardware: false,
    threads: 'other',
    available: true,
    reason: null,
    device: null,
  });
  const crf = named['libx264']!.parameters.find(({ name }) => name === 'crf');
  expect(crf).toMatchObject({ type: 'float', min: -1, scope: 'private', live: { state: 'no' } });
  // ffmpeg takes -stats for its own.
  expect(named['libx264']!.parameters.some(({ name }) => name === 'stats')).toBe(false);
  expect(named['libx264']!.subOptions).toContainEqual({
    parameter: 'x264-params',
    name: 'rc-lookahead',
    default: '40',
    description: '',
  });
  expect(named['libaom-av1']).toMatchObject({ codec: 'av1', available: true });
  expect(named['bmp']).toMatchObject({ available: false, reason: expect.stringMatching(/Matroska.*can't hold/) });
  const vaapi = named['h264_vaapi'];
  if (vaapi !== undefined) {
    expect(vaapi).toMatchObject({ device: 'vaapi', hardware: true, pixelFormats: ['nv12', 'p010le'] });
    if (!vaapi.available) expect(vaapi.reason).toMatch(/no vaapi device that works \(.+\)/);
  }
  const again = performance.now();
  const tookMs = again - first;
  const remembered = await engineOf('ffmpeg').discover({ only, cacheFolder: at('cache') });
  expect(new Map(remembered.map((encoder) => [encoder.name, encoder]))).toEqual(
    new Map(encoders.map((encoder) => [encoder.name, encoder])),
  );
  expect(performance.now() - again, 'nothing is tried twice').toBeLessThan(tookMs / 2);
  expect(await engineOf('ffmpeg').encoderBuild('libx264')).toMatch(/^ffmpeg \S+ [0-9a-f]{16}, libx264 core \d+/);
});

test('trials name the setting that is refused, or changed in silence', async () => {
  const encoders = await engineOf('ffmpeg').discover({ only: ['libx264', 'libx265'], cacheFolder: at('cache') });
  const resolved = resolveEncode({ engine: 'ffmpeg', encoder: 'libx264', resolution: '320x240' }, [], null, encoders);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  const base = resolved.job;
  const cases: readonly [Partial<EncodeParameters>, string | null, RegExp | null][] = [
    [{ options: { preset: 'veryfast', crf: '23' } }, null, null],
    [{ options: { preset: 'nonsense' } }, 'preset', /preset nonsense/],
    [{ options: { crf: 'abc' } }, 'crf', /crf abc/],
    [{ options: { crf: '99' } }, 'crf', /used 51/],
    [{ options: { 'no-such': '1' } }, 'no-such', /no-such/],
    [{ options: { 'cpu-used': '4' } }, 'cpu-used', /cpu-used/],
    [{ options: { 'x264-params': 'no-such-key=3' } }, 'x264-params', /no-such-key/],
    [{ encoder: 'libx265', options: { preset: 'nonsense' } }, 'preset', /nonsense/],
  ];
  const results = await engineOf('ffmpeg').tryEncodes(cases.map(([change]) => ({ ...base, ...change })));
  for (const [i, [, setting, what]] of cases.entries()) {
    const result = results[i]!;
    const shown = JSON.stringify([cases[i]![0], result]);
    expect(result.ok, shown).toBe(setting === null);
    if (result.ok) continue;
    expect(result.problems[0]!.setting, shown).toBe(setting);
    expect(result.problems[0]!.what, shown).toMatch(what!);
  }
});
