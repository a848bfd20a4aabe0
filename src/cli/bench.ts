// encodelab bench plan|run|report FILE.yaml

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { nearestName } from '#core/nearest-name';
import type { Benchmark } from '#core/benchmark';
import { USUAL_PROFILE } from '#core/profile';
import type { RunRecord } from '#core/run';
import { liveSourceOf } from '#core/session';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { planBench } from '#matrix/bench-plan';
import { readResults, type BenchResults } from '#matrix/bench-results';
import { runBench, type BenchEnd } from '#matrix/bench-run';
import { readBenchmarkFile } from '#matrix/read-benchmark-file';
import { isStreaming } from '#matrix/streaming-session';
import { addBaselineCommands } from './bench-baseline.ts';
import { addCompareCommand } from './bench-compare.ts';
import { addHistoryCommand } from './bench-history.ts';
import { remarksOf, reportJson, reportText } from './bench-report.ts';
import { writeReports } from './bench-report-files.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { hasProfile } from './has-profile.ts';
import { onInterrupt } from './interrupt.ts';
import { labOption } from './lab-option.ts';
import { openLiveSystem, type LiveSystem } from './live-system.ts';
import { packageVersion } from './package-version.ts';
import { parseFrequency } from './profile-option.ts';
import type { SetExitCode } from './program.ts';
import { formatSecondsLeft, formatSpan, ProgressLine } from './progress-line.ts';
import { runJson } from './run-json.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

interface BenchOptions {
  readonly lab: string;
  readonly json?: true;
  readonly yes?: true;
  readonly retry?: true;
  readonly seed?: number;
  readonly source?: string;
  readonly probe?: false;
  readonly cells?: true;
  readonly metrics?: string;
  readonly against?: string;
  readonly profile?: number | true;
  readonly html?: string | true;
  readonly markdown?: string | true;
}

/** @returns the command `bench`, for more commands below it */
export function addBenchCommands(program: Command, setExitCode: SetExitCode): Command {
  const bench = program.command('bench').description('benchmark a matrix of settings');
  bench
    .command('plan')
    .argument('<file>', 'a benchmark file (docs/benchmark-file.md)')
    .description('dry run: check everything, list the cells and their order, and estimate the time')
    .option('--cells', 'list every cell, however many')
    .option('--source <file>', "encode this instead of the file's source")
    .option('--no-probe', 'estimate from recorded runs only, without short encodes')
    .option('--seed <n>', 'seed of the random order', parseSeed)
    .option('--yes', 'accept a very large matrix')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((file: string, options: BenchOptions) => plan(file, options));
  bench
    .command('run')
    .argument('<file>', 'a benchmark file (docs/benchmark-file.md)')
    .description('run what is not recorded yet, and print the results')
    .option('--source <file>', "encode this instead of the file's source")
    .option('--retry', 'run failed cells again')
    .option(
      '--profile [hz]',
      `take a profile of each run, ${USUAL_PROFILE.frequencyHz} samples a second on each CPU; a run without one runs again`,
      parseFrequency,
    )
    .option('--seed <n>', 'seed of the random order', parseSeed)
    .option('--yes', 'accept a very large matrix')
    .option('--json', 'print one JSON object a line for each run that finished now')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 a run or a hook failed, 99 a threshold is not met, 130 interrupted.\nThe first Ctrl-C ends after the run in progress, the second at once; what is done is kept, and the next start goes on.',
    )
    .action(async (file: string, options: BenchOptions) => setExitCode(await runAndReport(file, options)));
  bench
    .command('report')
    .argument('<file>', 'a benchmark file, or the name of a benchmark in the lab')
    .description('print the results of a benchmark, or write a report of it')
    .option('--html [file]', 'write a report with plots, findings and data: one file that opens without a server')
    .option('--markdown [file]', 'the same without plots, for a pull request or a job summary; - is standard output')
    .option('--metrics <list>', 'metrics to show, with commas between')
    .option('--against <value>', 'how much less CPU time than with this value of a property: level=lowest')
    .option('--json', 'print one JSON object a line for each cell')
    .addOption(labOption())
    .action(async (file: string, options: BenchOptions) => setExitCode(await report(file, options)));
  addCompareCommand(bench, setExitCode);
  addBaselineCommands(bench, setExitCode);
  addHistoryCommand(bench);
  return bench;
}

/** Cells that a plan lists without being asked for all. */
const LISTED_CELLS = 50;

async function plan(file: string, options: BenchOptions): Promise<void> {
  const benchmark = await readBenchmark(file, options);
  await withLab(options.lab, async (lab) => {
    const planned = await planBench({
      benchmark,
      lab,
      probe: options.probe !== false,
      version: packageVersion(),
      onNote: (text) => console.error(text),
    });
    if (options.json === true) {
      console.log(JSON.stringify(planned));
      return;
    }
    const { cells, runs, recorded, estimate } = planned;
    const shown = options.cells === true ? cells : cells.slice(0, LISTED_CELLS);
    const columns = [
      { title: '#', align: 'right' as const },
      { title: 'cell' },
      { title: 'recorded', align: 'right' as const },
    ];
    console.log(
      textTable(
        columns,
        shown.map((cell) => [String(cell.first), cell.label, `${cell.recorded}/${benchmark.repeat}`]),
      ),
    );
    if (shown.length < cells.length) console.log(`… and ${cells.length - shown.length} more: --cells lists them all`);
    for (const warning of planned.warnings) console.error(`warning: ${warning}`);
    const order = benchmark.order === 'random' ? `random, seed ${planned.seed}` : 'as listed';
    console.log(`\n${cells.length} cells, ${runs} runs, ${recorded} of them recorded already; order: ${order}`);
    console.log(
      `time: ${estimate === null ? 'not known: nothing like it has run here yet' : formatSecondsLeft(estimate)}`,
    );
  });
}

async function runAndReport(file: string, options: BenchOptions): Promise<ExitCode> {
  const benchmark = await readBenchmark(file, options);
  return withLab(options.lab, (lab) => runWithProgress(benchmark, lab, options));
}

/** Runs a benchmark with a progress line on stderr; results go to stdout. */
export async function runWithProgress(
  benchmark: Benchmark,
  lab: Lab,
  options: { json?: true | undefined; retry?: true | undefined; profile?: number | true | undefined },
): Promise<ExitCode> {
  const line = new ProgressLine();
  const missing = new Set<string>();
  const interrupt = onInterrupt(() => line.note('stopping after the run in progress; Ctrl-C again stops now'));
  const onNote = (text: string) => line.note(text);
  let system: LiveSystem | null = null;
  const latest: { profiled: RunRecord | null } = { profiled: null };
  try {
    if (isStreaming(benchmark.session))
      system = await openLiveSystem({
        lab,
        intervalMs: benchmark.intervalMs,
        starts: benchmark.session !== 'spice',
        onNote,
        signal: interrupt.drain,
      });
    const end = await runBench({
      benchmark,
      lab,
      interrupt,
      session: system?.live ?? null,
      retry: options.retry === true,
      version: packageVersion(),
      onProgress: (progress) => line.show(progress),
      onNote,
      onRun: (run) => {
        if (run.repeat < 1) return;
        if (benchmark.profile !== null && hasProfile(lab, run)) latest.profiled = run;
        if (options.json === true) console.log(JSON.stringify(runJson(run)));
        for (const { name } of run.outcome === 'ok' ? (benchmark.command?.metrics ?? []) : [])
          if (run.metrics[name] === undefined && !missing.has(name)) {
            missing.add(name);
            line.note(
              `warning: ${name} was not found in ${run.cell}: encodelab runs show ${run.id.slice(0, 18)} tells why`,
            );
          }
        if (run.outcome !== 'ok') line.note(`${run.outcome}: ${run.cell}: ${run.reason ?? ''}`);
        else
          line.milestone(`ok: ${run.cell} (${run.repeat} of ${benchmark.repeat}), ${formatSpan(run.durationS ?? 0)}`);
      },
    });
    line.clear();
    if (options.json !== true) console.log(reportText(end.results, null));
    else
      for (const { threshold, cell, state } of end.results.verdicts)
        if (state !== 'met') console.error(`threshold not met: ${threshold} in ${cell}`);
    console.error(endText(end, benchmark));
    if (typeof options.profile === 'number' && end.skipped > 0)
      console.error('what was recorded before keeps the profile that it has: another frequency does not run it again');
    if (latest.profiled !== null) console.error(profileWords(latest.profiled));
    return exitCode(end);
  } catch (error) {
    // The first signal is enough while nothing runs.
    if (!interrupt.drain.aborted || (error as Error).name !== 'AbortError') throw error;
    console.error(`${benchmark.name}: stopped before the first run`);
    return EXIT.interrupted;
  } finally {
    line.clear();
    await system?.close();
    interrupt.release();
  }
}

/** Where the profiles are to be seen, by the latest of them. */
function profileWords({ id }: RunRecord): string {
  return `profiles: encodelab serve shows them, /runs/${id}/profile; encodelab profile diagnose ${id.slice(0, 18)} tells what stands out`;
}

function endText(end: BenchEnd, benchmark: Benchmark): string {
  const parts = [`${end.ran} runs now`, ...(end.skipped > 0 ? [`${end.skipped} recorded before`] : [])];
  if (end.failed > 0) parts.push(`${end.failed} failed (--retry runs them again)`);
  if (end.hookFailures > 0) parts.push(`${end.hookFailures} hooks failed`);
  if (end.leftOut > 0) parts.push(`${end.leftOut} runs left out because of that: they run at the next start`);
  if (end.interrupted) parts.push(`interrupted: the same command goes on with the other ${end.left}`);
  return `${benchmark.name}: ${parts.join(', ')}`;
}

function exitCode(end: BenchEnd): ExitCode {
  if (end.interrupted) return EXIT.interrupted;
  if (end.failed > 0 || end.hookFailures > 0) return EXIT.failed;
  return end.results.verdicts.some(({ state }) => state !== 'met') ? EXIT.threshold : EXIT.ok;
}

async function report(file: string, options: BenchOptions): Promise<ExitCode> {
  return withLab(
    options.lab,
    async (lab) => {
      const results = await findResults(file, lab, options);
      if (options.html !== undefined || options.markdown !== undefined)
        await writeReports(lab, results.benchmark.name, options, remarksOf(results));
      else if (options.json === true) for (const line of reportJson(results)) console.log(line);
      else {
        const metrics = options.metrics?.split(',').map((name) => name.trim()) ?? null;
        console.log(reportText(results, metrics, options.against));
      }
      if (results.cells.some(({ state }) => state === 'failed')) return EXIT.failed;
      return results.verdicts.some(({ state }) => state !== 'met') ? EXIT.threshold : EXIT.ok;
    },
    { readonly: true },
  );
}

/** A name of the lab, or a file: then its own name and thresholds count. */
export async function findResults(
  file: string,
  lab: Lab,
  options: { lab: string; yes?: true; seed?: number },
): Promise<BenchResults> {
  const named = await lab.catalogue.benchmark(file);
  if (named === null && !existsSync(file)) {
    const known = (await lab.catalogue.benchmarks()).map(({ name }) => name);
    const near = nearestName(file, known);
    const todo =
      near !== null
        ? `did you mean ${near}?`
        : known.length > 0
          ? `the lab has: ${known.join(', ')}`
          : 'encodelab bench run makes some';
    throw new UserError({ what: `"${file}" is neither a benchmark of the lab nor a file`, where: lab.path, todo });
  }
  const benchmark = named === null ? await readBenchmark(file, options) : null;
  const record = named ?? (await lab.catalogue.benchmark(benchmark!.name));
  if (record === null) {
    throw new UserError({
      what: `nothing is recorded of the benchmark ${benchmark!.name}`,
      where: lab.path,
      todo: `encodelab bench run ${file} --lab ${options.lab}`,
    });
  }
  return readResults(lab.catalogue, benchmark === null ? record : { ...record, thresholds: benchmark.thresholds });
}

interface ReadOptions {
  readonly yes?: true;
  readonly seed?: number;
  readonly source?: string;
  readonly profile?: number | true;
}

/** Reads a benchmark file; what the command line says beats the file. */
export async function readBenchmark(file: string, options: ReadOptions): Promise<Benchmark> {
  const benchmark = await readBenchmarkFile(file, { yes: options.yes === true });
  const { seed = benchmark.seed, source } = options;
  const profile = profileOf(benchmark, options.profile);
  return { ...benchmark, seed, profile, cells: source === undefined ? benchmark.cells : withSource(benchmark, source) };
}

/** Only the frequency is told on the command line: stacks and switches are the file's. */
function profileOf({ profile }: Benchmark, asked: number | true | undefined): Benchmark['profile'] {
  if (asked === undefined) return profile;
  const usual = profile ?? USUAL_PROFILE;
  return asked === true ? usual : { ...usual, frequencyHz: asked };
}

/** A source that is no setting of its own (in the matrix) is taken for every cell, relative to where we are. */
function withSource({ cells, properties, file }: Benchmark, source: string): Benchmark['cells'] {
  if (properties.some(({ name }) => name === 'source'))
    throw new UserError({
      what: 'the matrix of this file varies the source',
      where: file,
      todo: 'leave --source out, or take source out of the matrix',
    });
  const path = source.startsWith('lavfi:') || liveSourceOf(source) !== null ? source : resolve(source);
  return cells.map((cell) => ({ ...cell, settings: { ...cell.settings, source: path } }));
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new UserError({ what: `"${text}" is not a seed`, where: '--seed', todo: 'a whole number from 0 on' });
  return seed;
}
