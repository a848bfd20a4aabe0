import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '#system/child-process';
import { expect, test } from 'vitest';
import { processStartTicks } from './process-identity.ts';

test('a process keeps the time of its start, and a later one has a later time', async () => {
  const mine = processStartTicks(process.pid);
  const child = startChild('sleep', ['5']);
  const its = processStartTicks(child.pid!);
  child.kill();
  await child.result;
  expect(mine).toBeGreaterThan(0);
  expect(its).toBeGreaterThanOrEqual(mine!);
  expect(processStartTicks(process.pid)).toBe(mine);
  expect(processStartTicks(child.pid!)).toBeNull();
});

test('a program whose name looks like fields is no trap', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-'));
  const program = join(folder, ') 1 (2) R 3');
  copyFileSync('/bin/sleep', program);
  const child = startChild(program, ['5']);
  // setpriv becomes the program a moment later.
  await expect.poll(() => processStartTicks(child.pid!)).toBeGreaterThanOrEqual(processStartTicks(process.pid)!);
  child.kill();
  await child.result;
  rmSync(folder, { recursive: true });
});

test('a number that no process has gives null', () => {
  expect(processStartTicks(2 ** 30)).toBeNull();
});
