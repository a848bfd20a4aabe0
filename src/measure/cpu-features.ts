// Which vector instructions this CPU has, in the groups that builds of encoders choose between: for `doctor`.

import type { Check } from '#core/check';
import type { VectorLevel } from '#core/vector-level';
import { parseCpuinfo } from './environment.ts';
import { textOf } from './own-cgroup.ts';

/** By the flags of /proc/cpuinfo (the kernel's arch/x86/include/asm/cpufeatures.h; arch/arm64/kernel/cpuinfo.c): those that are all needed. */
const X86_GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['SSE4.2', ['sse4_2']],
  ['AVX', ['avx']],
  ['AVX2', ['avx2']],
  ['FMA', ['fma']],
  ['BMI2', ['bmi2']],
  ['AVX-512 F/BW/DQ/VL/CD', ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512cd']],
  ['AVX-512 VBMI', ['avx512vbmi']],
  ['AVX-512 VBMI2', ['avx512_vbmi2']],
  ['AVX-512 VNNI', ['avx512_vnni']],
  ['AVX-VNNI', ['avx_vnni']],
  ['GFNI', ['gfni']],
];
const ARM_GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['NEON', ['asimd']],
  ['DotProd', ['asimddp']],
  ['I8MM', ['i8mm']],
  ['SVE', ['sve']],
  ['SVE2', ['sve2']],
];

/** What encoders call the level of a CPU that has all of these. */
const X86_LEVEL_FLAGS: readonly (readonly [VectorLevel, readonly string[]])[] = [
  ['avx512', ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512cd']],
  ['avx2', ['avx2']],
  ['avx', ['avx']],
  ['sse4', ['sse4_1', 'sse4_2']],
  ['ssse3', ['ssse3']],
  ['sse2', ['sse2']],
];
const ARM_LEVEL_FLAGS: readonly (readonly [VectorLevel, readonly string[]])[] = [
  ['sve2', ['sve2']],
  ['sve', ['sve']],
  ['i8mm', ['i8mm']],
  ['dotprod', ['asimddp']],
  ['neon', ['asimd']],
];

/** Features of this machine's CPU; empty where /proc/cpuinfo does not tell. */
export function ownCpuFeatures(proc = '/proc'): readonly string[] {
  return parseCpuinfo(textOf(`${proc}/cpuinfo`) ?? '').features;
}

/** The widest level that a CPU with these features has; null where they tell nothing. */
export function vectorLevelOf(features: readonly string[]): VectorLevel | null {
  const has = (flags: readonly string[]) => flags.every((flag) => features.includes(flag));
  return [...X86_LEVEL_FLAGS, ...ARM_LEVEL_FLAGS].find(([, flags]) => has(flags))?.[0] ?? null;
}

/** What there is and what there is not, in one line. */
export function cpuFeatureCheck(features: readonly string[]): Check {
  const name = 'CPU features';
  if (features.length === 0) return { name, ok: null, detail: 'not known: /proc/cpuinfo does not tell' };
  const groups = features.includes('sse2') ? X86_GROUPS : ARM_GROUPS;
  const has = (flags: readonly string[]) => flags.every((flag) => features.includes(flag));
  const there = groups.filter(([, flags]) => has(flags)).map(([group]) => group);
  const missing = groups.filter(([, flags]) => !has(flags)).map(([group]) => group);
  const detail = `${there.join(', ') || 'no vector instructions that encoders use'}${missing.length === 0 ? '' : `; not ${missing.join(', ')}`}`;
  const isWide = features.includes('avx2') || features.includes('asimd');
  if (isWide) return { name, ok: true, detail };
  return {
    name,
    ok: null,
    detail,
    todo: 'encoders are several times slower without AVX2 or NEON: on a virtual machine ask for the CPU model of its host',
  };
}
