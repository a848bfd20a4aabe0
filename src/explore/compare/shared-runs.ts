// Runs that stand on both sides of a comparison: measured once, they can show no change.

import type { CellMatch, CellPair } from './match-cells.ts';

export interface SharedRuns {
  /** Runs of the pairs that are on both sides. */
  readonly shared: number;
  /** Runs of the pairs, each once. */
  readonly all: number;
  /** A baseline names no runs: whether every value is the other side's to the last digit, as where nothing was measured since. */
  readonly isEqual: boolean;
}

/** Benchmarks take runs over from each other where cells are the same. */
export function sharedRuns({ pairs }: CellMatch): SharedRuns {
  const a = new Set(pairs.flatMap((pair) => pair.a.runs));
  const b = new Set(pairs.flatMap((pair) => pair.b.runs));
  const shared = [...a].filter((run) => b.has(run)).length;
  const isEqual = pairs.length > 0 && (a.size === 0 || b.size === 0) && pairs.every(hasEqualValues);
  return { shared, all: a.size + b.size - shared, isEqual };
}

function hasEqualValues({ a, b }: CellPair): boolean {
  const names = Object.keys(a.values);
  if (names.length === 0 || names.length !== Object.keys(b.values).length) return false;
  return names.every((name) => {
    const [one, other] = [a.values[name]!, b.values[name]];
    return one.length === other?.length && one.every((value, i) => value === other[i]);
  });
}
