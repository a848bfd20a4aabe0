// A few cells in which every value of every setting stands at least once: a trial of each costs a sum, not a product.

import type { Settings } from '#core/settings';

export interface Candidate {
  /** Values count for each group apart: the same `preset: 8` means something else to another encoder. */
  readonly group: string;
  readonly settings: Settings;
}

/** Positions of the chosen candidates, ascending: each brings a value that none before it has. */
export function coverValues(candidates: readonly Candidate[]): number[] {
  const seen = new Set<string>();
  const chosen: number[] = [];
  for (const [index, { group, settings }] of candidates.entries()) {
    let fresh = false;
    for (const name in settings) {
      const key = `${group}\0${name}\0${JSON.stringify(settings[name])}`;
      if (seen.has(key)) continue;
      seen.add(key);
      fresh = true;
    }
    if (fresh) chosen.push(index);
  }
  return chosen;
}
