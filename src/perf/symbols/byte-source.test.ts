import { mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { fileBytes } from './byte-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-bytes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = 100;
const paths = Array.from({ length: FILES }, (_, i) => {
  const path = join(folder, `file-${i}`);
  writeFileSync(path, `this is file ${i}`);
  return path;
});

/** Files of the folder that this process holds open. */
function heldOpen(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // the one that listed the folder
    }
  });
}

test('of many files a few are held open, and none once the work at hand is done', async () => {
  const sources = paths.map((path) => fileBytes(path));
  for (const [i, source] of sources.entries()) expect(source.read(8, 100).toString()).toBe(`file ${i}`);
  for (const [i, source] of sources.entries()) expect(source.read(13, 9).toString()).toBe(`${i}`);
  expect(heldOpen().length).toBeGreaterThan(0);
  expect(heldOpen().length).toBeLessThan(FILES / 2);
  await setImmediate();
  expect(heldOpen()).toEqual([]);
  expect(sources[7]!.read(0, 4).toString()).toBe('this');
});

test('a path that leads to another file by now has no bytes any more', async () => {
  const path = join(folder, 'changing');
  writeFileSync(path, 'before');
  const source = fileBytes(path);
  expect(source.read(0, 6).toString()).toBe('before');
  await setImmediate();
  writeFileSync(`${path}-other`, 'behind');
  renameSync(`${path}-other`, path);
  expect(source.read(0, 6).length).toBe(0);
});
