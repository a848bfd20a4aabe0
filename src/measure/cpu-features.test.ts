import { expect, test } from 'vitest';
import { cpuFeatureCheck, ownCpuFeatures, vectorLevelOf } from './cpu-features.ts';
import { fakeHost } from '../../test/measure/fake-host.ts';

test('features are grouped, and what is missing is told', () => {
  const check = cpuFeatureCheck(['sse2', 'ssse3', 'sse4_1', 'sse4_2', 'avx', 'avx2', 'fma', 'bmi2', 'avx_vnni']);
  expect(check).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^SSE4.2, AVX, AVX2, FMA, BMI2, AVX-VNNI; not AVX-512/),
  });
  expect(cpuFeatureCheck(['asimd', 'asimddp'])).toMatchObject({
    ok: true,
    detail: 'NEON, DotProd; not I8MM, SVE, SVE2',
  });
  expect(cpuFeatureCheck(['sse2', 'ssse3'])).toMatchObject({ ok: null, todo: expect.stringContaining('CPU model') });
  expect(cpuFeatureCheck([])).toMatchObject({ ok: null, detail: expect.stringContaining('not known') });
});

test('the level is the widest whose features are all there', () => {
  const all512 = ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512cd'];
  expect(vectorLevelOf(['sse2', 'avx', 'avx2', ...all512])).toBe('avx512');
  expect(vectorLevelOf(['sse2', 'avx', 'avx2', 'avx512f'])).toBe('avx2');
  expect(vectorLevelOf(['sse2'])).toBe('sse2');
  expect(vectorLevelOf(['asimd', 'sve', 'sve2'])).toBe('sve2');
  expect(vectorLevelOf([])).toBeNull();
});

test('they are read from /proc/cpuinfo, and absent where it does not tell', () => {
  const host = fakeHost();
  expect(ownCpuFeatures(host.place.proc)).toEqual([]);
  host.write('proc/cpuinfo', 'processor\t: 0\nflags\t\t: fpu sse2 avx avx2 vmx\n');
  expect(ownCpuFeatures(host.place.proc)).toEqual(['sse2', 'avx', 'avx2']);
  host.remove();
});
