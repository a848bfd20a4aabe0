import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { EncoderInfo, EncoderParameter, LiveChange } from '#core/encoder';
import { discoverEncoders, encoderBuild, proveLiveChanges } from './encoders.ts';
import { alternativesOf } from './live-alternatives.ts';
import { rateBases, qualityBases } from './live-bases.ts';
import { readLiveChanges } from './live-changes.ts';
import { CLIP_SIZES, clipPicture } from './live-clip.ts';
import { smallEncode } from './small-encode.ts';
import { LiveEncodes } from './live-encodes.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'live-'));
afterAll(() => rmSync(cacheFolder, { recursive: true }));

/** The encoder with a few of its parameters only: all of them take a minute. */
async function encoderWith(name: string, parameters: readonly string[]): Promise<EncoderInfo> {
  const [encoder] = await discoverEncoders({ only: [name], cacheFolder });
  return { ...encoder!, parameters: encoder!.parameters.filter((each) => parameters.includes(each.name)) };
}

async function prove(name: string, ...parameters: string[]): Promise<Record<string, LiveChange>> {
  const { parameters: proved } = await proveLiveChanges(await encoderWith(name, parameters));
  return Object.fromEntries(proved.map((parameter) => [parameter.name, parameter.live!]));
}

test('of x264 the rate, the quality and their limits change while it encodes, and the structure does not', async () => {
  const found = await prove('libx264', 'crf', 'qp', 'x264-params', 'b', 'maxrate', 'bufsize', 'g', 'bf', 'max_pixels');
  for (const name of ['crf', 'b', 'maxrate', 'bufsize']) expect(found[name], name).toMatchObject({ state: 'yes' });
  for (const name of ['qp', 'x264-params', 'g', 'bf']) expect(found[name], name).toMatchObject({ state: 'no' });
  expect(found['max_pixels']).toMatchObject({ state: 'unknown', how: expect.stringMatching(/^tried .*no difference/) });
  expect(found['b']!.how).toMatch(
    /^\d+ -> \d+ before frame \d+ \(constant bitrate\): packets differ from the \d+th on$/,
  );
  expect(found['qp']!.how).toMatch(/changes nothing; from the beginning it does$/);
});

test('SVT-AV1, VP8 and VP9 take no other rate, quality or group of pictures while they encode', async () => {
  // VP8 and VP9 are of one library and one wrapper.
  for (const [name, ...parameters] of [
    ['libsvtav1', 'crf', 'b', 'g'],
    ['libvpx', 'b', 'g'],
    ['libvpx-vp9', 'crf', 'b'],
  ] as const) {
    const found = await prove(name, ...parameters);
    expect(Object.values(found).map(({ state }) => state)).toEqual(parameters.map(() => 'no'));
  }
});

test('a parameter that brings the encoder down is unknown with the reason, and those behind it are proved', async () => {
  const found = await prove('mpeg4', 'lmax', 'trellis');
  expect(found['lmax']).toMatchObject({ state: 'unknown', how: expect.stringMatching(/crashes \(SIG/) });
  expect(found['trellis']).toMatchObject({ state: 'yes' });
});

test('what was proved is kept by the build of the encoder, filled in when it is listed, and not tried again', async () => {
  const encoder = await encoderWith('libx264', ['crf', 'bf']);
  const ticks: [number, number][] = [];
  const options = { cacheFolder, onProgress: (done: number, of: number) => ticks.push([done, of]) };
  const proved = await proveLiveChanges(encoder, options);
  expect(ticks[0]).toEqual([0, 2]);
  expect(ticks.at(-1)).toEqual([2, 2]);
  const [listed] = await discoverEncoders({ only: ['libx264'], cacheFolder });
  const live = (info: EncoderInfo, name: string) => info.parameters.find((each) => each.name === name)?.live;
  for (const name of ['crf', 'bf']) expect(live(listed!, name)).toEqual(live(proved, name));
  expect(live(listed!, 'qp')).toBeNull();
  ticks.length = 0;
  expect(await proveLiveChanges(encoder, options)).toEqual(proved);
  expect(ticks).toEqual([]);

  const build = await encoderBuild('libx264', { cacheFolder });
  const path = join(
    cacheFolder,
    readdirSync(cacheFolder).find((file) => file.startsWith('live-libx264-'))!,
  );
  const whole = readFileSync(path, 'utf8');
  for (const damaged of ['', 'null', '[]', '{"version":1}', whole.slice(0, 40), whole.replace('"yes"', '"maybe"')]) {
    writeFileSync(path, damaged);
    expect((await readLiveChanges('libx264', build, cacheFolder)).size).toBe(0);
    expect((await discoverEncoders({ only: ['libx264'], cacheFolder }))[0]!.name).toBe('libx264');
  }
  writeFileSync(path, whole);
  expect((await readLiveChanges('libx264', 'another build', cacheFolder)).size).toBe(0);
});

test('it can be stopped at any time', async () => {
  const stop = new AbortController();
  const encoder = await encoderWith('libx264', ['crf', 'qp', 'b', 'bf', 'refs']);
  const proof = proveLiveChanges(encoder, { signal: stop.signal });
  setTimeout(() => stop.abort(), 500);
  await expect(proof).rejects.toThrow(/abort/i);
});

test('two equal small encodes give equal packets, and one that can not be opened tells why', async () => {
  const encodes = new LiveEncodes(undefined);
  const encoder = await encoderWith('libx264', []);
  const parameters = smallEncode(encoder, { ...CLIP_SIZES[0]!, threads: 1 });
  const request = { parameters, frames: 30, untilPackets: null, change: null };
  const one = await encodes.encode(request);
  expect(one).toMatchObject({ kind: 'encoded', frames: 30 });
  expect(await encodes.encode(request)).toEqual(one);
  const wrong = { ...request, parameters: { ...parameters, options: { profile: 'none' } } };
  expect(await encodes.encode(wrong)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/opened/) });
  await encodes.close();
});

const parameter = (more: Partial<EncoderParameter>): EncoderParameter => ({
  name: 'p',
  type: 'int',
  description: '',
  min: null,
  max: null,
  default: null,
  values: [],
  live: null,
  scope: 'private',
  ...more,
});

test('what is tried follows from type, range, names and default, and never is the default', () => {
  const of = (more: Partial<EncoderParameter>, current: string | null = null) =>
    alternativesOf(parameter(more), current, [], []);
  const value = (name: string, index: number) => ({ name, value: index, description: '' });
  expect(of({ min: 0, max: 51, default: 23, type: 'float' })).toEqual(['25.5', '51', '0']);
  expect(of({ min: -1, default: -1 })).toEqual(['2', '30', '1', '500000']);
  expect(of({ min: 0, default: 0 }, '40000')).toEqual(['20000', '80000', '1', '30']);
  expect(of({ type: 'bool', default: true })).toEqual(['false']);
  expect(of({ type: 'bool', default: 'auto' })).toEqual(['true', 'false']);
  expect(of({ type: 'enum', default: 'a', values: ['a', 'b', 'c'].map(value) })).toEqual(['b', 'c']);
  expect(of({ type: 'flags', values: ['x', 'y'].map(value) })).toEqual(['+x', '+y']);
  expect(of({ type: 'string' })).toEqual([]);
  expect(alternativesOf(parameter({ type: 'string' }), null, ['fast', 'slow'], [])).toEqual(['fast', 'slow']);
  const key = { parameter: 'p', name: 'ref', default: '4', description: '' };
  expect(alternativesOf(parameter({ type: 'string' }), null, [], [key])).toEqual(['ref=2']);
});

test('rate control is tried at half the rate of a quality, which an encoder without one gets from its quantizer', () => {
  const encoder = {
    parameters: [parameter({ name: 'crf', type: 'float', min: 0, max: 63 })],
  } as unknown as EncoderInfo;
  const [quality] = qualityBases(encoder);
  expect(quality).toEqual({ name: 'constant crf', options: { crf: '32' } });
  expect(rateBases(quality!, 400_000).map(({ options }) => options)).toEqual([
    { b: '200000', maxrate: '200000', bufsize: '100000' },
    { b: '200000', maxrate: '200000', minrate: '200000', bufsize: '100000' },
    { b: '200000' },
    { crf: '32', maxrate: '200000', bufsize: '100000' },
  ]);
  const without = { parameters: [] } as unknown as EncoderInfo;
  expect(qualityBases(without)[0]!.options).toEqual({ flags: '+qscale', global_quality: '944' });
});

test('the clip is the same each time and moves', () => {
  const [size] = CLIP_SIZES;
  expect(clipPicture(5, size!)).toEqual(clipPicture(5, size!));
  expect(clipPicture(5, size!).equals(clipPicture(6, size!))).toBe(false);
});
