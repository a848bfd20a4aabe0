// encodelab bench compare A B

import { appendFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { nearestName } from '#core/nearest-name';
import { UserError } from '#core/user-error';
import { compareSides } from '#explore/compare/compare-sides';
import { settingsInTheWay } from '#explore/compare/settings-in-the-way';
import { comparisonMarkdown } from '#explore/compare/comparison-markdown';
import { GATE_METRICS, judgeComparison, type GateRules, type GateVerdict, type Limit } from '#explore/compare/gate';
import type { Side } from '#explore/compare/side';
import { compareJson, compareText, gateText } from './compare-report.ts';
import { betterSides, collectBetter, type NamedBetter } from './compare-better.ts';
import { checkSharedRuns, namesTwoSides, readSides, type SideOptions } from './compare-sides-option.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import type { SetExitCode } from './program.ts';
import { withLab } from './with-lab.ts';

interface CompareOptions extends SideOptions {
  readonly lab: string;
  readonly metric?: readonly string[];
  readonly better?: readonly NamedBetter[];
  readonly minEffect?: number;
  readonly ignore?: readonly string[];
  readonly gate?: true;
  readonly maxWorse?: readonly NamedLimit[];
  readonly fewRepeats?: true;
  readonly json?: true;
  readonly markdown?: string;
  readonly all?: true;
}

interface NamedLimit {
  /** Null for every metric. */
  readonly metric: string | null;
  readonly limit: Limit;
}

const DEFAULT_LIMIT: Limit = { kind: 'share', value: 0.05 };

export function addCompareCommand(bench: Command, setExitCode: SetExitCode): void {
  bench
    .command('compare')
    .argument('<benchmark...>', 'names of two benchmarks of the lab, or of one')
    .description('what changed between two benchmarks, two parts of one, or a baseline and a benchmark')
    .option('--by <property>', 'split one benchmark by a setting or a fact: build, machine, preset')
    .option('--a <value>', 'the value of it on the first side')
    .option('--b <value>', 'the value of it on the second side')
    .option('--baseline <name>', 'compare with a baseline of the lab')
    .option('--baseline-file <file>', 'compare with a baseline in a file')
    .option('--metric <list>', 'only these metrics, with commas between; may be given again', collectNames)
    .option(
      '--better <name=side>',
      'which way a metric is better, where it does not say itself: bitrate=lower; may be given again',
      collectBetter,
    )
    .option('--ignore <list>', 'settings that do not tell cells apart, with commas between', collectNames)
    .option('--min-effect <share>', 'a change below this counts as none: 2%', parseShare)
    .option('--gate', 'exit with 99 where a metric is worse by more than --max-worse and beyond noise')
    .option(
      '--max-worse <limit>',
      'how much worse is too much: 5%, 0.5 (in the unit of the metric), encode.fps=3%; 5% where it is left out',
      collectLimits,
    )
    .option('--few-repeats', 'with --gate: where there are too few repeats for an interval, the limit alone decides')
    .option('--markdown <file>', 'append a summary in Markdown to a file; - for stdout')
    .option('--all', 'print every row of every cell')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab bench compare before after\n  encodelab bench compare codecs --by preset --a fast --b medium --metric encode.fps\n  encodelab bench compare --baseline main nightly --gate --max-worse 3% --markdown "$GITHUB_STEP_SUMMARY"\n\nExit codes: 0 compared (and passed), 1 nothing could be compared, or not all that the gate asks for, 2 usage, 99 worse.',
    )
    .action(async (benchmarks: string[], options: CompareOptions, command: Command) => {
      const wrong = wrongWords(benchmarks, options);
      if (wrong !== null) command.error(`error: ${wrong}`);
      setExitCode(await compare(benchmarks, options));
    });
}

async function compare(benchmarks: readonly string[], options: CompareOptions): Promise<ExitCode> {
  return withLab(
    options.lab,
    async (lab) => {
      const sides = await readSides(lab, benchmarks, options);
      checkMetrics(sides, '--metric', options.metric);
      checkMetrics(
        sides,
        '--better',
        options.better?.map(({ metric }) => metric),
      );
      const [a, b] = sides.map((side) => betterSides(side, options.better ?? [])) as [Side, Side];
      const comparison = compareSides(a, b, {
        metrics: options.metric,
        minEffect: options.minEffect,
        ignored: options.ignore,
      });
      checkSharedRuns(comparison);
      const gate = options.gate === true ? judgeComparison(comparison, gateRules(a, options)) : null;
      if (options.markdown !== undefined) await putMarkdown(options.markdown, comparisonMarkdown(comparison, gate));
      if (options.json === true) console.log(compareJson(comparison, gate));
      else if (options.markdown !== '-') console.log(compareText(comparison, options.all === true));
      if (gate !== null) console.error(gateText(gate));
      if (comparison.match.pairs.length === 0) tellTheWay(settingsInTheWay(a, b, options.ignore));
      return exitCode(comparison.cells.length, gate);
    },
    { readonly: true },
  );
}

function tellTheWay(names: readonly string[]): void {
  if (names.length === 0) return;
  console.error(
    `no cells pair, because ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} other values on both sides: --ignore ${names.join(',')} compares them without`,
  );
}

function exitCode(rows: number, gate: GateVerdict | null): ExitCode {
  if (gate?.state === 'worse') return EXIT.threshold;
  if (gate?.state === 'blocked') return EXIT.failed;
  if (rows > 0) return EXIT.ok;
  console.error('nothing could be compared');
  return EXIT.failed;
}

/** What was asked for by name must have been compared; else what the baseline has of the usual ones. */
function gateRules(a: Side, { metric, better = [], maxWorse = [], fewRepeats }: CompareOptions): GateRules {
  const usual = a.metrics.filter(({ name, better }) => better !== null && GATE_METRICS.includes(name));
  const named = maxWorse.flatMap((one) => (one.metric === null ? [] : [[one.metric, one.limit] as const]));
  const metrics = metric ?? [
    ...new Set([...usual.map(({ name }) => name), ...named.map(([name]) => name), ...better.map((one) => one.metric)]),
  ];
  const direct = metrics.filter((name) => a.metrics.find((known) => known.name === name)?.better !== null);
  const sideless = metrics.filter((name) => !direct.includes(name));
  if (direct.length === 0)
    throw new UserError({
      what:
        sideless.length === 0
          ? 'there is no metric to judge'
          : `there is no metric to judge: ${sideless.join(', ')} ${sideless.length === 1 ? 'has' : 'have'} no better side`,
      where: '--gate',
      todo: sideless.length === 0 ? 'name one with --metric' : `say which it is: --better ${sideless[0]}=lower`,
    });
  if (sideless.length > 0)
    console.error(
      `not judged, for want of a better side: ${sideless.join(', ')} (--better ${sideless[0]}=lower gives one)`,
    );
  return {
    limit: maxWorse.findLast((one) => one.metric === null)?.limit ?? DEFAULT_LIMIT,
    byMetric: Object.fromEntries(named),
    fewRepeats: fewRepeats === true,
    metrics: direct,
  };
}

/** What is wrong with how the command was called; null where nothing is. */
function wrongWords(benchmarks: readonly string[], options: CompareOptions): string | null {
  if (!namesTwoSides(benchmarks, options))
    return 'this does not name two sides: two benchmarks, or one with --baseline NAME, or one with --by PROPERTY --a VALUE --b VALUE';
  if (options.by === undefined && (options.a ?? options.b) !== undefined) return '--a and --b belong to --by';
  if (options.gate !== true && (options.maxWorse !== undefined || options.fewRepeats === true))
    return '--max-worse and --few-repeats belong to --gate';
  if (options.json === true && options.markdown === '-') return '--json and --markdown - both write to stdout';
  return null;
}

function checkMetrics(sides: readonly Side[], where: string, asked: readonly string[] | undefined): void {
  const known = [...new Set(sides.flatMap(({ metrics }) => metrics.map(({ name }) => name)))];
  for (const name of known.length === 0 ? [] : (asked ?? [])) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw new UserError({
      what: `no run has a metric "${name}"`,
      where,
      todo: near === null ? `there are: ${known.join(', ')}` : `did you mean ${near}?`,
    });
  }
}

/** Appended: that is how services want their summary written. */
async function putMarkdown(file: string, text: string): Promise<void> {
  if (file === '-') {
    console.log(text);
    return;
  }
  try {
    await appendFile(file, text);
  } catch (cause) {
    throw new UserError({ what: `it can't be written: ${(cause as Error).message}`, where: file }, { cause });
  }
}

function collectNames(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== '')];
}

function collectLimits(text: string, before: readonly NamedLimit[] = []): NamedLimit[] {
  const at = text.lastIndexOf('=');
  const limit = parseLimit(text.slice(at + 1));
  if (limit === null)
    throw new InvalidArgumentError('A limit is 5%, 0.5 (in the unit of the metric) or encode.fps=3%.');
  return [...before, { metric: at < 0 ? null : text.slice(0, at).trim(), limit }];
}

function parseLimit(text: string): Limit | null {
  const [, digits, percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  if (digits === undefined) return null;
  return percent === '%' ? { kind: 'share', value: Number(digits) / 100 } : { kind: 'amount', value: Number(digits) };
}

function parseShare(text: string): number {
  const limit = parseLimit(text);
  if (limit?.kind !== 'share') throw new InvalidArgumentError('It is a percentage: 2%.');
  return limit.value;
}
