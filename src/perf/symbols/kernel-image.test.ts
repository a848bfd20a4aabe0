import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kernelImage } from './kernel-image.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-kallsyms-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function imageOf(...lines: string[]): Promise<ReturnType<typeof kernelImage>> {
  const path = join(folder, 'kallsyms');
  await writeFile(path, `${lines.join('\n')}\n`);
  return kernelImage(path);
}

test('a function of the kernel ends where the next begins, and its address is exact', async () => {
  const image = await imageOf(
    'ffffffff81000000 T _text',
    'ffffffff81000000 T startup_64',
    'ffffffff81000040 t do_work',
    'ffffffff81000050 D some_data',
    'ffffffffc0200000 t probe\t[e1000]',
  );
  expect(image.find(-0x7f000000)).toEqual({
    name: 'startup_64',
    source: 'symbols',
    start: -0x7f000000,
    end: -0x7effffc0,
  });
  expect(image.find(-0x7effffc0 + 3)?.name).toBe('do_work');
  expect(image.find(-0x7effffc0 + 3)).toBe(image.find(-0x7effffc0 + 4));
  expect(image.find(-0x3fe00000)?.name).toBe('probe [e1000]');
  expect(image.find(-0x7f000001)).toBeNull();
  // Nothing tells where the last one ends: not half of all addresses are its.
  expect(image.find(-0x3fe00000 + 2 ** 20)).toBeNull();
  expect(image.todo).toBeNull();
});

test('a kernel that hides its addresses is one without functions, with the line that would allow them', async () => {
  const image = await imageOf('0000000000000000 T _text', '0000000000000000 t do_work');
  expect(image.find(-0x7f000000)).toBeNull();
  expect(image.todo).toContain('kernel.kptr_restrict=0');
});

test('lines that are no symbols do no harm', async () => {
  const image = await imageOf(
    '',
    'zzz T a',
    'ffffffff81000000',
    'ffffffff81000000 T',
    'ffffffff81000010 T b',
    ' T T T',
  );
  expect(image.find(-0x7efffff0)?.name).toBe('b');
  expect(kernelImage(join(folder, 'absent')).todo).toContain('absent');
});

const listed = readFileSync('/proc/kallsyms', 'latin1');
const schedule = /^([\da-f]*[1-9a-f][\da-f]*) T schedule$/m.exec(listed)?.[1];

test.skipIf(schedule === undefined)('the running kernel tells its functions (skipped where it hides them)', () => {
  const address = Number(BigInt.asIntN(64, BigInt(`0x${schedule}`)));
  expect(kernelImage().find(address + 1)).toMatchObject({ name: 'schedule', start: address });
});
