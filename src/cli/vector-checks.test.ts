import { expect, test } from 'vitest';
import { vectorUseCheck } from './vector-checks.ts';

test('AVX-512 that a switch turns on is told apart from a build that lacks it', () => {
  const check = vectorUseCheck(
    'ffmpeg',
    [
      { encoder: 'libx264', level: 'avx512' },
      { encoder: 'libx265', level: 'avx2', switchedOnBy: 'asm=avx512 in x265-params' },
      { encoder: 'libsvtav1', level: 'avx2', switchedOnBy: null },
    ],
    'avx512',
  );
  expect(check.ok).toBeNull();
  const todo = check.todo!.split('; ');
  expect(todo).toEqual([
    expect.stringMatching(/^libx265: asm=avx512 in x265-params switches AVX-512 on/),
    expect.stringMatching(/^libsvtav1: .* this build lacks it: another build/),
  ]);
});

test('a build without its assembly is told to be slow, and one that uses all has nothing to do', () => {
  const narrow = vectorUseCheck('ffmpeg', [{ encoder: 'libx265', level: 'none', switchedOnBy: null }], 'avx512');
  expect(narrow).toMatchObject({ ok: false, todo: expect.stringMatching(/^libx265: a build with its assembly/) });
  expect(narrow.todo).not.toContain('lacks it');
  for (const level of ['avx2', 'avx512'] as const) {
    const all = vectorUseCheck('ffmpeg', [{ encoder: 'libx265', level }], level);
    expect(all).toMatchObject({ ok: true });
    expect(all.todo).toBeUndefined();
  }
});
