import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChild } from './child-process.ts';
import { isSameProcess, ownIdentity, processStartTicks } from './process-identity.ts';

test('this process is itself, and not one of another start time', () => {
  const { pid, startTicks } = ownIdentity();
  expect(isSameProcess(pid, startTicks)).toBe(true);
  expect(isSameProcess(pid, startTicks - 1)).toBe(false);
});

test('a name with spaces and parentheses does not shift the fields', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-'));
  const program = join(folder, 'a) R (b c');
  copyFileSync('/bin/sleep', program);
  const child = startChild(program, ['20']);
  await expect.poll(() => processStartTicks(child.pid!) ?? 0).toBeGreaterThanOrEqual(ownIdentity().startTicks);
  child.kill();
  await child.result;
  expect(processStartTicks(child.pid!)).toBeNull();
  rmSync(folder, { recursive: true });
});

test('a pid that nobody has is gone', () => {
  expect(processStartTicks(2 ** 30)).toBeNull();
  expect(isSameProcess(2 ** 30, 1)).toBe(false);
});
