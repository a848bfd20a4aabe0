// The keys of `session: command`: the program with its arguments, its output, and the metrics that it tells.

import type { Cell } from '#core/benchmark';
import type { CommandMetric, CommandSpec, MetricOrigin } from '#core/command';
import type { Better } from '#core/metric';
import { nearestName } from '#core/nearest-name';
import type { SessionKind } from '#core/session';
import { encodeMetricNames } from '#analysis/run-metrics';
import { countedFrames } from '#media/command/command-picture';
import { isGstLaunch } from '#media/command/gstreamer';
import { parseJsonPath } from '#media/command/json-value';
import {
  CONVERTER_NAMES,
  fillTemplate,
  isRunPlaceholder,
  parseTemplate,
  placeholdersOf,
  RUN_PLACEHOLDERS,
  type RunValues,
  type UnfitPlaceholder,
} from '#media/command/placeholders';
import { listNames, quoteName, type ProblemList } from '#system/yaml/problem-list';
import type { FileContext } from '#media/settings-file/read-setting';
import { splitWords } from './split-words.ts';
import type { YamlEntry, YamlNode } from '#system/yaml/yaml-tree';

/** Keys of a benchmark that only a session of kind `command` has. */
export const COMMAND_KEYS = ['command', 'env', 'output', 'metrics', 'gstreamer'] as const;

const METRIC_KEYS = ['pattern', 'json', 'from', 'unit', 'better'];
const BETTER: readonly string[] = ['higher', 'lower'];
/** The system's own limit of a single argument is 128 KiB. */
const MAX_ARGUMENT_LENGTH = 32_768;
const MAX_ARGUMENTS = 1_000;
const MAX_METRICS = 100;
const MAX_NAME_LENGTH = 100;
const MAX_UNIT_LENGTH = 20;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A text without blanks at its ends that a threshold can name: `reported fps p5`. */
const METRIC_NAME = /^[^\s<>=!\p{Cc}][^<>=!\p{Cc}]*$/u;
const OUTPUT_ENDING = /^\.?([A-Za-z0-9]{1,16})$/;
const EXAMPLE = 'command: [SvtAv1EncApp, -i, "{y4m}", -b, "{output}", --preset, "{preset}"]';

/**
 * Reads the keys of a command.
 * @returns null for another session, and where it told a problem that leaves no command
 */
export function readCommand(
  sections: ReadonlyMap<string, YamlEntry>,
  session: SessionKind,
  context: FileContext,
): CommandSpec | null {
  const { problems } = context;
  const entries = COMMAND_KEYS.map((key) => sections.get(key));
  if (session !== 'command') {
    for (const entry of entries)
      if (entry !== undefined)
        problems.add(
          entry.keyAt,
          `${entry.key} belongs to session: command, and this is session: ${session}`,
          'write session: command, or take it out',
        );
    return null;
  }
  const [command, env, output, metrics, gstreamer] = entries;
  const argv = command === undefined ? null : readArguments(command.value, problems);
  if (command === undefined) {
    const at = sections.get('session')?.keyAt ?? 0;
    problems.add(at, 'session: command has no command', `write ${EXAMPLE}`);
  }
  const spec: Omit<CommandSpec, 'gstreamer'> = {
    argv: argv ?? [],
    folder: context.folder,
    env: readVariables(env, problems),
    output: readOutput(output, problems),
    metrics: readMetrics(metrics, problems),
    where: problems.where(command?.value.at ?? 0),
  };
  if (argv === null) return null;
  checkOutput(spec, output, problems);
  return { ...spec, gstreamer: readGstreamer(gstreamer, argv[0]!, problems) };
}

/** An argument list, and nothing else: a text would need a shell's rules to be one. */
function readArguments(node: YamlNode, problems: ProblemList): string[] | null {
  if (node.kind !== 'list') {
    const words = node.kind === 'scalar' ? splitWords(node.text) : null;
    const todo =
      words === null || words.length === 0 ? EXAMPLE : `write a list: [${words.map(quoteArgument).join(', ')}]`;
    problems.add(node.at, 'command is a list of arguments', todo);
    return null;
  }
  if (node.items.length > MAX_ARGUMENTS) {
    problems.add(node.at, `${node.items.length} arguments`, `at most ${MAX_ARGUMENTS}: put them into a script`);
    return null;
  }
  let whole = true;
  const argv = node.items.map((item) => {
    const text = readTemplate(item, 'an argument', problems);
    whole &&= text !== null;
    return text ?? '';
  });
  if (whole && (argv[0] ?? '').trim() === '') {
    problems.add(node.at, 'this command is empty', `write a program and its arguments: ${EXAMPLE}`);
    return null;
  }
  return whole ? argv : null;
}

/** A text with placeholders; null where it told a problem. */
function readTemplate(node: YamlNode, what: string, problems: ProblemList): string | null {
  const wrong = (sentence: string, todo: string) => {
    problems.add(node.at, sentence, todo);
    return null;
  };
  if (node.kind === 'map' && node.entries.length === 1 && node.entries[0]!.value.kind === 'scalar')
    return wrong(
      `${what} must be plain text, not a mapping`,
      `a placeholder needs quotes: "{${node.entries[0]!.key}}"`,
    );
  if (node.kind !== 'scalar' || node.value === null)
    return wrong(`${what} must be plain text`, 'write [program, argument, argument]');
  if (node.text.includes('\0')) return wrong(`${what} holds a zero character`, 'take it out');
  if (node.text.length > MAX_ARGUMENT_LENGTH)
    return wrong(`${what} is longer than ${MAX_ARGUMENT_LENGTH} characters`, 'put it into a file');
  const parts = parseTemplate(node.text);
  return typeof parts === 'string'
    ? wrong(`${what} has ${parts}`, 'write "{name}" for the value of a setting')
    : node.text;
}

function readVariables(entry: YamlEntry | undefined, problems: ProblemList): Record<string, string> {
  if (entry === undefined || isEmpty(entry.value)) return {};
  if (entry.value.kind !== 'map') {
    problems.add(entry.value.at, 'env is a mapping of variables and their values', 'env: {SVT_LOG: "2"}');
    return {};
  }
  const env: Record<string, string> = {};
  for (const { key, keyAt, value } of entry.value.entries) {
    if (!VARIABLE.test(key)) {
      problems.add(keyAt, `${quoteName(key)} can't be the name of a variable`, 'names are letters, digits and _');
      continue;
    }
    const text = readTemplate(value, `the variable ${key}`, problems);
    if (text !== null) env[key] = text;
  }
  return env;
}

function readOutput(entry: YamlEntry | undefined, problems: ProblemList): string | null {
  if (entry === undefined || isEmpty(entry.value)) return null;
  const ending = entry.value.kind === 'scalar' ? OUTPUT_ENDING.exec(entry.value.text)?.[1] : undefined;
  if (ending !== undefined) return ending.toLowerCase();
  const path = entry.value.kind === 'scalar' && /[./]/.test(entry.value.text);
  problems.add(
    entry.value.at,
    `output is the ending of the file that {output} names${path ? ', and no path' : ''}`,
    'write output: mkv, and "{output}" in the command',
  );
  return null;
}

/** `{output}` and `output:` need each other. */
function checkOutput(
  { argv, env, output, where }: Omit<CommandSpec, 'gstreamer'>,
  entry: YamlEntry | undefined,
  problems: ProblemList,
): void {
  const used = [...argv, ...Object.values(env)].some((text) =>
    placeholdersOf(text).some(({ name }) => name === 'output'),
  );
  if (used && entry === undefined)
    problems.add(where, '{output} has no ending', 'write output: mkv (or ivf, mp4, h264 …) beside command');
  if (!used && output !== null)
    problems.add(entry!.keyAt, 'the command writes no {output}', 'put "{output}" into the command, or take output out');
}

function readGstreamer(entry: YamlEntry | undefined, program: string, problems: ProblemList): boolean {
  if (entry === undefined || isEmpty(entry.value)) return isGstLaunch(program);
  if (entry.value.kind === 'scalar' && typeof entry.value.value === 'boolean') return entry.value.value;
  problems.add(entry.value.at, 'gstreamer must be true or false', 'gstreamer: true');
  return false;
}

function readMetrics(entry: YamlEntry | undefined, problems: ProblemList): CommandMetric[] {
  if (entry === undefined || isEmpty(entry.value)) return [];
  if (entry.value.kind !== 'map') {
    problems.add(
      entry.value.at,
      'metrics is a mapping of names',
      String.raw`metrics: {reported fps: {pattern: 'fps: ([\d.]+)', unit: frame/s, better: higher}}`,
    );
    return [];
  }
  const { entries } = entry.value;
  if (entries.length > MAX_METRICS) {
    problems.add(entry.value.at, `${entries.length} metrics of one command`, `at most ${MAX_METRICS}`);
    return [];
  }
  const taken = new Set(encodeMetricNames());
  return entries.flatMap((one) => readMetric(one, taken, problems) ?? []);
}

function readMetric(entry: YamlEntry, taken: ReadonlySet<string>, problems: ProblemList): CommandMetric | null {
  const { key: name, keyAt, value: node } = entry;
  let sound = true;
  const wrong = (at: number, what: string, todo?: string) => {
    problems.add(at, what, todo);
    sound = false;
  };
  if (!METRIC_NAME.test(name) || name.trim() !== name || name.length > MAX_NAME_LENGTH)
    wrong(keyAt, `${quoteName(name)} can't be the name of a metric`, 'a text without < > = !, such as reported fps');
  else if (taken.has(name) || /^(element|quality)\./.test(name))
    wrong(keyAt, `${quoteName(name)} is a metric of ours already`, `give it another name: reported ${name}`);
  if (node.kind !== 'map') {
    wrong(node.at, `the metric ${quoteName(name)} is a mapping`, String.raw`{pattern: 'fps: ([\d.]+)', unit: frame/s}`);
    return null;
  }
  const texts = new Map<string, { text: string; at: number }>();
  for (const { key, keyAt: at, value } of node.entries) {
    if (!METRIC_KEYS.includes(key)) {
      problems.addUnknown(at, 'key of a metric', key, METRIC_KEYS);
      sound = false;
    } else if (value.kind !== 'scalar' || value.value === null || value.text.trim() === '')
      wrong(value.at, `${key} of ${quoteName(name)} must be a text`);
    else texts.set(key, { text: value.text, at: value.at });
  }
  const [pattern, json, from, unit, better] = METRIC_KEYS.map((key) => texts.get(key));
  if (pattern === undefined && json === undefined && sound)
    wrong(keyAt, `the metric ${quoteName(name)} says not how it is read`, 'add pattern: or json:');
  if (pattern !== undefined && json !== undefined)
    wrong(json.at, `the metric ${quoteName(name)} has a pattern and a json path`, 'keep one of them');
  if (pattern !== undefined) {
    const why = patternProblem(pattern.text);
    if (why !== null) wrong(pattern.at, why.what, why.todo);
  }
  if (json !== undefined && parseJsonPath(json.text) === null)
    wrong(
      json.at,
      `${quoteName(json.text)} is no path in JSON`,
      'write names and positions: summary.fps or frames[0].time',
    );
  if (better !== undefined && !BETTER.includes(better.text)) {
    const nearest = nearestName(better.text, BETTER);
    wrong(
      better.at,
      `better must be higher or lower, not ${quoteName(better.text)}`,
      nearest === null ? 'leave it out where neither is' : `did you mean ${quoteName(nearest)}?`,
    );
  }
  if (unit !== undefined && unit.text.length > MAX_UNIT_LENGTH)
    wrong(unit.at, `a unit of ${unit.text.length} characters`, 'write frame/s, s, ms, bit/s, byte or dB');
  const origin = readOrigin(from, problems);
  if (!sound || origin === null) return null;
  return {
    name,
    unit: unit?.text ?? '1',
    better: (better?.text ?? null) as Better,
    origin,
    how: pattern === undefined ? { json: json!.text } : { pattern: pattern.text },
    where: problems.where(keyAt),
  };
}

/** Where a metric is read: standard output where it is not said. */
function readOrigin(from: { text: string; at: number } | undefined, problems: ProblemList): MetricOrigin | null {
  if (from === undefined || from.text === 'stdout') return { from: 'stdout' };
  if (from.text === 'stderr') return { from: 'stderr' };
  const parts = parseTemplate(from.text);
  if (typeof parts === 'string') {
    problems.add(from.at, `from has ${parts}`, 'from: stdout, stderr, or a path such as "{folder}/stats.json"');
    return null;
  }
  // A path has a folder or an ending; a bare word is a stream that is misspelt.
  if (/[./{]/.test(from.text)) return { from: 'file', path: from.text };
  problems.addUnknown(from.at, 'stream', from.text, ['stdout', 'stderr']);
  return null;
}

function patternProblem(pattern: string): { what: string; todo: string } | null {
  try {
    // Together with an empty alternative it matches the empty text, and tells how many groups it has.
    const groups = new RegExp(`${pattern}|`, 'gm').exec('')!.length - 1;
    return groups > 0
      ? null
      : { what: 'the pattern has no group that holds the number', todo: String.raw`put it into parentheses: ([\d.]+)` };
  } catch (error) {
    return {
      what: `the pattern is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`,
      todo: "JavaScript's expressions are meant; in YAML they stand best in single quotes",
    };
  }
}

/**
 * Checks that every cell has a value for every placeholder of a command. A slip is told once, with a cell that shows it.
 * @param cells the plan's
 */
export function checkPlaceholders(spec: CommandSpec, cells: readonly Cell[], problems: ProblemList): void {
  const texts = [
    ...spec.argv.map((text) => ({ text, where: spec.where })),
    ...Object.values(spec.env).map((text) => ({ text, where: spec.where })),
    ...spec.metrics.flatMap(({ origin, where }) => (origin.from === 'file' ? [{ text: origin.path, where }] : [])),
  ].filter(({ text }) => placeholdersOf(text).length > 0);
  const told = new Set<string>();
  const tell = (where: string, what: string, todo: string) => {
    const key = `${where} ${what}`;
    if (!told.has(key)) problems.add(where, what, todo);
    told.add(key);
  };
  for (const cell of cells) {
    for (const name in cell.settings)
      if (isRunPlaceholder(name))
        tell(spec.where, `the setting ${quoteName(name)} has the name of a placeholder`, 'give it another name');
    const values = trialValues(spec, cell);
    for (const { text, where } of texts) {
      const filled = fillTemplate(text, cell.settings, values);
      if (typeof filled !== 'string') tell(where, ...unfitSentence(filled, cell, cells));
    }
    const source = cell.settings['source'];
    if (typeof source === 'string' && source.startsWith('lavfi:'))
      for (const { text, where } of texts)
        if (placeholdersOf(text).some(({ name }) => name === 'source'))
          tell(
            where,
            '{source} is a generated picture and no file here',
            'write "{y4m}", which is a file of its pictures',
          );
  }
}

/** What a run would have: placeholders of a source only where the cell names one. */
function trialValues(spec: CommandSpec, { settings }: Cell): RunValues {
  const source = settings['source'];
  const frames = countedFrames(settings);
  return {
    folder: 'folder',
    bench: spec.folder,
    ...(spec.output === null ? {} : { output: 'output' }),
    ...(frames === null ? {} : { frames }),
    ...(source === undefined
      ? {}
      : { source, y4m: 'y4m', yuv: 'yuv', width: 1, height: 1, fps: '1/1', frames: frames ?? 1 }),
  };
}

const NEED_SOURCE = ['source', 'y4m', 'yuv', 'width', 'height', 'fps', 'frames'];

function unfitSentence(unfit: UnfitPlaceholder, cell: Cell, cells: readonly Cell[]): [what: string, todo: string] {
  const { text, name, converter, value } = unfit;
  if (unfit.why === 'no converter') {
    const nearest = nearestName(converter!, CONVERTER_NAMES);
    return [
      `${text} has an unknown converter ${quoteName(converter!)}`,
      nearest === null ? `known here: ${listNames(CONVERTER_NAMES)}` : `did you mean {${name}:${nearest}}?`,
    ];
  }
  if (unfit.why === 'unfit')
    return [`${text} can't be made of ${quoteName(String(value))}`, `write {${name}}, or another value`];
  if (name === 'output') return ['{output} has no ending', 'write output: mkv (or ivf, mp4, h264 …) beside command'];
  if (NEED_SOURCE.includes(name))
    return [`${text} needs a source, and ${cellName(cell)} has none`, 'write source: clip.mp4'];
  const elsewhere = cells.some(({ settings }) => Object.hasOwn(settings, name));
  if (elsewhere) return [`${text} names a setting that ${cellName(cell)} does not have`, `give ${name} to every cell`];
  const known = [...new Set([...Object.keys(cell.settings), 'frames', 'source', ...RUN_PLACEHOLDERS])];
  const nearest = nearestName(name, known);
  return [
    `${text} names no setting`,
    nearest === null
      ? `settings here: ${listNames(known)}; a brace itself is written {{`
      : `did you mean {${nearest}}?`,
  ];
}

function cellName({ label }: Cell): string {
  return label === '' ? 'this benchmark' : quoteName(label);
}

function quoteArgument(word: string): string {
  return /^[\w@%+=./-]+$/.test(word) ? word : JSON.stringify(word);
}

function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}
