// `include:` adds settings to cells, and cells to the matrix.

import { nearestName } from '#core/nearest-name';
import type { SettingValue } from '#core/settings';
import { alternatives, nestedProperties, type Alternative } from './alternatives.ts';
import type { Axis, AxisValue } from './axis.ts';
import { cellLabel, type CellDraft } from './cell-draft.ts';
import { readRules } from './exclude.ts';
import { listNames, quoteName, type ProblemList } from '#system/yaml/problem-list';
import {
  checkSettingName,
  readSettingValue,
  type FileContext,
  type NamedValue,
} from '#media/settings-file/read-setting';
import type { YamlEntry } from '#system/yaml/yaml-tree';

/** A setting that an inclusion names. */
interface Pair {
  readonly name: string;
  readonly at: number;
  readonly value: NamedValue;
}

export interface Inclusion {
  readonly at: number;
  readonly pairs: readonly Pair[];
}

/** What an inclusion adds to. */
interface Base {
  readonly axes: readonly Axis[];
  readonly fixed: Readonly<Record<string, SettingValue>>;
  readonly fixedLabels: readonly string[];
}

/** Reads `include: [{codec: x264, bitrate: 8M}, {codec: av1, tune: 0}]`. */
export function readInclusions(section: YamlEntry | undefined, context: FileContext): Inclusion[] {
  return readRules(section, context.problems).map(({ at, entries }) => ({
    at,
    pairs: entries.flatMap((entry) => {
      if (!checkSettingName(entry, context)) return [];
      const value = readSettingValue(entry.key, entry.value, context);
      return value === null ? [] : { name: entry.key, at: entry.keyAt, value };
    }),
  }));
}

/**
 * Include as GitHub Actions has it. An item's names that are properties of the matrix choose cells; its other names
 * are settings that the chosen cells get in addition (all cells, where it names no property). An item that chooses no
 * cell becomes a cell of its own, with the fixed settings and with what its named values bring.
 */
export function include(
  cells: CellDraft[],
  items: readonly Inclusion[],
  base: Base,
  problems: ProblemList,
): CellDraft[] {
  if (items.length === 0) return cells;
  const varying = nestedProperties(base.axes);
  const isProperty = ({ name }: Pair) => varying.has(name) || base.axes.some(({ property }) => property === name);
  const all = [...cells];
  const labels = new Set(cells.map((cell) => cellLabel(cell.properties)));
  for (const item of items) {
    const wanted = item.pairs.filter(isProperty);
    const extra = item.pairs.filter((pair) => !isProperty(pair));
    let chosen = 0;
    // Only the matrix's own cells are chosen, not what another item has made.
    for (let i = 0; i < cells.length; i++) {
      if (!wanted.every(({ name, value }) => cells[i]!.properties[name] === value.name)) continue;
      chosen++;
      all[i] = extra.reduce(withPair, all[i]!);
    }
    if (chosen > 0) {
      if (extra.length > 0) continue;
      problems.add(item.at, 'this include adds nothing: the matrix has its cells already', 'take it out');
      continue;
    }
    if (!namesAreKnown(wanted, extra, base, problems)) continue;
    for (const cell of newCells(item, base, varying)) {
      const label = cellLabel(cell.properties);
      if (labels.has(label))
        problems.add(item.at, `this include makes a cell that is there already: ${label}`, 'take it out');
      labels.add(label);
      all.push(cell);
    }
  }
  return all;
}

function withPair(cell: CellDraft, { name, value }: Pair): CellDraft {
  return {
    ...cell,
    properties: { ...cell.properties, [name]: value.name },
    settings: { ...cell.settings, [name]: value.value },
  };
}

/** A new name beside named values that brings nothing says nothing about what is to be encoded: a slip. */
function namesAreKnown(wanted: readonly Pair[], extra: readonly Pair[], base: Base, problems: ProblemList): boolean {
  if (extra.length > 0) return true;
  for (const { name, at, value } of wanted) {
    const values = base.axes.find(({ property }) => property === name)?.values ?? [];
    if (!values.some(({ label }) => label) || values.some((known) => known.name === value.name)) continue;
    const nearest = nearestName(
      value.name,
      values.map((known) => known.name),
    );
    problems.add(
      at,
      `${name} has no value ${quoteName(value.name)}, and this include brings no settings for it`,
      nearest === null
        ? `its values are ${listNames(values.map((known) => known.name))}`
        : `did you mean ${quoteName(nearest)}?`,
    );
    return false;
  }
  return true;
}

/** Cells of an item that chose none: its named values bring what they bring, its own pairs come on top. */
function newCells(item: Inclusion, base: Base, varying: ReadonlySet<string>): CellDraft[] {
  const given = new Set(item.pairs.map(({ name }) => name));
  const axes = base.axes.filter(({ property }) => given.has(property));
  const own = item.pairs.filter(({ name }) => !axes.some(({ property }) => property === name));
  const combinations = axes.reduce<Alternative[][]>(
    (lists, axis) => {
      const { value } = item.pairs.find(({ name }) => name === axis.property)!;
      const choices = alternatives({ ...axis, values: [axisValue(axis, value, given)], range: null }, varying);
      return lists.flatMap((list) => choices.map((choice) => [...list, choice]));
    },
    [[]],
  );
  return combinations.map((list) => {
    const cell: CellDraft = {
      properties: Object.fromEntries([
        ...list.map(({ name }, index) => [axes[index]!.property, name] as const),
        ...list.flatMap(({ nested }) => nested),
      ]),
      settings: { ...base.fixed, ...Object.fromEntries(list.flatMap(({ settings }) => settings)) },
      labels: [...base.fixedLabels, ...list.flatMap(({ labels }) => labels)],
    };
    return own.reduce(withPair, cell);
  });
}

/** The axis's own value of that name, or a new one. What the item says itself is not crossed with the value's list. */
function axisValue(axis: Axis, value: NamedValue, given: ReadonlySet<string>): AxisValue {
  const known = axis.values.find(({ name }) => name === value.name);
  if (known !== undefined) return { ...known, nested: known.nested.filter(({ property }) => !given.has(property)) };
  return { ...value, label: axis.values.some(({ label }) => label), fixed: [], nested: [] };
}
