import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import type { Image } from '../image.ts';
import { fileBytes, memoryBytes } from './byte-source.ts';
import { readElf } from './elf-file.ts';
import { ElfImage } from './elf-image.ts';
import { openImages } from './open-images.ts';

/** Each function is 32 bytes long, with 32 bytes that belong to nobody behind it. */
const SOURCE = `
.text
.balign 64
.globl sized
.type sized, @function
sized: .cfi_startproc
  .fill 31, 1, 0x90
  ret
  .cfi_endproc
.size sized, . - sized
.balign 64
.globl label
label:
  .fill 31, 1, 0x90
  ret
.balign 64
.globl unwound
unwound: .cfi_startproc
  .fill 31, 1, 0x90
  ret
  .cfi_endproc
.balign 64
.type inner, @function
inner: .cfi_startproc
  .fill 31, 1, 0x90
  ret
  .cfi_endproc
.size inner, . - inner
.balign 64
.globl calls
.type calls, @function
calls: .cfi_startproc
  call puts@plt
  ret
  .cfi_endproc
.size calls, . - calls
`;

const FUNCTIONS = ['sized', 'label', 'unwound', 'inner', 'calls'];
const canBuild = process.arch === 'x64' && (await runChild('gcc', ['--version'])).code === 0;
let folder: string;
let library: string;
let start: number;

async function run(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runChild(command, args, { cwd: folder });
  expect(code, stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-elf-'));
  library = join(folder, 'made.so');
  if (!canBuild) return;
  await writeFile(join(folder, 'made.s'), SOURCE);
  await run('gcc', '-shared', '-Wl,--build-id', '-o', library, 'made.s');
  start = Number.parseInt(/^([\da-f]+) T sized$/m.exec(await run('nm', library))![1]!, 16);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Of each function: what is found at its first byte, in its middle and behind it. */
function names(image: Image): Record<string, (string | null)[]> {
  return Object.fromEntries(
    FUNCTIONS.map((name, i) => [name, [0, 4, 40].map((at) => image.find(start + 64 * i + at)?.name ?? null)]),
  );
}

const hex = (offset: number): string => `made.so+0x${(start + offset).toString(16)}`;

test.skipIf(!canBuild)(
  'a label without a size has its unwind entry or its own address, never what follows (needs gcc)',
  () => {
    const image = openImages().file(library, null);
    expect(names(image)).toEqual({
      sized: ['sized', 'sized', null],
      label: ['label', null, null],
      unwound: ['unwound', 'unwound', null],
      inner: ['inner', 'inner', null],
      calls: ['calls', 'calls', null],
    });
    expect(image.find(start)).toBe(image.find(start + 31));
    expect(image.find(start)).toEqual({ name: 'sized', source: 'symbols', start, end: start + 32 });
    expect(image.todo).toBeNull();
  },
);

test.skipIf(!canBuild)('a library of 32 bits is read as well (needs gcc)', async () => {
  await writeFile(join(folder, 'narrow.s'), SOURCE.replace('puts@plt', 'inner'));
  await run('as', '--32', '-o', 'narrow.o', 'narrow.s');
  await run('ld', '-m', 'elf_i386', '-shared', '--build-id', '-o', 'narrow.so', 'narrow.o');
  const path = join(folder, 'narrow.so');
  const { buildId } = readElf(memoryBytes(await readFile(path)))!;
  const image = openImages().file(path, `${buildId}`);
  const [, address] = /^([\da-f]+) T sized$/m.exec(await run('nm', path))!;
  const from = Number.parseInt(address!, 16);
  const found = [0, 4, 40, 68, 132, 168, 196].map((at) => image.find(from + at)?.name ?? null);
  expect(found).toEqual(['sized', 'sized', null, null, 'unwound', null, 'inner']);
  expect(image.instructionAt(from)).toBe(0);
});

test.skipIf(!canBuild)('of a stripped library unwind entries bound what has no name any more (needs gcc)', async () => {
  const stripped = join(folder, 'stripped', 'made.so');
  await run('install', '-D', '-s', library, stripped);
  const image = openImages().file(stripped, null);
  expect(names(image)).toMatchObject({
    sized: ['sized', 'sized', null],
    label: ['label', null, null],
    inner: [hex(192), hex(192), null],
  });
  expect(image.find(start + 192)?.source).toBe('unwind');
  expect(image.find(start)?.source).toBe('dynamic');
  expect(image.todo).toContain('made.so is stripped');
});

test.skipIf(!canBuild)(
  'a debug file is found by the link to it and by build id, and only the right one is used (needs gcc)',
  async () => {
    const stripped = join(folder, 'linked.so');
    await run('objcopy', '--only-keep-debug', library, 'made.debug');
    await run('objcopy', '--strip-all', '--add-gnu-debuglink=made.debug', library, stripped);
    const linked = openImages().file(stripped, null);
    expect(linked.find(start + 192)).toMatchObject({ name: 'inner', source: 'debug' });
    expect(linked.todo).toBeNull();

    const { buildId } = readElf(memoryBytes(await readFile(library)))!;
    const debugFolder = join(folder, 'debug');
    await run(
      'install',
      '-D',
      'made.debug',
      join(debugFolder, '.build-id', buildId!.slice(0, 2), `${buildId!.slice(2)}.debug`),
    );
    await run('objcopy', '--strip-all', library, 'alone.so');
    const alone = openImages({ debugFolder }).file(join(folder, 'alone.so'), buildId);
    expect(alone.find(start + 192)?.name).toBe('inner');

    await run('gcc', '-shared', '-Wl,--build-id', '-Wl,-soname,other', '-o', 'other.so', 'made.s');
    await run('objcopy', '--only-keep-debug', 'other.so', 'made.debug');
    expect(
      openImages()
        .file(stripped, null)
        .find(start + 192)?.source,
    ).toBe('unwind');
  },
);

test.skipIf(!canBuild)(
  'a file that was replaced since is not used, unless perf has kept a copy (needs gcc)',
  async () => {
    const recorded = readElf(memoryBytes(await readFile(library)))!.buildId!;
    await run('gcc', '-shared', '-Wl,--build-id', '-Wl,-soname,next', '-o', 'replaced.so', 'made.s');
    const path = join(folder, 'replaced.so');
    const buildIdCache = join(folder, 'cache');
    const image = openImages({ buildIdCache }).file(path, recorded);
    expect([image.library, image.find(start), image.instructionAt(start)]).toEqual(['replaced.so', null, 0]);
    expect(image.todo).toContain(recorded);
    await run(
      'install',
      '-D',
      library,
      join(buildIdCache, '.build-id', recorded.slice(0, 2), recorded.slice(2), 'elf'),
    );
    expect(openImages({ buildIdCache }).file(path, recorded).find(start)?.name).toBe('sized');
  },
);

test.skipIf(!canBuild)('calls into other libraries have the name of what they call (needs gcc)', async () => {
  const disassembly = await run('objdump', '-d', '-j', '.plt', '-j', '.plt.sec', '-j', '.plt.got', library);
  const entries = [...disassembly.matchAll(/^([\da-f]+) <(puts@plt)>:$/gm)];
  expect(entries.length).toBeGreaterThan(0);
  const image = openImages().file(library, null);
  expect(entries.map(([, at]) => image.find(Number.parseInt(at!, 16) + 2)?.name)).toEqual(
    entries.map(([, , name]) => name),
  );
});

test('files that are absent, no regular files or no ELF files are images with a name and a reason', async () => {
  await run('mkfifo', 'pipe');
  await writeFile(join(folder, 'text'), 'no program');
  const images = openImages();
  for (const name of ['absent', 'pipe', 'text', '.']) {
    const image = images.file(join(folder, name), null);
    expect([image.find(4096), image.instructionAt(4096), image.addressOf(77)]).toEqual([null, 0, 77]);
    expect(image.todo).toContain('functions have no names');
    expect(images.file(join(folder, name), null)).toBe(image);
  }
});

test.skipIf(!canBuild)('whatever is wrong in a file, something bounded comes of it (needs gcc)', async () => {
  const whole = await readFile(library);
  const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
  // Most of what matters stands at the head and at the end.
  const place = fc.oneof(
    change,
    change.map(({ at, value }) => ({ at: at % 1024, value })),
    change.map(({ at, value }) => ({ at: whole.length - 1 - (at % 4096), value })),
  );
  fc.assert(
    fc.property(fc.array(place, { maxLength: 30 }), fc.nat(whole.length), fc.boolean(), (changes, length, cut) => {
      const bytes = Buffer.from(cut ? whole.subarray(0, length) : whole);
      for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
      const elf = readElf(memoryBytes(bytes));
      if (elf === null) return;
      const image = new ElfImage({ library: 'made.so', kind: 'user', elf, debug: null });
      for (let at = 0; at < 20; at++) {
        const found = image.find(start + at * 16);
        if (found !== null) expect(found.start <= start + at * 16 && start + at * 16 < found.end).toBe(true);
        image.instructionAt(image.addressOf(at * 512));
      }
    }),
    { numRuns: 150 },
  );
});

test('Node itself, of a hundred megabytes, is read in small pieces', async () => {
  const bytes = fileBytes(process.execPath);
  let read = 0;
  const counted = (offset: number, length: number): Buffer => {
    const found = bytes.read(offset, length);
    read += found.length;
    return found;
  };
  const elf = readElf({ size: bytes.size, read: counted })!;
  const image = new ElfImage({ library: 'node', kind: 'user', elf, debug: null });
  const address = elf.segments.find(({ executable }) => executable)!.address + 2 ** 20;
  for (let i = 0; i < 200; i++) image.find(address + i * 4096);
  expect(read).toBeLessThan(bytes.size / 2);
});

const folderOfLibraries = '/usr/lib/x86_64-linux-gnu';
const installed = ['libc.so.6', 'libstdc++.so.6', 'libx264.so.164', 'libavcodec.so.59']
  .map((name) => join(folderOfLibraries, name))
  .filter((path) => existsSync(path));
const canList = installed.length > 0 && (await runChild('nm', ['--version'])).code === 0;

test.skipIf(!canList)('what installed libraries export is found where they export it (needs nm)', async () => {
  for (const path of installed) {
    const { stdout } = await runChild('nm', ['-D', '-S', '--defined-only', path], { tailBytes: 2 ** 24 });
    const exported = [...stdout.matchAll(/^([\da-f]{16}) ([\da-f]{16}) [TW] /gm)].slice(0, 300);
    expect(exported.length).toBeGreaterThan(20);
    const image = openImages().file(path, null);
    const wrong = exported.filter(([, address, size]) => {
      const from = Number.parseInt(address!, 16);
      const found = image.find(from);
      // Another function may begin inside of it, none ends later.
      return found?.start !== from || found.end > from + Number.parseInt(size!, 16) || found.source === 'unwind';
    });
    expect(wrong).toEqual([]);
  }
});

test('the vdso is read from this process, and has functions where there is one', () => {
  const image = openImages().vdso();
  const names = Array.from({ length: 0x2000 / 16 }, (_, i) => image.find(i * 16)?.name);
  expect(image.library).toBe('[vdso]');
  expect(names.some((name) => /gettime/.test(name ?? ''))).toBe(process.arch === 'x64');
});

test.skipIf(!canBuild)('a file that is replaced while it is read gives no wrong names (needs gcc)', async () => {
  const path = join(folder, 'moving.so');
  await copyFile(library, path);
  const image = openImages().file(path, null);
  const asked = openImages().file(path, null);
  expect(asked.find(start)?.name).toBe('sized');
  await rm(path);
  await writeFile(path, Buffer.alloc(2 ** 16, 'x'));
  expect(asked.find(start)?.name).toBe('sized');
  expect(asked.find(start + 192)?.name).toBe('inner');
  expect(image.find(start + 192)?.name).toBe(`moving.so+0x${(start + 192).toString(16)}`);
});
