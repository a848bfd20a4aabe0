import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('parents are made too, and a folder that is there is fine', async () => {
  const path = join(folder, 'a/b/c');
  await makeFolder(path);
  await makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test('what is in the way is an error, and a place where nothing can be made does not hang', async () => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow(/EEXIST/);
  await expect(makeFolder(join(folder, 'file/x'))).rejects.toThrow(/ENOTDIR/);
  await expect(makeFolder(join(folder, 'link/x'))).rejects.toThrow(/ENOENT|EEXIST/);
  await expect(makeFolder('/proc/nothing/x')).rejects.toThrow(/ENOENT/);
});
