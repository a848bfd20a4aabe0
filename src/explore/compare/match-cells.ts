// Which cell of one side is which of the other: by the settings that both sides have.

import { valueMeaning } from '../data/same-value.ts';
import type { Side, SideCell } from './side.ts';

export interface CellPair {
  /** `preset=fast bitrate=1M`: the settings that vary among the pairs; `all` where none does. */
  readonly label: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly a: SideCell;
  readonly b: SideCell;
}

export interface CellMatch {
  readonly pairs: readonly CellPair[];
  /** Labels of cells that the other side does not have. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Settings by which cells were told apart. */
  readonly by: readonly string[];
  /** Settings with one value on each side, and not the same: what the sides differ in. */
  readonly differing: readonly { readonly name: string; readonly a: string; readonly b: string }[];
  /** Settings that only cells of one side have: nothing is told apart by them. */
  readonly unshared: readonly string[];
  /** Pairs where several cells of a side fall together, because what tells them apart is none of the settings of both. */
  readonly pooled: number;
}

/**
 * Pairs the cells of two sides. Cells are the same where all settings are that both sides have, but those in which the sides differ as a whole.
 * @param ignored settings that do not tell cells apart
 */
export function matchCells(a: Side, b: Side, ignored: readonly string[] = []): CellMatch {
  const ofA = settingValues(a);
  const ofB = settingValues(b);
  const shared = [...ofA.keys()].filter((name) => ofB.has(name));
  const differing = shared.flatMap((name) => {
    const [one, other] = [ofA.get(name)!, ofB.get(name)!];
    const isWhole = one.size === 1 && other.size === 1 && isEverywhere(a, name) && isEverywhere(b, name);
    const [[meaningOfA, first], [meaningOfB, second]] = [[...one][0]!, [...other][0]!];
    return isWhole && meaningOfA !== meaningOfB ? [{ name, a: first, b: second }] : [];
  });
  const by = shared.filter((name) => !ignored.includes(name) && !differing.some((setting) => setting.name === name));
  const groupsA = groupCells(a, by);
  const groupsB = groupCells(b, by);
  const keys = [...groupsA.keys()].filter((key) => groupsB.has(key));
  const varying = by.filter((name) => ofA.get(name)!.size + ofB.get(name)!.size > 2);
  const label = (cell: SideCell) => labelOf(cell, varying);
  const missing = (from: Map<string, SideCell[]>, other: Map<string, SideCell[]>) =>
    [...from].filter(([key]) => !other.has(key)).map(([, cells]) => label(cells[0]!));
  return {
    pairs: keys.map((key) => {
      const cell = groupsA.get(key)![0]!;
      const settings = Object.fromEntries(
        by.flatMap((name) => (cell.settings[name] === undefined ? [] : [[name, cell.settings[name]]])),
      );
      return { label: label(cell), settings, a: merge(groupsA.get(key)!), b: merge(groupsB.get(key)!) };
    }),
    onlyA: missing(groupsA, groupsB),
    onlyB: missing(groupsB, groupsA),
    by,
    differing,
    unshared: [...ofA.keys(), ...ofB.keys()].filter((name) => ofA.has(name) !== ofB.has(name)),
    pooled: keys.filter((key) => [groupsA, groupsB].some((groups) => areSeveral(groups.get(key)!))).length,
  };
}

/** By setting its values: by their meaning the first spelling. */
function settingValues({ cells }: Side): Map<string, Map<string, string>> {
  const values = new Map<string, Map<string, string>>();
  for (const { settings } of cells)
    for (const [name, value] of Object.entries(settings)) {
      const meaning = valueMeaning(value);
      const known = values.get(name);
      if (known === undefined) values.set(name, new Map([[meaning, value]]));
      else if (!known.has(meaning)) known.set(meaning, value);
    }
  return values;
}

function isEverywhere({ cells }: Side, name: string): boolean {
  return cells.every(({ settings }) => settings[name] !== undefined);
}

function groupCells({ cells }: Side, by: readonly string[]): Map<string, SideCell[]> {
  const groups = new Map<string, SideCell[]>();
  for (const cell of cells) {
    const key = meaningOf(cell, by);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cell]);
    else group.push(cell);
  }
  return groups;
}

function meaningOf({ settings }: SideCell, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => (settings[name] === undefined ? null : valueMeaning(settings[name]))));
}

/** Whether more than their spelling tells cells of a group apart: a baseline of an older encodelab has a cell for each spelling. */
function areSeveral(cells: readonly SideCell[]): boolean {
  const names = [...new Set(cells.flatMap(({ settings }) => Object.keys(settings)))];
  return new Set(cells.map((cell) => meaningOf(cell, names))).size > 1;
}

function merge(cells: readonly SideCell[]): SideCell {
  if (cells.length === 1) return cells[0]!;
  const values: Record<string, number[]> = {};
  for (const cell of cells) for (const [name, some] of Object.entries(cell.values)) (values[name] ??= []).push(...some);
  return {
    settings: cells[0]!.settings,
    values,
    failed: cells.reduce((sum, { failed }) => sum + failed, 0),
    reason: cells.findLast(({ reason }) => reason !== null)?.reason ?? null,
    runs: cells.flatMap(({ runs }) => runs),
  };
}

function labelOf({ settings }: SideCell, varying: readonly string[]): string {
  const parts = varying.flatMap((name) => (settings[name] === undefined ? [] : [`${name}=${settings[name]}`]));
  return parts.length === 0 ? 'all' : parts.join(' ');
}
