import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import { openImages } from './open-images.ts';
import { noMapTodo, perfMapImage } from './perf-map-image.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-perf-map-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('what was told later is there now, and marks of the compiler are words', async () => {
  await writeFile(
    join(folder, 'perf-7.map'),
    [
      '1000 100 JS:~encode file.js:3:1',
      "1040 20 JS:*'encode file.js:3:1",
      '2000 10 Builtin:ArrayMap',
      'no line',
      '3000 8 _ZN3foo3barEv',
      '4000 8 LazyCompile:^ /a.js:1',
      '5000 ffffffffffffffffff cut',
      '',
    ].join('\n'),
  );
  const image = openImages({ mapFolder: folder }).perfMap(7);
  const names = [0x103f, 0x1040, 0x105f, 0x1060, 0x2001, 0x3000, 0x4001].map((address) => image.find(address)?.name);
  expect(names).toEqual([
    'encode file.js:3:1 [interpreted]',
    'encode file.js:3:1 [optimised]',
    'encode file.js:3:1 [optimised]',
    'encode file.js:3:1 [interpreted]',
    'Builtin:ArrayMap',
    'foo::bar',
    '(anonymous) /a.js:1 [baseline]',
  ]);
  expect([image.find(0x1100), image.find(0x5000), image.addressOf(5), image.todo]).toEqual([null, null, 5, null]);
});

test('without a map there is a sentence of how to get one', () => {
  const image = perfMapImage(8, folder);
  expect(image.find(0x1000)).toBeNull();
  expect(image.todo).toMatch(/^Process 8 .* left no perf-8\.map: .*--perf-basic-prof/);
  expect(image.process).toBe(8);
  expect(noMapTodo([8, 9])).toMatch(/^Processes 8 and 9 ran /);
  expect(noMapTodo([8, 9, 10])).toMatch(/^Processes 8 and 2 others ran /);
});

test('Node writes a map that can be read', async () => {
  const script = 'function hot(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.sin(i); return s; } hot(3e6);';
  const options = ['--perf-basic-prof', `--perf-basic-prof-path=${folder}`];
  const { code } = await runChild(process.execPath, [...options, '-e', script]);
  expect(code).toBe(0);
  const [file] = (await readdir(folder)).filter((name) => /^perf-\d\d+\.map$/.test(name));
  const line = (await readFile(join(folder, file!), 'utf8')).split('\n').find((text) => /:\*'?hot/.test(text))!;
  const image = perfMapImage(Number.parseInt(file!.slice('perf-'.length), 10), folder);
  expect(image.find(Number.parseInt(line, 16))?.name).toMatch(/^hot .*\[optimised\]$/);
});
