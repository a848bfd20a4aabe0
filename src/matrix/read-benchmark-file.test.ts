import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBenchmarkFile } from './read-benchmark-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-benchmark-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a file is read, with sources relative to its folder', async () => {
  const file = join(folder, 'good.yaml');
  await writeFile(file, '\u{feff}source: clip.mp4\r\nmatrix: {bitrate: [1M]}\r\n');
  const benchmark = await readBenchmarkFile(file);
  expect(benchmark).toMatchObject({ name: 'good', file, cells: [{ settings: { source: join(folder, 'clip.mp4') } }] });
});

test.each<[string, string, (path: string) => Promise<unknown>]>([
  ['nothing', 'no such file', async () => undefined],
  ['a clip', 'not text in UTF-8', (path) => writeFile(path, Buffer.from([0, 0, 0, 0x20, 0x66, 0xff, 0xfe]))],
  ['a huge file', 'that is no benchmark', async (path) => writeFile(path, '').then(() => truncate(path, 2 ** 40))],
])('%s is refused', async (title, reason, make) => {
  const path = join(folder, title);
  await make(path);
  await expect(readBenchmarkFile(path)).rejects.toThrow(reason);
});

test('a folder and a device are refused', async () => {
  await expect(readBenchmarkFile(folder)).rejects.toThrow('a folder is no benchmark');
  await expect(readBenchmarkFile('/dev/zero')).rejects.toThrow('a device is no benchmark');
});
