import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChild } from './child-process.ts';
import { fileLockHolders } from './file-locks.ts';
import { isStopped } from './process-identity.ts';

const HOLDER = `
  import { DatabaseSync } from 'node:sqlite';
  const database = new DatabaseSync(process.argv[1]);
  database.exec('BEGIN IMMEDIATE');
  console.log('holds');
  setInterval(() => {}, 1000);`;

test('who holds a file is told with whether it is stopped, nobody else is, and nobody where there is no such file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-locks-'));
  const path = join(folder, 'one.sqlite');
  const other = join(folder, 'other.sqlite');
  for (const file of [path, other]) new DatabaseSync(file).exec('CREATE TABLE t (a)');
  let told = '';
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', HOLDER, path];
  const child = startChild(process.execPath, args, { onStdout: (chunk) => (told += chunk.toString()) });
  await expect.poll(() => told, { timeout: 30_000 }).toContain('holds');
  const pid = child.pid!;
  expect(fileLockHolders([other, join(folder, 'none'), path])).toEqual([{ pid, isStopped: false }]);
  expect(fileLockHolders([other, join(folder, 'none')])).toEqual([]);
  process.kill(pid, 'SIGSTOP');
  await expect.poll(() => isStopped(pid)).toBe(true);
  expect(fileLockHolders([path])).toEqual([{ pid, isStopped: true }]);
  child.kill();
  await child.result;
  expect(fileLockHolders([path])).toEqual([]);
  rmSync(folder, { recursive: true });
});
