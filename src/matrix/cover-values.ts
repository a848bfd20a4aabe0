// A few cells in which every value of every setting is stood for: a trial of each costs a sum, not a product.

import type { Settings, SettingValue } from '#core/settings';

export interface Candidate {
  /** Values count for each group apart: the same `preset: 8` means something else to another encoder. */
  readonly group: string;
  readonly settings: Settings;
}

/**
 * Positions of the chosen candidates, ascending. Every word that some setting has stands in one of them, and of its numbers
 * the smallest and the largest: what lies between two values that work is taken to work.
 */
export function coverValues(candidates: readonly Candidate[]): number[] {
  /** By group, setting and value: the first candidate that has it. */
  const firsts = new Map<string, Map<string, Map<SettingValue, number>>>();
  for (const [index, { group, settings }] of candidates.entries()) {
    const ofGroup = entryOf(firsts, group);
    for (const name in settings) {
      const ofName = entryOf(ofGroup, name);
      if (!ofName.has(settings[name]!)) ofName.set(settings[name]!, index);
    }
  }
  const chosen = new Set<number>();
  for (const ofGroup of firsts.values())
    for (const ofName of ofGroup.values())
      for (const value of standFor([...ofName.keys()])) chosen.add(ofName.get(value)!);
  return [...chosen].toSorted((a, b) => a - b);
}

function entryOf<K, V>(map: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<K, V>();
  map.set(key, made);
  return made;
}

function standFor(values: readonly SettingValue[]): SettingValue[] {
  const numbers = values
    .filter((value) => !Number.isNaN(numberOf(value)))
    .toSorted((a, b) => numberOf(a) - numberOf(b));
  const others = values.filter((value) => Number.isNaN(numberOf(value)));
  return numbers.length > 2 ? [numbers[0]!, numbers.at(-1)!, ...others] : [...numbers, ...others];
}

const MULTIPLES: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** `4M` is a number, `medium` and `true` are none. */
function numberOf(value: SettingValue): number {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' ? /^(-?[\d.]+)([kKMG]?)$/.exec(value) : null;
  return match === null ? NaN : Number(match[1]) * (MULTIPLES[match[2]!] ?? 1);
}
