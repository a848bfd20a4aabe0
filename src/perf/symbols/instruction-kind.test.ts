import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTRUCTION_KINDS } from '#core/profile';
import { runChild } from '#system/child-process';
import type { Image } from '../image.ts';
import { instructionKind } from './instruction-kind.ts';
import { openImages } from './open-images.ts';

const CASES: Readonly<Record<string, readonly string[]>> = {
  scalar: [
    'nop',
    'endbr64',
    'ret',
    'rep movsb',
    'lock incq (%rax)',
    'imulq %rbx, %rax',
    'movl %fs:0x28, %eax',
    'bsfl %eax, %ebx',
    'prefetcht0 (%rax)',
    'movnti %eax, (%rbx)',
    'crc32l %eax, %ebx',
    'cmovneq %r9, %r10',
    'fld1',
    'xaddl %eax, (%rbx)',
    'nopw %cs:0x200(%rax,%rax,1)',
    'andn %rax, %rbx, %rcx',
    'blsr %rax, %rbx',
    'bzhi %rax, %rbx, %rcx',
    'pext %rax, %rbx, %rcx',
    'mulx %rax, %rbx, %rcx',
    'shlx %eax, %ebx, %ecx',
    'bextr %rax, (%rbx), %r12',
    'rorx $7, %r8, %rcx',
    'kmovw %eax, %k1',
    'kmovq (%rax), %k1',
    'kandd %k1, %k2, %k3',
    'kunpckbw %k1, %k2, %k3',
    'kortestb %k1, %k2',
    'kshiftlq $3, %k1, %k2',
  ],
  sse: [
    'movaps %xmm0, %xmm1',
    'movdqu (%rax), %xmm9',
    'addsd %xmm0, %xmm1',
    'paddw %xmm2, %xmm3',
    'paddw %mm2, %mm3',
    'pshufb %xmm0, %xmm1',
    'palignr $4, %xmm0, %xmm1',
    'pmaddwd (%r12), %xmm15',
    'cvtsi2sdq %rax, %xmm0',
    'movntdq %xmm0, (%rax)',
    'cmpltps %xmm0, %xmm1',
    'pextrw $1, %xmm0, %eax',
    'shufps $1, %xmm0, %xmm1',
  ],
  vex: [
    'vpaddw %ymm0, %ymm1, %ymm2',
    'vpmaddwd (%r12), %ymm15, %ymm9',
    'vaddsd %xmm0, %xmm1, %xmm2',
    'vzeroupper',
    'vpermq $1, %ymm0, %ymm1',
    'vmovd %eax, %xmm1',
    'vaesdec %xmm0, %xmm1, %xmm2',
    'vfmadd231sd %xmm0, %xmm1, %xmm2',
    'vpextrw $1, %xmm9, %eax',
    'vcmpps $1, %ymm0, %ymm1, %ymm2',
  ],
  evex: [
    'vpcmpeqb %zmm0, %zmm1, %k1',
    'vpmovm2b %k1, %zmm0',
    'vcvtusi2sd %rax, %xmm0, %xmm1',
    'vpaddw %zmm0, %zmm1, %zmm2',
    'vmovdqu8 (%rax), %zmm17',
    'vpermb %zmm0, %zmm1, %zmm2',
  ],
};
const all = Object.entries(CASES).flatMap(([kind, list]) => list.map((code) => ({ kind, code })));

const canAssemble = process.arch === 'x64' && (await runChild('gcc', ['--version'])).code === 0;
let folder: string;
let image: Image;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-instructions-'));
  if (!canAssemble) return;
  const source = join(folder, 'all.s');
  // Each stands 32 bytes behind the one before it.
  const lines = all.map(({ code }) => `.balign 32, 0x90\n${code}`);
  await writeFile(source, `.text\n.balign 32\n.globl first\nfirst:\n${lines.join('\n')}\n.size first, . - first\n`);
  const library = join(folder, 'all.so');
  expect(await runChild('gcc', ['-shared', '-nostdlib', '-o', library, source])).toMatchObject({ code: 0 });
  image = openImages().file(library, null);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test.skipIf(!canAssemble)('the kind of an instruction is told by its bytes (needs gcc on x86-64)', () => {
  let first = 0;
  while (image.find(first)?.name !== 'first') first += 16;
  const found = all.map(({ code }, i) => ({ kind: INSTRUCTION_KINDS[image.instructionAt(first + 32 * i)], code }));
  expect(found).toEqual(all);
});

test.skipIf(!canAssemble)('where no code is there is no kind (needs gcc on x86-64)', () => {
  expect([image.instructionAt(2 ** 40), image.instructionAt(-5)]).toEqual([0, 0]);
});

test('bytes that are cut off have no kind', () => {
  const unknown = [
    [],
    [0xc5, 0xf8],
    [0xc4, 0xe2, 0x78],
    [0x62, 0xf1, 0x7c, 0x48],
    [0x66],
    [0x66, 0x48],
    [0x0f],
    [0x0f, 0x38],
    Array.from({ length: 20 }, () => 0x66),
  ];
  expect(unknown.map((bytes) => instructionKind(Uint8Array.from(bytes)))).toEqual(unknown.map(() => 0));
});
