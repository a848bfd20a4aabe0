import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EncoderInfo } from '#core/encoder';
import type { Settings } from '#core/settings';
import type { SourceInfo } from '#core/source';
import { resolveEncode } from '#media/encode-settings';
import { engineOf } from '#media/engine';
import { inspectSource } from '#media/inspect';
import { GOP_ENCODERS, withGop } from './gop-settings.ts';

const GOP = 12;
/** A cut every 7 or 8 frames, none of them where a keyframe is planned: encoders that follow cuts give themselves away. */
const SOURCE =
  'lavfi:testsrc2=size=192x112:rate=24:duration=3[a];mandelbrot=size=192x112:rate=24[b];' +
  String.raw`[a][b]overlay=enable='gt(mod(n\,15)\,7)':shortest=1,format=yuv420p`;
/** First and last frame of a chunk: three GOPs and a last one of a single frame; for the quicker engine one that lacks a frame besides. */
const CHUNKS: Readonly<Record<string, readonly (readonly [first: number, last: number])[]>> = {
  bundled: [
    [5, 41],
    [5, 39],
  ],
  ffmpeg: [[5, 41]],
};
/** Of those that we know; libaom and rav1e are not in the bundled engine. */
const ENCODERS: Readonly<Record<string, readonly string[]>> = {
  bundled: ['libx264', 'libx265', 'libvpx-vp9', 'libsvtav1'],
  ffmpeg: GOP_ENCODERS,
};
/** The quickest way of each. */
const QUICK: Readonly<Record<string, Settings>> = {
  libx264: { preset: 'veryfast', crf: 30, maxrate: '400k', bufsize: '400k' },
  libx265: { preset: 'ultrafast', crf: 34, maxrate: '400k', bufsize: '400k' },
  'libvpx-vp9': { deadline: 'good', 'cpu-used': 5, crf: 45, bitrate: 300_000 },
  libsvtav1: { preset: 10, crf: 50 },
  'libaom-av1': { 'cpu-used': 8, crf: 50 },
  librav1e: { speed: 10, qp: 160 },
};
const folder = mkdtempSync(join(tmpdir(), 'gop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let source: SourceInfo;
const encoders = new Map<string, EncoderInfo[]>();
const has = async (engine: string) => {
  const found = await engineOf(engine).discover({ only: GOP_ENCODERS, cacheFolder: folder });
  encoders.set(engine, found);
  return found.filter(({ available }) => available).map(({ name }) => name);
};
const cases = (
  await Promise.all(
    ['bundled', 'ffmpeg'].map(async (engine) => {
      const known = await has(engine).catch((): string[] => []);
      return ENCODERS[engine]!.map((encoder) => ({ engine, encoder, here: known.includes(encoder) }));
    }),
  )
).flat();

beforeAll(async () => {
  source = await inspectSource(SOURCE, { hash: false });
});

/** Keyframes of a chunk's encode, numbered in the chunk, and its frames. */
async function keyframes(engine: string, settings: Settings): Promise<{ keys: number[]; frames: number }> {
  const resolved = resolveEncode({ engine, threads: 1, ...settings }, [], source, encoders.get(engine)!);
  if ('problems' in resolved) throw new Error(JSON.stringify(resolved.problems));
  const keys: number[] = [];
  const running = engineOf(engine).start(
    { parameters: resolved.job, source: SOURCE, output: join(folder, 'out.mkv') },
    {
      frames: ({ key, pts }) => {
        for (const [row, isKey] of key.entries()) if (isKey === 1) keys.push(pts[row]!);
      },
      steps: () => {},
      phase: () => {},
      progress: () => {},
    },
    { cacheFolder: folder },
  );
  await running.ready;
  running.begin();
  const result = await running.result;
  expect(result.reason).toBeNull();
  return { keys: keys.toSorted((a, b) => a - b), frames: result.frames };
}

test.each(cases.filter(({ here }) => here))(
  '$encoder of $engine puts keyframes where the plan has them, whatever the pictures are',
  { timeout: 150_000 },
  async ({ engine, encoder }) => {
    const rung = { encoder, ...QUICK[encoder] };
    const held = withGop(rung, GOP, 'maxrate' in rung);
    if ('setting' in held) throw new Error(held.what);
    for (const [first, last] of CHUNKS[engine]!) {
      const count = last - first + 1;
      const planned = Array.from({ length: Math.ceil(count / GOP) }, (_, index) => GOP * index);
      const found = await keyframes(engine, { ...held.settings, frames: [first, last] });
      expect(found, `frames ${first} to ${last}`).toEqual({ keys: planned, frames: count });
    }
  },
);

test.skip.each(cases.filter(({ here }) => !here))('$encoder of $engine is not to be had here', () => {});

test(
  'x264 left to itself does follow those cuts, so that the pictures prove something',
  { timeout: 150_000 },
  async () => {
    const { keys } = await keyframes('bundled', { encoder: 'libx264', preset: 'veryfast', gop: GOP, frames: [5, 40] });
    expect(keys.some((key) => key % GOP !== 0)).toBe(true);
  },
);
