// A benchmark file as text → a benchmark with all of its cells. docs/benchmark-file.md describes the format.

import { basename, extname } from 'node:path';
import { SESSION_KINDS, type SessionKind } from '#core/session';
import type { Benchmark } from '#core/benchmark';
import { isReservedSetting, type SettingValue } from '#core/settings';
import { MAX_SEED } from '#analysis/random';
import { readAxis, type Axis } from './axis.ts';
import { checkPlaceholders, COMMAND_KEYS, readCommand } from './command-section.ts';
import { nestedProperties } from './alternatives.ts';
import { readExclusions } from './exclude.ts';
import { expand } from './expand.ts';
import { Fields } from '#system/yaml/fields';
import { readInclusions } from './include.ts';
import { checkOverlaps } from './overlaps.ts';
import { quoteName, type ProblemList } from '#system/yaml/problem-list';
import { readProfileWanted } from './profile-section.ts';
import { readQuality } from './quality-section.ts';
import { readHooks, readScripts } from './property-hooks.ts';
import { checkSettingName, fileContext, readSettingValue, type FileContext } from '#media/settings-file/read-setting';
import { fillNames, isTalkDialect, TALK_KEYS } from './talk-dialect.ts';
import { readTalkEncoders } from './talk-encoders.ts';
import { readThresholds } from './threshold.ts';
import { sessionWarnings } from './session-warnings.ts';
import { isStreaming } from './streaming-session.ts';
import { parseYamlTree, type YamlEntry, type YamlMap } from '#system/yaml/yaml-tree';

/** A setting of SPICE desktops; elsewhere it may be a parameter of an encoder. */
const OF_SPICE = 'compression';
/** Keys at the top of our own dialect. */
export const BENCHMARK_KEYS = [
  'name',
  'session',
  'source',
  'settings',
  'matrix',
  'include',
  'exclude',
  'repeat',
  'warmup',
  'timeout',
  'order',
  'seed',
  'setup',
  'teardown',
  'hooks',
  'hook_timeout',
  'thresholds',
  'interval',
  'keep_output',
  'quality',
  'profile',
  'record_time',
  'settle',
  ...COMMAND_KEYS,
] as const;

const DEFAULT_HOOK_TIMEOUT_MS = 60_000;
const DEFAULT_INTERVAL_MS = 100;
const DEFAULT_SETTLE_MS = 2_000;
const MAX_REPEAT = 1000;
const MAX_WARMUP = 100;
const MAX_NAME_LENGTH = 100;
const DAY_MS = 86_400_000;

const TIMEOUT = { minMs: 1000, maxMs: 7 * DAY_MS, bareMs: 1000, example: '10m' };
const HOOK_TIMEOUT = { minMs: 100, maxMs: DAY_MS, bareMs: 1000, example: '60s' };
const RECORD_TIME = { minMs: 1000, maxMs: DAY_MS, bareMs: 1000, example: '40s' };
const SETTLE = { minMs: 0, maxMs: DAY_MS, bareMs: 1000, example: '2s' };
const INTERVAL = { minMs: 10, maxMs: 10_000, bareMs: null, example: '100ms' };

export interface ParseOptions {
  /** Accepts a very large matrix. */
  readonly yes?: boolean | undefined;
}

/**
 * Reads a benchmark, in our own dialect or in that of the first talk's slides, and makes its cells.
 * @param file path of the text, absolute or relative to the working directory: sources are relative to its folder
 * @throws UserError with everything that is wrong, each with file:line:column
 */
export function parseBenchmark(text: string, file: string, options: ParseOptions = {}): Benchmark {
  const { root, problems } = parseYamlTree(text, file);
  const talk = isTalkDialect(root);
  const sections = readSections(root, talk, problems);
  const context = fileContext(file, problems, talk);
  const fields = new Fields(sections, problems);

  const session = fields.choice('session', 'encode', SESSION_KINDS);
  const { fixed, fixedLabels } = readFixed(sections, session, context);
  const axes = readMatrix(root, sections, context);
  checkOverlaps(axes, new Set(Object.keys(fixed)), problems);
  const properties = [...new Set([...axes.map(({ property }) => property), ...nestedProperties(axes)])];
  const warnings: string[] = [];
  const scripts = sections.get('scripts');
  const hooks =
    scripts === undefined
      ? readHooks(sections, properties, problems)
      : readScripts(scripts, sections, properties, problems, warnings);
  const exclusions = readExclusions(sections.get('exclude'), problems);
  const inclusions = readInclusions(sections.get('include'), context);
  const timeoutMs = fields.duration('timeout', null, TIMEOUT);
  const recordTimeMs = fields.duration('record_time', null, RECORD_TIME);
  const benchmark = {
    name: readName(sections.get('name'), file, problems),
    file,
    session,
    repeat: fields.count('repeat', 1, 1, MAX_REPEAT),
    warmup: fields.count('warmup', 0, 0, MAX_WARMUP),
    timeoutS: timeoutMs === null ? null : timeoutMs / 1000,
    order: fields.choice('order', 'random', ['random', 'listed']),
    seed: fields.count('seed', null, 0, MAX_SEED),
    ...hooks,
    hookTimeoutS: fields.duration('hook_timeout', DEFAULT_HOOK_TIMEOUT_MS, HOOK_TIMEOUT) / 1000,
    thresholds: readThresholds(sections.get('thresholds'), problems),
    intervalMs: fields.duration('interval', DEFAULT_INTERVAL_MS, INTERVAL),
    keepOutput: fields.flag('keep_output', false),
    quality: readQuality(sections.get('quality'), context.folder, problems),
    profile: readProfileWanted(sections.get('profile'), problems),
    command: readCommand(sections, session, context),
    recordTimeS: recordTimeMs === null ? null : recordTimeMs / 1000,
    settleS: fields.duration('settle', DEFAULT_SETTLE_MS, SETTLE) / 1000,
  };
  // Cells are made of a matrix without mistakes only: one slip there would show up in thousands of them.
  problems.throwIfAny();

  const matrixAt = (sections.get('matrix') ?? sections.get('scripted_properties'))!.keyAt;
  const expanded = expand({ axes, fixed, fixedLabels, exclusions, inclusions }, problems, {
    yes: options.yes,
    where: problems.where(matrixAt),
  });
  const cells = talk && isStreaming(session) ? readTalkEncoders(expanded, context, warnings) : expanded;
  if (cells.length === 0) problems.add(matrixAt, 'no cell is left: exclude takes them all', 'exclude less');
  if (benchmark.command !== null) checkPlaceholders(benchmark.command, cells, problems);
  const unsourced =
    session === 'encode' && !talk ? cells.find(({ settings }) => settings['source'] === undefined) : undefined;
  if (unsourced !== undefined)
    problems.add(
      root.at,
      `there is no source${cells.length > 1 ? ` for ${unsourced.label}` : ''}`,
      'write source: clip.mp4, a path relative to this file',
    );
  problems.throwIfAny();
  warnings.unshift(...sessionWarnings({ ...benchmark, cells }, sections, problems));
  const kept = session === 'spice' ? { quality: null, keepOutput: false } : {};
  return { ...benchmark, ...kept, properties: propertiesOf(cells), cells, positions: context.positions, warnings };
}

/** The keys at the top, each known one once. */
function readSections(root: YamlMap, talk: boolean, problems: ProblemList): Map<string, YamlEntry> {
  const known: readonly string[] = talk ? [...BENCHMARK_KEYS, ...TALK_KEYS] : BENCHMARK_KEYS;
  const sections = new Map<string, YamlEntry>();
  for (const entry of root.entries) {
    const { key, keyAt, value } = entry;
    if (known.includes(key)) sections.set(key, entry);
    else if (isReservedSetting(key) || key === OF_SPICE)
      problems.add(
        keyAt,
        `${quoteName(key)} is a setting, not a key of a benchmark`,
        `put it under settings: or matrix:`,
      );
    else if (value.kind === 'map' && value.entries.some((inner) => inner.key === 'matrix'))
      problems.add(
        keyAt,
        `${quoteName(key)} looks like a benchmark inside of this one`,
        'one benchmark a file: put it into a file of its own',
      );
    else problems.addUnknown(keyAt, 'key', key, known);
  }
  return sections;
}

/** What all cells share: `settings`, `source`, and the talk's `codec`: what a SPICE server is asked for, else a name of its own world. */
function readFixed(
  sections: ReadonlyMap<string, YamlEntry>,
  session: SessionKind,
  context: FileContext,
): { fixed: Record<string, SettingValue>; fixedLabels: readonly string[] } {
  const { problems } = context;
  const fixed: Record<string, SettingValue> = {};
  const add = (entry: YamlEntry) => {
    if (!checkSettingName(entry, context)) return;
    const value = readSettingValue(entry.key, entry.value, context);
    if (value === null) return;
    if (Object.hasOwn(fixed, entry.key))
      problems.add(entry.keyAt, `${quoteName(entry.key)} is set twice`, 'keep one of them');
    fixed[entry.key] = value.value;
  };
  for (const key of ['source', 'codec']) {
    const entry = sections.get(key);
    if (entry !== undefined) add(entry);
  }
  const settings = sections.get('settings')?.value;
  if (settings?.kind === 'map') settings.entries.forEach(add);
  else if (settings !== undefined && !(settings.kind === 'scalar' && settings.value === null))
    problems.add(
      settings.at,
      'settings is a mapping of names and values',
      'settings: {encoder: libx264, resolution: 1280x720}',
    );
  return { fixed, fixedLabels: sections.has('codec') && session !== 'spice' ? ['codec'] : [] };
}

/** The axes of `matrix`, and of the talk's `scripted_properties`, which vary as well. */
function readMatrix(root: YamlMap, sections: ReadonlyMap<string, YamlEntry>, context: FileContext): Axis[] {
  const { problems } = context;
  const axes: Axis[] = [];
  let empty = true;
  for (const key of ['matrix', 'scripted_properties']) {
    const section = sections.get(key);
    if (section === undefined || (section.value.kind === 'scalar' && section.value.value === null)) continue;
    const { value } = section;
    if (value.kind !== 'map') {
      problems.add(value.at, `${key} is a mapping of properties and their values`, `${key}: {bitrate: [1M, 4M]}`);
      empty = false;
      continue;
    }
    for (const entry of value.entries) {
      empty = false;
      if (entry.key === 'include' || entry.key === 'exclude')
        problems.add(entry.keyAt, `${entry.key} stands beside matrix, not in it`, 'move it to the left margin');
      else {
        const axis = key === 'matrix' ? readAxis(entry, context) : readScriptedAxis(entry, context);
        if (axis !== null) axes.push(axis);
      }
    }
  }
  if (empty) {
    const at = (sections.get('matrix') ?? sections.get('scripted_properties'))?.keyAt;
    problems.add(
      at ?? root.at,
      at === undefined ? 'there is no matrix' : 'the matrix is empty',
      'name at least one property: matrix: {bitrate: [1M, 4M]}',
    );
  }
  return axes;
}

/** A property of the talk's scripts: they put it in place, and only names that the lab knows reach the encode as well. */
function readScriptedAxis(entry: YamlEntry, context: FileContext): Axis | null {
  const axis = readAxis({ ...entry, value: fillNames(entry.value) }, context);
  if (axis === null || isReservedSetting(axis.property)) return axis;
  return { ...axis, values: axis.values.map((value) => ({ ...value, label: true })) };
}

/** The name, else the file's: it becomes the name of a folder and of files. */
function readName(entry: YamlEntry | undefined, file: string, problems: ProblemList): string {
  const stem = basename(file, extname(file));
  const name = entry === undefined ? stem : entry.value.kind === 'scalar' ? entry.value.text : '';
  const fit =
    /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_ .+=@,()-]*$/u.test(name) && !/[ .]$/.test(name) && name.length <= MAX_NAME_LENGTH;
  if (fit) return name;
  const at = entry?.value.at ?? 0;
  problems.add(
    at,
    entry === undefined
      ? `the file's own name ${quoteName(stem)} can't name a benchmark`
      : `name must be a text that can name a file, not ${quoteName(name)}`,
    `write name: with letters, digits, blanks and . _ + = @ , ( ) -, at most ${MAX_NAME_LENGTH} characters`,
  );
  return 'unnamed';
}

/** Names of the properties' values, as the cells have them. */
function propertiesOf(cells: Benchmark['cells']): Benchmark['properties'] {
  const values = new Map<string, Set<string>>();
  for (const { properties } of cells)
    for (const name in properties) {
      const names = values.get(name);
      if (names === undefined) values.set(name, new Set([properties[name]!]));
      else names.add(properties[name]!);
    }
  return Array.from(values, ([name, names]) => ({ name, values: [...names] }));
}
