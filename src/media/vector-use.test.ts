import { expect, test } from 'vitest';
import { loggedLevel } from './vector-use.ts';

test('the level stands in the log of each encoder that tells it', () => {
  const cpu = (list: string) => loggedLevel(`[libx264 @ 0xd15a580] using cpu capabilities: ${list}\nprofile High`);
  expect(cpu('MMX2 SSE2Fast SSSE3 SSE4.2 AVX FMA3 BMI2 AVX2')).toBe('avx2');
  expect(cpu('MMX2 SSE2Fast SSSE3 SSE4.2 AVX FMA3 BMI2 AVX2 AVX512')).toBe('avx512');
  expect(cpu('MMX2 SSE2Fast SSSE3 SSE4.2 AVX')).toBe('avx');
  expect(cpu('MMX2 SSE2Fast SSSE3')).toBe('ssse3');
  expect(cpu('none!')).toBe('none');
  expect(cpu('ARMv8 NEON DotProd')).toBe('dotprod');
  const svt = (level: string) =>
    loggedLevel(`Svt[info]: [asm level on system : up to avx512]\nSvt[info]: [asm level selected : up to ${level}]`);
  expect(svt('avx2')).toBe('avx2');
  expect(svt('c')).toBe('none');
  expect(loggedLevel('[libvpx-vp9 @ 0x124b16c0] v1.15.2')).toBeNull();
});
