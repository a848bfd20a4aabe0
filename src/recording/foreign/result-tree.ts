// One run of a matrix-benchmarking result tree: a folder with its `settings` (or `settings.yaml`), its `exit_code`, and numbers in JSON
// files that an import description names. Pure: texts come in.

import type { Better, Metric, Unit } from '#core/metric';
import type { SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import type { ProblemList } from '#system/yaml/problem-list';
import { parseYamlTree, type FileWords, type YamlMap, type YamlNode } from '#system/yaml/yaml-tree';
import { settingValue, type ForeignResult } from './foreign-result.ts';

const DESCRIPTION: FileWords = { noun: 'import description', keys: 'name, metrics', needs: 'metrics' };
const SETTINGS: FileWords = { noun: 'settings file', keys: 'names of settings', needs: 'a setting' };
const MOST_METRICS = 1_000;

/** One number of each run: where it stands, and what it is. */
export interface DescribedMetric {
  readonly name: string;
  /** Path from the run's folder. */
  readonly file: string;
  /** Names and positions down to the number: `results.0.fps`. */
  readonly value: string;
  readonly unit: Unit;
  readonly better: Better;
}

export interface ImportDescription {
  /** Name of the benchmark; null for that of the tree's folder. */
  readonly name: string | null;
  readonly metrics: readonly DescribedMetric[];
  /** Settings that do not tell cells apart: dates, names of machines. */
  readonly ignored: readonly string[];
  /** Where the time stands at which a run began; null where it is not told. */
  readonly started: { readonly file: string; readonly value: string } | null;
}

/** @throws UserError with every mistake and its place */
export function parseImportDescription(text: string, file: string): ImportDescription {
  const { root, problems } = parseTree(text, file, DESCRIPTION);
  const metrics: DescribedMetric[] = [];
  let name: string | null = null;
  let ignored: string[] = [];
  let started: ImportDescription['started'] = null;
  for (const { key, keyAt, value } of root.entries) {
    if (key === 'name') name = textOf(value, problems, 'name');
    else if (key === 'ignore')
      ignored = value.kind === 'list' ? value.items.map((item) => textOf(item, problems, 'ignore') ?? '') : [];
    else if (key === 'started') {
      const place = fieldsOf(value, ['file', 'value'], ['file', 'value'], problems, 'started');
      started = place === null ? null : { file: place['file']!, value: place['value']! };
    } else if (key === 'metrics') {
      if (value.kind !== 'list' || value.items.length === 0 || value.items.length > MOST_METRICS)
        problems.add(value.at, 'metrics is a list', 'metrics: [{name: fps, file: results.json, value: fps}]');
      else
        for (const item of value.items) {
          const metric = metricOf(item, problems);
          if (metric !== null) metrics.push(metric);
        }
    } else problems.addUnknown(keyAt, 'key', key, ['name', 'metrics', 'ignore', 'started']);
  }
  if (metrics.length === 0)
    problems.add(0, 'no metric is described', 'metrics: [{name: fps, file: results.json, value: fps}]');
  problems.throwIfAny();
  return { name, metrics, ignored, started };
}

function metricOf(node: YamlNode, problems: ProblemList): DescribedMetric | null {
  const fields = fieldsOf(node, ['name', 'file', 'value', 'unit', 'better'], ['file', 'value'], problems, 'a metric');
  if (fields === null) return null;
  const better = fields['better'] ?? null;
  if (better !== null && better !== 'higher' && better !== 'lower') {
    problems.add(node.at, `better is higher or lower, and not ${better}`, 'better: higher');
    return null;
  }
  return {
    name: fields['name'] ?? fields['value']!,
    file: fields['file']!,
    value: fields['value']!,
    unit: fields['unit'] ?? '1',
    better,
  };
}

function fieldsOf(
  node: YamlNode,
  known: readonly string[],
  needed: readonly string[],
  problems: ProblemList,
  what: string,
): Record<string, string> | null {
  if (node.kind !== 'map') {
    problems.add(node.at, `${what} is a mapping of ${needed.join(' and ')}`);
    return null;
  }
  const fields: Record<string, string> = {};
  for (const { key, keyAt, value } of node.entries) {
    if (!known.includes(key)) problems.addUnknown(keyAt, 'key', key, known);
    else fields[key] = textOf(value, problems, key) ?? '';
  }
  const missing = needed.filter((key) => (fields[key] ?? '') === '');
  if (missing.length === 0) return fields;
  problems.add(node.at, `${what} has no ${missing.join(' and no ')}`);
  return null;
}

function textOf(node: YamlNode, problems: ProblemList, key: string): string | null {
  if (node.kind === 'scalar') return node.text;
  problems.add(node.at, `${key} is one value`);
  return null;
}

/** `key=value` lines, or YAML, whichever it is. @throws UserError with the line */
export function parseRunSettings(text: string, file: string): Readonly<Record<string, SettingValue>> {
  const lines = text.split('\n').map((line) => line.trim());
  const isPlain = lines.every((line) => line === '' || line.startsWith('#') || /^[^\s=:]+=/.test(line));
  if (!isPlain) return yamlSettings(text, file);
  const settings: Record<string, SettingValue> = {};
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) settings[line.slice(0, at)] = settingValue(line.slice(at + 1).trim());
  }
  return settings;
}

function yamlSettings(text: string, file: string): Readonly<Record<string, SettingValue>> {
  const { root, problems } = parseTree(text, file, SETTINGS);
  const settings: Record<string, SettingValue> = {};
  for (const { key, value } of root.entries) {
    if (value.kind !== 'scalar') problems.add(value.at, `the setting ${key} is one value`);
    else if (value.value !== null) settings[key] = value.plain ? settingValue(value.text) : value.text;
  }
  problems.throwIfAny();
  return settings;
}

function parseTree(text: string, file: string, words: FileWords): { root: YamlMap; problems: ProblemList } {
  return parseYamlTree(text, file, words);
}

export interface TreeRun {
  /** Path of its folder within the tree. */
  readonly path: string;
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** Text of `exit_code`; null where there is none. */
  readonly exitCode: string | null;
  /** Documents of the files that the description names; null where a file is missing. */
  readonly documents: ReadonlyMap<string, unknown>;
}

/** What is missing is absent and said; a run that failed has no metrics. */
export function treeResult(run: TreeRun, description: ImportDescription): ForeignResult {
  const settings = Object.fromEntries(
    Object.entries(run.settings).filter(([name]) => !description.ignored.includes(name)),
  );
  const code = run.exitCode?.trim() ?? null;
  const isOk = code === null || code === '0';
  const metrics: Record<string, Metric> = {};
  const absent: string[] = code === null ? ['exit code: there is no file exit_code; it is taken as ended well'] : [];
  for (const { name, file, value, unit, better } of isOk ? description.metrics : []) {
    const found = at(run.documents.get(file), value);
    if (typeof found === 'number' && Number.isFinite(found)) metrics[name] = { value: found, unit, better };
    else
      absent.push(
        `${name}: ${run.documents.get(file) === null ? `there is no ${file}` : `${file} has no number at ${value}`}`,
      );
  }
  return {
    settings,
    metrics,
    outcome: isOk ? 'ok' : 'failed',
    reason: isOk ? null : `it ended with exit code ${code}`,
    startedAt: startOf(run, description),
    durationS: null,
    part: run.path,
    absent,
  };
}

function startOf({ documents }: TreeRun, { started }: ImportDescription): string | null {
  if (started === null) return null;
  const found = at(documents.get(started.file), started.value);
  // Numbers are seconds since 1970, as most programs write them.
  const ms = typeof found === 'number' ? found * 1e3 : typeof found === 'string' ? Date.parse(found) : NaN;
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : null;
}

/** The value at `results.0.fps` of a document. A name that has dots itself is found whole before it is cut. */
function at(document: unknown, path: string): unknown {
  if (typeof document !== 'object' || document === null) return undefined;
  if (Object.hasOwn(document, path)) return (document as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(document, name)) continue;
    const found = at((document as Record<string, unknown>)[name], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @throws UserError where it is no JSON */
export function parseJsonFile(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UserError({ what: `this is no JSON: ${(cause as Error).message}`, where }, { cause });
  }
}
