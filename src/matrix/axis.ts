// The matrix section as axes: each property with its values, and what a named value brings along.

import type { SettingValue } from '#core/settings';
import { isEngineMap } from '#media/settings-file/engine-value';
import { quoteName } from '#system/yaml/problem-list';
import { makeRange, type Range } from './range.ts';
import {
  checkSettingName,
  readSettingValue,
  type FileContext,
  type NamedValue,
} from '#media/settings-file/read-setting';
import { splitCommaList } from './talk-dialect.ts';
import type { YamlEntry, YamlList, YamlMap, YamlNode } from '#system/yaml/yaml-tree';

/** A property that varies. */
export interface Axis {
  readonly property: string;
  /** Offset of its name in the file. */
  readonly at: number;
  /** Empty for a range: its values are made when the cells are. */
  readonly values: readonly AxisValue[];
  readonly range: Range | null;
}

export interface AxisValue extends NamedValue {
  /** True where the name only stands for a group of settings, and is no setting of the encoder. */
  readonly label: boolean;
  /** Further settings that this value brings. */
  readonly fixed: readonly { readonly property: string; readonly at: number; readonly value: NamedValue }[];
  /** Properties that vary inside of this value only. */
  readonly nested: readonly Axis[];
}

const RANGE_KEYS = ['from', 'to', 'step', 'times'];

/** One property of the matrix: a list, a range, named values, or a single value. Null where it told a problem. */
export function readAxis(entry: YamlEntry, context: FileContext): Axis | null {
  const { key: property, keyAt: at } = entry;
  if (!checkSettingName(entry, context)) return null;
  const node = context.commaLists ? splitCommaList(entry.value) : entry.value;
  const values = readValues(property, node, context);
  if (values === null) return null;
  return Array.isArray(values) ? { property, at, values, range: null } : { property, at, values: [], range: values };
}

function readValues(property: string, node: YamlNode, context: FileContext): AxisValue[] | Range | null {
  switch (node.kind) {
    case 'scalar':
      return listOfOne(readOne(property, node, context));
    case 'list':
      return isFramePair(property, node)
        ? listOfOne(readSettingValue(property, node, context))
        : readList(property, node, context);
    case 'map':
      if (isEngineMap(property, node)) return listOfOne(readSettingValue(property, node, context));
      return node.entries.some(({ key }) => RANGE_KEYS.includes(key)) &&
        !node.entries.some(({ value }) => value.kind === 'map')
        ? readRange(property, node, context)
        : readNamedValues(property, node, context);
  }
}

/** A single value where a list could stand: a list without its brackets is a likely slip. */
function readOne(property: string, node: YamlNode, context: FileContext): NamedValue | null {
  const forgotten = node.kind === 'scalar' && node.plain && property !== 'source' && /,\s/.test(node.text);
  if (!forgotten) return readSettingValue(property, node, context);
  context.problems.add(node.at, `${property} is one text with a comma in it`, `a list has brackets: [${node.text}]`);
  return null;
}

function listOfOne(value: NamedValue | null): AxisValue[] | null {
  return value === null ? null : [plainValue(value)];
}

/** `frames: [0, 191]` is one value; several stand in a list of their own: `[[0, 95], [96, 191]]`. */
function isFramePair(property: string, node: YamlNode): boolean {
  return (
    property === 'frames' &&
    node.kind === 'list' &&
    node.items.every((item) => item.kind === 'scalar') &&
    node.items.length > 0
  );
}

function plainValue(value: NamedValue): AxisValue {
  return { ...value, label: false, fixed: [], nested: [] };
}

function readList(property: string, node: YamlList, context: FileContext): AxisValue[] | null {
  const { problems } = context;
  if (node.items.length === 0) {
    problems.add(
      node.at,
      `${property} has an empty list: no cell would be left`,
      'write at least one value, or leave the property out',
    );
    return null;
  }
  const values: AxisValue[] = [];
  const seen = new Set<string>();
  for (const item of node.items) {
    if (item.kind === 'map' && !isEngineMap(property, item)) {
      problems.add(
        item.at,
        `a mapping stands in the list of ${property}`,
        `named values are a mapping themselves: ${property}: {name: {…}}`,
      );
      continue;
    }
    const value = readSettingValue(property, item, context);
    if (value === null) continue;
    if (seen.has(value.name))
      problems.add(
        item.at,
        `${property} has ${quoteName(value.name)} twice`,
        'keep one; repeat: 2 measures every cell twice',
      );
    seen.add(value.name);
    values.push(plainValue(value));
  }
  return values;
}

function readRange(property: string, node: YamlMap, context: FileContext): Range | null {
  const { problems } = context;
  const parts = new Map<string, string | number>();
  let complete = true;
  for (const { key, keyAt, value } of node.entries) {
    if (!RANGE_KEYS.includes(key)) {
      problems.addUnknown(keyAt, `key of a range`, key, RANGE_KEYS);
      complete = false;
    } else if (value.kind !== 'scalar' || (typeof value.value !== 'number' && typeof value.value !== 'string')) {
      problems.add(value.at, `${key} of a range must be a number`, `write ${key}: 1`);
      complete = false;
    } else parts.set(key, value.value);
  }
  if (!complete) return null;
  const [from, to, step, times] = RANGE_KEYS.map((key) => parts.get(key));
  if (from === undefined || to === undefined || (step === undefined) === (times === undefined)) {
    problems.add(
      node.at,
      `the range of ${property} needs from, to, and one of step and times`,
      `write ${property}: {from: 1, to: 10, step: 1}`,
    );
    return null;
  }
  const result = makeRange(from, to, step === undefined ? { times: times! } : { step });
  if (result.ok) return result.range;
  problems.add(node.at, `${property}: ${result.what}`, result.todo);
  return null;
}

/** `x264: {encoder: libx264, preset: [veryfast, medium]}`, `low: 1M` or `idle:`, each under its name. */
function readNamedValues(property: string, node: YamlMap, context: FileContext): AxisValue[] | null {
  const { problems } = context;
  if (node.entries.length === 0) {
    problems.add(node.at, `${property} has no values`, 'write at least one value, or leave the property out');
    return null;
  }
  return node.entries.flatMap((entry) => {
    const { key: name, keyAt, value } = entry;
    if (name.trim() === '' || /\p{Cc}/u.test(name)) {
      problems.add(keyAt, `${quoteName(name)} can't be the name of a value`, 'write it in one line');
      return [];
    }
    const group = { name, value: name as SettingValue, label: true, fixed: [], nested: [] };
    if (value.kind === 'scalar' && value.value === null) return group;
    if (value.kind === 'map' && !isEngineMap(property, value)) return { ...group, ...readBrought(value, context) };
    const given = readSettingValue(property, value, context);
    return given === null ? [] : { ...plainValue(given), name };
  });
}

/** What a named value brings: plain values are fixed, all else varies. */
function readBrought(node: YamlMap, context: FileContext): Pick<AxisValue, 'fixed' | 'nested'> {
  const fixed: { property: string; at: number; value: NamedValue }[] = [];
  const nested: Axis[] = [];
  for (const entry of node.entries) {
    const { key: property, keyAt: at } = entry;
    const content = context.commaLists ? splitCommaList(entry.value) : entry.value;
    if (content.kind === 'scalar' || isFramePair(property, content) || isEngineMap(property, content)) {
      const value = checkSettingName(entry, context) ? readOne(property, content, context) : null;
      if (value !== null) fixed.push({ property, at, value });
    } else {
      const axis = readAxis(entry, context);
      if (axis !== null) nested.push(axis);
    }
  }
  return { fixed, nested };
}
