// The script that builds encoders for profiles: its command line, and what it does to assembly. A whole build takes minutes: it is
// described in docs/profiling-encoders.md, with what came of it.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openImages } from '#perf/symbols/open-images';
import { runChild } from '#system/child-process';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts');
const canBuild = (await runChild('gcc', ['--version'])).code === 0;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-profiling-encoders-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('an encoder that is not known, and an option without a value, are told', async () => {
  const script = join(SCRIPTS, 'profiling-encoders');
  expect(await runChild(script, ['x265'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('x265 is not known'),
  });
  expect(await runChild(script, ['--into'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('needs a value'),
  });
  expect(await runChild(script, ['--jobs', '0'])).toMatchObject({ code: 2 });
  expect(await runChild(script, ['--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--into FOLDER'),
  });
});

test('tools that a build needs and that are missing are named with the line that installs them', async () => {
  const tools = join(folder, 'tools');
  await mkdir(tools);
  for (const tool of ['bash', 'dirname', 'nproc', 'tr', 'sort', 'xargs', 'echo']) {
    await symlink((await runChild('which', [tool])).stdout.trim(), join(tools, tool));
  }
  for (const tool of ['apt-get', 'dpkg-source', 'ffmpeg', 'readelf', 'node', 'gcc', 'make']) {
    await symlink('/bin/true', join(tools, tool));
  }
  const child = await runChild(join(tools, 'bash'), [join(SCRIPTS, 'profiling-encoders'), 'x264'], {
    env: { PATH: tools, HOME: folder },
  });
  expect(child).toMatchObject({ code: 1, stderr: expect.stringContaining('sudo apt-get install nasm') });
});

test.skipIf(!canBuild)(
  'functions in assembly get the size up to the next one, and inner labels none (needs gcc)',
  async () => {
    const source = ['first:', '.fill 20', 'first.loop:', '.fill 12', 'second:', '.fill 16', 'third:', '.fill 8'];
    await writeFile(join(folder, 'made.s'), `.text\n.globl first\n${source.join('\n')}\n`);
    const library = join(folder, 'made.so');
    await runChild('gcc', ['-shared', '-nostdlib', '-o', library, join(folder, 'made.s')]);
    const before = openImages().file(library, null);
    const start = before.addressOf(0x1000);
    expect([before.find(start)?.name, before.find(start + 1)]).toEqual(['first', null]);

    const { code } = await runChild(process.execPath, [join(SCRIPTS, 'size-assembly-functions.mjs'), library]);
    expect(code).toBe(0);
    const after = openImages().file(library, null);
    const names = [0, 25, 31, 32, 47, 48, 55, 56].map((at) => after.find(start + at)?.name ?? null);
    expect(names).toEqual(['first', 'first', 'first', 'second', 'second', 'third', 'third', null]);
  },
);

test('a file that is no library is left alone', async () => {
  const path = join(folder, 'text');
  await writeFile(path, 'no library');
  const child = await runChild(process.execPath, [join(SCRIPTS, 'size-assembly-functions.mjs'), path]);
  expect(child).toMatchObject({ code: 1, stderr: expect.stringContaining('not an ELF file') });
});
