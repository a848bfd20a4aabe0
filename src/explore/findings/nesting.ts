// Settings within others: presets of which each codec has its own, and options that only one codec has.

import type { Factor } from './study.ts';

/** True where a level of `one` always goes with the same level of `other`: x264's presets decide the codec. */
export function decides(one: Pick<Factor, 'codes' | 'levels'>, other: Pick<Factor, 'codes'>): boolean {
  const seen = new Int32Array(one.levels.length).fill(-1);
  for (let cell = 0; cell < one.codes.length; cell++) {
    const level = one.codes[cell]!;
    if (seen[level] === -1) seen[level] = other.codes[cell]!;
    else if (seen[level] !== other.codes[cell]) return false;
  }
  return true;
}

/**
 * Options that another setting decides whether they are set at all (cpu-used of vp9 alone) are put inside it: that others lack them is that setting's doing, and
 * no value of theirs. An option of which its owner decides the value as well is no choice of its own, and left out.
 */
export function nestOptions(factors: readonly Factor[]): Factor[] {
  return factors.flatMap((option) => {
    const owners = factors.filter((other) => owns(other, option)).toSorted((a, b) => a.levels.length - b.levels.length);
    const [owner] = owners;
    if (owner === undefined) return [option];
    return owners.some((other) => decides(other, option)) ? [] : [{ ...option, inside: owner.name }];
  });
}

/** Of two that decide that of each other, none is the owner. */
function owns(owner: Factor, option: Factor): boolean {
  return (
    owner !== option &&
    owner.origin === 'setting' &&
    option.levels.includes(null) &&
    decides(owner, presence(option)) &&
    !(owner.levels.includes(null) && decides(option, presence(owner)))
  );
}

/** Where a setting is set: 1, else 0. */
function presence({ levels, codes }: Factor): Pick<Factor, 'codes'> {
  return { codes: codes.map((code) => (levels[code] === null ? 0 : 1)) };
}

/** Positions of the levels that are choices: without its absence, where another setting decides that. */
export function choicesOf({ levels, inside }: Factor): number[] {
  return [...levels.keys()].filter((level) => inside === null || levels[level] !== null);
}
