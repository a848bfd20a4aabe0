// Cells that differ in one setting only: what is compared where all else is held fixed.

import type { Factor, Study } from './study.ts';

/** Of each cell a number that it shares with the cells that differ from it in this setting only. */
export function blocksWithout(
  { factors, cellCount }: Study,
  factor: Factor,
): { readonly of: Int32Array; readonly count: number } {
  const others = factors.filter((other) => other !== factor);
  const known = new Map<string, number>();
  const of = new Int32Array(cellCount);
  for (let cell = 0; cell < cellCount; cell++) {
    const key = others.map(({ codes }) => codes[cell]!).join();
    let block = known.get(key);
    if (block === undefined) known.set(key, (block = known.size));
    of[cell] = block;
  }
  return { of, count: known.size };
}
