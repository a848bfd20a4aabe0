import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FreeMemory } from './free-memory.ts';

const GB = 1e9;
const none = { cpuacct: null, cpu: null, memory: null, unified: null };
let mount: string;
beforeAll(() => {
  mount = mkdtempSync(join(tmpdir(), 'free-memory-'));
  mkdirSync(join(mount, 'a/b'), { recursive: true });
});
afterAll(() => rmSync(mount, { recursive: true }));

function group(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(mount, folder, name), `${text}\n`);
}

test('without a limit it is what the machine has', () => {
  expect(new FreeMemory(null, () => 3 * GB).read()).toBe(3 * GB);
  expect(new FreeMemory().read()).toBeGreaterThan(0);
});

test('in a container files in the page cache are no loss, and the tightest group around counts', () => {
  group('a', { 'memory.max': '8000000000', 'memory.current': '7500000000' });
  group('a', {
    'memory.stat': 'anon 500000000\nfile 7000000000\ninactive_file 6000000000\nactive_file 500000000\nx 1',
  });
  group('a/b', { 'memory.max': 'max', 'memory.current': '1' });
  const free = new FreeMemory({ ...none, unified: { folder: `${mount}/a/b`, mount } }, () => 20 * GB);
  expect(free.read()).toBe(7 * GB);
  group('a', { 'memory.current': '9500000000' });
  expect(free.read()).toBe(5 * GB);
  group('a', { 'memory.current': '99000000000' });
  expect(free.read()).toBe(0);
});

test('version 1 of control groups tells the same by other names', () => {
  const noLimit = '9223372036854771712';
  group('a', { 'memory.limit_in_bytes': '2000000000', 'memory.usage_in_bytes': '1500000000' });
  group('a', { 'memory.stat': 'cache 1\ninactive_file 7\ntotal_inactive_file 900000000\ntotal_active_file 100000000' });
  group('a/b', { 'memory.limit_in_bytes': noLimit, 'memory.usage_in_bytes': '5', 'memory.stat': '' });
  const memory = { folder: `${mount}/a/b`, mount };
  expect(new FreeMemory({ ...none, memory }, () => 20 * GB).read()).toBe(1.5 * GB);
  expect(new FreeMemory({ ...none, memory }, () => GB).read()).toBe(GB);
});
