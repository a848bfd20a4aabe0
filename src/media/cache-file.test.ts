import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeCacheFile } from './cache-file.ts';
import { readEncoderCache, writeEncoderCache } from './encoder-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'cache-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is written with its folder', async () => {
  expect(await writeCacheFile(join(folder, 'new', 'a.json'), '{}')).toBe(true);
  expect(readFileSync(join(folder, 'new', 'a.json'), 'utf8')).toBe('{}');
});

test('what the system refuses is no failure', async () => {
  writeFileSync(join(folder, 'file'), '');
  expect(await writeCacheFile(join(folder, 'file', 'a.json'), '{}')).toBe(false);
  mkdirSync(join(folder, 'taken.json'));
  expect(await writeCacheFile(join(folder, 'taken.json'), '{}')).toBe(false);
});

test('what is a bug of ours is thrown', async () => {
  await expect(writeCacheFile(join(folder, 'b.json'), 7 as unknown as string)).rejects.toThrow(TypeError);
});

test('encoders are found out again where they can neither be kept nor read', async () => {
  writeFileSync(join(folder, 'no-folder'), '');
  await writeEncoderCache(join(folder, 'no-folder'), 'key', []);
  expect((await readEncoderCache(join(folder, 'no-folder'), 'key')).size).toBe(0);
});
