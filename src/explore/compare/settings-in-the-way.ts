// Why no cell of one side is one of the other: the settings that both have with other values.

import { valueMeaning } from '../data/same-value.ts';
import { matchCells } from './match-cells.ts';
import type { Side } from './side.ts';

/**
 * Settings without which cells would pair: one where one is enough (of several that with the most pairs), else all that have no value in common.
 * @param ignored settings that tell no cells apart already
 * @returns empty where cells pair as it is, or never would
 */
export function settingsInTheWay(a: Side, b: Side, ignored: readonly string[] = []): readonly string[] {
  const { pairs, by } = matchCells(a, b, ignored);
  if (pairs.length > 0) return [];
  const gain = (names: readonly string[]) => matchCells(a, b, [...ignored, ...names]).pairs.length;
  const single = by.map((name) => ({ name, pairs: gain([name]) })).filter((one) => one.pairs > 0);
  if (single.length > 0) return [single.reduce((best, one) => (one.pairs > best.pairs ? one : best)).name];
  const values = ({ cells }: Side, name: string) =>
    new Set(cells.map(({ settings }) => (settings[name] === undefined ? undefined : valueMeaning(settings[name]))));
  const disjoint = by.filter((name) => {
    const others = values(b, name);
    return [...values(a, name)].every((value) => !others.has(value));
  });
  return gain(disjoint) > 0 ? disjoint : [];
}
