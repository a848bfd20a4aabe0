// The hooks of a benchmark: once around it all, and around each value of a property.

import type { HookCommand, PropertyHooks } from '#core/benchmark';
import { nearestName } from '#core/nearest-name';
import { checkPlaceholders, readHookCommands } from './hook-commands.ts';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import { readScript } from './talk-dialect.ts';
import type { YamlEntry, YamlMap, YamlNode } from '#system/yaml/yaml-tree';

export interface Hooks {
  readonly setup: readonly HookCommand[];
  readonly teardown: readonly HookCommand[];
  /** In the order of the properties, the outermost first. */
  readonly hooks: readonly PropertyHooks[];
}

const MOMENTS = ['before', 'after'];

/** `setup:`, `teardown:` and `hooks:` of our own dialect. */
export function readHooks(
  sections: ReadonlyMap<string, YamlEntry>,
  properties: readonly string[],
  problems: ProblemList,
): Hooks {
  const commands = (key: string) => {
    const entry = sections.get(key);
    return entry === undefined ? [] : readHookCommands(entry.value, problems);
  };
  const section = sections.get('hooks');
  const hooks = section === undefined ? [] : readSection(section, [], properties, readHookCommands, problems, []);
  return checked({ setup: commands('setup'), teardown: commands('teardown'), hooks }, properties, problems);
}

/** `scripts:` of the talk's dialect, which holds all of it; scripts for properties that do not vary become warnings. */
export function readScripts(
  section: YamlEntry,
  sections: ReadonlyMap<string, YamlEntry>,
  properties: readonly string[],
  problems: ProblemList,
  warnings: string[],
): Hooks {
  const commands = (name: string) => {
    const entry = section.value.kind === 'map' ? section.value.entries.find(({ key }) => key === name) : undefined;
    return entry === undefined || isEmpty(entry.value) ? [] : readScript(entry.value, problems);
  };
  for (const key of ['setup', 'teardown', 'hooks']) {
    const beside = sections.get(key);
    if (beside !== undefined) problems.add(beside.keyAt, `${key} stands beside scripts`, 'put it into scripts');
  }
  const hooks = readSection(section, ['setup', 'teardown'], properties, readScript, problems, warnings);
  return checked({ setup: commands('setup'), teardown: commands('teardown'), hooks }, properties, problems);
}

function readSection(
  section: YamlEntry,
  reserved: readonly string[],
  properties: readonly string[],
  read: (node: YamlNode, problems: ProblemList) => HookCommand[],
  problems: ProblemList,
  warnings: string[],
): PropertyHooks[] {
  if (isEmpty(section.value)) return [];
  if (section.value.kind !== 'map') {
    problems.add(
      section.value.at,
      `${section.key} is a mapping of properties`,
      `${section.key}: {resolution: {before: […], after: […]}}`,
    );
    return [];
  }
  const hooks: PropertyHooks[] = [];
  for (const entry of section.value.entries) {
    const { key: property, keyAt, value } = entry;
    if (reserved.includes(property)) continue;
    if (!properties.includes(property)) {
      // Scripts were written once for many tests; ours belong to one file, so that a stranger is a slip.
      if (reserved.length > 0 && nearestName(property, [...properties, ...reserved]) === null)
        warnings.push(`${problems.where(keyAt)}: the scripts of ${property} are never run: it does not vary here`);
      else problems.addUnknown(keyAt, `property in ${section.key}`, property, [...reserved, ...properties]);
      continue;
    }
    if (value.kind === 'map') hooks.push(readMoments(property, value, read, problems));
    else problems.add(value.at, `the hooks of ${property} need a moment`, `${property}: {before: […], after: […]}`);
  }
  return hooks.toSorted((a, b) => properties.indexOf(a.property) - properties.indexOf(b.property));
}

function readMoments(
  property: string,
  node: YamlMap,
  read: (node: YamlNode, problems: ProblemList) => HookCommand[],
  problems: ProblemList,
): PropertyHooks {
  for (const { key, keyAt } of node.entries)
    if (!MOMENTS.includes(key)) problems.addUnknown(keyAt, `moment of ${quoteName(property)}`, key, MOMENTS);
  const [before, after] = MOMENTS.map((moment) => {
    const entry = node.entries.find(({ key }) => key === moment);
    return entry === undefined || isEmpty(entry.value) ? [] : read(entry.value, problems);
  });
  return { property, before: before!, after: after! };
}

function checked(hooks: Hooks, properties: readonly string[], problems: ProblemList): Hooks {
  checkPlaceholders([...hooks.setup, ...hooks.teardown], null, properties, problems);
  for (const { property, before, after } of hooks.hooks)
    checkPlaceholders([...before, ...after], property, properties, problems);
  return hooks;
}

function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}
