// Levels of vector instructions that encoders choose between, the narrowest first. Each family of CPUs has its own.

export const X86_LEVELS = ['none', 'sse2', 'ssse3', 'sse4', 'avx', 'avx2', 'avx512'] as const;
export const ARM_LEVELS = ['none', 'neon', 'dotprod', 'i8mm', 'sve', 'sve2'] as const;
export type VectorLevel = (typeof X86_LEVELS)[number] | (typeof ARM_LEVELS)[number];

/** Below zero where `a` is the narrower one; NaN where they can't be compared. */
export function compareLevels(a: VectorLevel, b: VectorLevel): number {
  for (const levels of [X86_LEVELS, ARM_LEVELS] as readonly (readonly VectorLevel[])[]) {
    if (levels.includes(a) && levels.includes(b)) return levels.indexOf(a) - levels.indexOf(b);
  }
  return NaN;
}
