// Which settings some cells share against others: how a sentence says of which cells it speaks.

import type { Factor, Study } from './study.ts';
import * as words from './wording.ts';

/** Levels that a sentence can name. */
const MOST_NAMED = 3;

export interface Shared {
  /** `with codec=vp9 or codec=av1`; `in 3 of its 8 cells` where no setting tells them apart; empty where they are all. */
  readonly text: string;
  /** The setting that tells them apart from the others. */
  readonly factor: Factor | null;
}

/** What tells `some` cells apart from the rest of `all`. */
export function sharedSetting(study: Study, some: readonly number[], all: readonly number[]): Shared {
  const rest = all.filter((cell) => !some.includes(cell));
  if (rest.length === 0) return { text: '', factor: null };
  const candidates = study.factors
    .filter(({ codes }) => {
      const others = new Set(rest.map((cell) => codes[cell]!));
      return some.every((cell) => !others.has(codes[cell]!));
    })
    .map((factor) => ({
      factor,
      levels: [...new Set(some.map((cell) => factor.codes[cell]!))].toSorted((a, b) => a - b),
    }))
    .filter(({ levels }) => levels.length <= MOST_NAMED)
    .toSorted((a, b) => a.factor.levels.length - b.factor.levels.length);
  const best = candidates[0];
  if (best === undefined) return { text: `in ${some.length} of its ${all.length} cells`, factor: null };
  const named = best.levels.map((level) => words.levelText(study, best.factor, level));
  return { text: `with ${named.join(' or ')}`, factor: best.factor };
}
