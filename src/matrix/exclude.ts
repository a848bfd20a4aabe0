// `exclude:` takes cells out of the matrix.

import { formatSettingValue } from '#core/settings';
import { nearestName } from '#core/nearest-name';
import type { CellDraft } from './cell-draft.ts';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import type { YamlEntry, YamlNode } from '#system/yaml/yaml-tree';

/** Pairs that a cell must have all of; several values for one name mean any of them. */
export interface Exclusion {
  readonly at: number;
  readonly pairs: readonly { readonly name: string; readonly at: number; readonly values: ReadonlySet<string> }[];
}

/** Reads `exclude: [{codec: av1, bitrate: [4M, 8M]}]`. */
export function readExclusions(section: YamlEntry | undefined, problems: ProblemList): Exclusion[] {
  return readRules(section, problems).map(({ at, entries }) => ({
    at,
    pairs: entries.map(({ key: name, keyAt, value }) => {
      const items = value.kind === 'list' && !isFramePair(name, value) ? value.items : [value];
      return { name, at: keyAt, values: new Set(items.flatMap((item) => valueName(name, item, problems) ?? [])) };
    }),
  }));
}

/** Items of include or exclude: each is compared with every cell. */
const MAX_RULES = 1000;

/** The items of include or exclude: a list of mappings. */
export function readRules(
  section: YamlEntry | undefined,
  problems: ProblemList,
): { readonly at: number; readonly entries: readonly YamlEntry[] }[] {
  if (section === undefined || (section.value.kind === 'scalar' && section.value.value === null)) return [];
  const { key, value } = section;
  if (value.kind !== 'list') {
    problems.add(value.at, `${key} is a list of mappings`, `${key}: [{codec: x264, bitrate: 1M}]`);
    return [];
  }
  if (value.items.length > MAX_RULES) {
    problems.add(
      value.at,
      `${key} has ${value.items.length} items, more than ${MAX_RULES}`,
      'bring the matrix nearer to what is wanted',
    );
    return [];
  }
  return value.items.flatMap((item) => {
    if (item.kind === 'map' && item.entries.length > 0) return { at: item.at, entries: item.entries };
    problems.add(item.at, `an item of ${key} is a mapping of names and values`, `- {codec: x264, bitrate: 1M}`);
    return [];
  });
}

function isFramePair(name: string, node: YamlNode): boolean {
  return name === 'frames' && node.kind === 'list' && node.items.every((item) => item.kind === 'scalar');
}

/** The name that a value has in labels, for comparing. */
function valueName(name: string, node: YamlNode, problems: ProblemList): string | null {
  if (node.kind === 'scalar' && node.value !== null) return formatSettingValue(node.value);
  if (node.kind === 'list' && isFramePair(name, node))
    return node.items.map((item) => (item.kind === 'scalar' ? item.text : '')).join('..');
  problems.add(node.at, `${name} must be a value or a list of values here`, `${name}: 1M`);
  return null;
}

/** Cells that no exclusion matches, in their order. An exclusion that matches none is told as a problem. */
export function exclude(cells: CellDraft[], exclusions: readonly Exclusion[], problems: ProblemList): CellDraft[] {
  if (exclusions.length === 0) return cells;
  const used = new Set<Exclusion>();
  const kept = cells.filter((cell) => {
    const matching = exclusions.filter((exclusion) => matches(cell, exclusion));
    for (const exclusion of matching) used.add(exclusion);
    return matching.length === 0;
  });
  for (const exclusion of exclusions) if (!used.has(exclusion)) tellUnused(exclusion, cells, problems);
  return kept;
}

function matches(cell: CellDraft, exclusion: Exclusion): boolean {
  return exclusion.pairs.every(({ name, values }) => {
    const value = nameIn(cell, name);
    return value !== null && values.has(value);
  });
}

/** What a cell has under a name: the name of a property's value, else the setting itself. */
function nameIn(cell: CellDraft, name: string): string | null {
  if (Object.hasOwn(cell.properties, name)) return cell.properties[name]!;
  return Object.hasOwn(cell.settings, name) ? formatSettingValue(cell.settings[name]!) : null;
}

function tellUnused(exclusion: Exclusion, cells: readonly CellDraft[], problems: ProblemList): void {
  for (const { name, at, values } of exclusion.pairs) {
    const known = new Set(cells.flatMap((cell) => nameIn(cell, name) ?? []));
    if (known.size === 0) {
      const names = new Set(cells.flatMap((cell) => [...Object.keys(cell.properties), ...Object.keys(cell.settings)]));
      problems.addUnknown(at, 'property in exclude', name, [...names]);
      return;
    }
    const stranger = [...values].find((value) => !known.has(value));
    if (stranger === undefined) continue;
    const nearest = nearestName(stranger, known);
    const todo =
      nearest === null ? `its values are ${[...known].slice(0, 12).join(', ')}` : `did you mean ${quoteName(nearest)}?`;
    problems.add(at, `this exclude matches no cell: ${name} is never ${quoteName(stranger)}`, todo);
    return;
  }
  problems.add(
    exclusion.at,
    'this exclude matches no cell: no cell has all of these values together',
    'mend it, or take it out',
  );
}
