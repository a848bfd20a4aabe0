import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import { fileIdentity, inspectSourceOnce } from './inspect-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'inspect-cache-'));
const clip = join(folder, 'clip.mkv');
const cache = join(folder, 'cache');
const make = (seconds: number, path: string) =>
  runChild('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=64x64:rate=10:duration=${seconds}`,
    path,
  ]);

beforeAll(() => make(1, clip));
afterAll(() => rmSync(folder, { recursive: true }));

test('the same file is told from memory, under the name by which it is asked for', async () => {
  const first = await inspectSourceOnce(clip, cache);
  expect(first.video.frames).toBe(10);
  const [file] = readdirSync(cache);
  // A mark that only the file in the cache can have.
  const path = join(cache, file!);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"frames":10', '"frames":11'));
  expect((await inspectSourceOnce(clip, cache)).video.frames).toBe(11);
});

test('a file that was changed, or replaced by one of the same size, is read again', async () => {
  await make(2, clip);
  expect((await inspectSourceOnce(clip, cache)).video.frames).toBe(20);
  const other = join(folder, 'other.mkv');
  copyFileSync(clip, other);
  renameSync(other, clip);
  const again = await inspectSourceOnce(clip, cache);
  expect(again.video.frames).toBe(20);
});

test('a damaged memory is made anew', async () => {
  for (const file of readdirSync(cache)) writeFileSync(join(cache, file), '{"version":1,');
  expect((await inspectSourceOnce(clip, cache)).video.frames).toBe(20);
});

test('where nothing can be kept the source is told all the same', async () => {
  const inTheWay = join(folder, 'file');
  writeFileSync(inTheWay, '');
  expect((await inspectSourceOnce(clip, join(inTheWay, 'cache'))).video.frames).toBe(20);
});

test('a file is another one when its content is written again, and none when it is gone', async () => {
  const path = join(folder, 'identity');
  writeFileSync(path, 'a');
  const before = await fileIdentity(path);
  expect(await fileIdentity(path)).toBe(before);
  writeFileSync(path, 'b');
  expect(await fileIdentity(path)).not.toBe(before);
  rmSync(path);
  expect(await fileIdentity(path)).toBeNull();
});
