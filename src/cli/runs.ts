// encodelab runs [list|show|exclude|include|delete|export|restore|import]

import { Argument, Option, type Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import { OUTCOMES, type Outcome, type RunRecord } from '#core/run';
import { formatSettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import { deleteRuns } from '#lab/delete-runs';
import type { Lab } from '#lab/lab';
import { rebuildCatalogue } from '#lab/rebuild-catalogue';
import { recordingOf } from '#lab/run-recording';
import { RECORDING_TABLES } from '#core/recording';
import { exportTable, type ExportFormat, type ExportTable } from '#recording/export';
import { readHeader } from '#recording/read-recording';
import type { ExitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';
import { hasProfile } from './has-profile.ts';
import { labOption } from './lab-option.ts';
import { runJson } from './run-json.ts';
import { addExcludeCommands } from './runs-exclude.ts';
import { addImportCommand } from './runs-import.ts';
import { plainText } from './plain-text.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

const TABLES: readonly ExportTable[] = ['frames', ...RECORDING_TABLES.filter((table) => table !== 'frames')];
const FORMATS: readonly ExportFormat[] = ['csv', 'json', 'parquet'];

export function addRunsCommands(program: Command, setExitCode: (code: ExitCode) => void): void {
  const runs = program
    .command('runs')
    .description('list, show, leave out, delete, export, import and restore what was recorded');
  runs
    .command('list', { isDefault: true })
    .description('list runs, the newest first')
    .option('--benchmark <name>', 'only runs of one benchmark')
    .addOption(new Option('--outcome <outcome>', 'only runs that ended so').choices(OUTCOMES))
    .option('--limit <n>', 'at most so many', parseCount, 50)
    .option('--json', 'print one JSON object a line')
    .addOption(labOption())
    .action((options: { benchmark?: string; outcome?: Outcome; limit: number; json?: true; lab: string }) =>
      withLab(
        options.lab,
        async (lab) => {
          const found = await markAbandoned(lab, await lab.catalogue.runs(options));
          const { reasons } = await lab.catalogue.exclusions();
          if (options.json === true)
            for (const run of found) console.log(JSON.stringify({ ...runJson(run), excluded: reasons.get(run.id) }));
          else
            console.log(found.length === 0 ? 'no runs yet: encodelab demo makes some' : runTable(lab, found, reasons));
          const all = await lab.catalogue.countRuns(options);
          if (all > found.length) console.error(`${all - found.length} more: --limit ${all}`);
        },
        { readonly: true },
      ),
    );
  runs
    .command('show')
    .argument('<run>', 'its id, or the beginning of it')
    .description('tell everything about one run')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .action((id: string, options: { json?: true; lab: string }) =>
      withLab(
        options.lab,
        async (lab) => {
          const [run] = (await markAbandoned(lab, [await findRun(lab.catalogue, id)])) as [RunRecord];
          const header =
            run.recording === null
              ? null
              : await recordingOf(lab, run)
                  .then(readHeader)
                  .catch(() => null);
          // Undefined is left out of the JSON: the result is told already.
          const recording = header === null ? null : { ...header, result: undefined };
          const excluded = (await lab.catalogue.exclusions()).reasons.get(run.id);
          if (options.json === true) console.log(JSON.stringify({ ...runJson(run), excluded, recording }));
          else console.log(describeRun(run, header?.absent ?? [], excluded));
        },
        { readonly: true },
      ),
    );
  addExcludeCommands(runs);
  runs
    .command('delete')
    .argument('<run...>', 'ids, or the beginnings of them')
    .description('delete runs with their recordings')
    .addOption(labOption())
    .action((ids: string[], options: { lab: string }) =>
      withLab(
        options.lab,
        async (lab) => {
          const found = await Promise.all(ids.map((id) => findRun(lab.catalogue, id)));
          const deleted = await deleteRuns(
            lab,
            found.map(({ id }) => id),
          );
          console.error(`${deleted} runs deleted`);
        },
        { existing: true },
      ),
    );
  runs
    .command('export')
    .addArgument(new Argument('[run...]', 'ids, or the beginnings of them'))
    .description('export a table of runs, or of a whole benchmark')
    .option('--benchmark <name>', 'every result of a benchmark')
    .addOption(new Option('--table <table>', 'what to export').choices(TABLES).default('frames'))
    .addOption(new Option('--format <format>', 'how').choices(FORMATS).default('csv'))
    .option('-o, --output <file>', 'where to; - is standard output', '-')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab runs export 0199 --table frames --format csv\n  encodelab runs export --benchmark bunny --table series --format parquet -o series.parquet',
    )
    .action((ids: string[], options: ExportOptions) =>
      withLab(options.lab, (lab) => exportRuns(lab, ids, options), { readonly: true }),
    );
  runs
    .command('restore')
    .description('restore runs from their recordings, after the catalogue was lost')
    .addOption(labOption())
    .action((options: { lab: string }) => withLab(options.lab, restoreRuns, { existing: true }));
  addImportCommand(runs, setExitCode);
}

async function restoreRuns(lab: Lab): Promise<void> {
  const { restored, skipped } = await rebuildCatalogue(lab);
  console.error(`${restored} runs restored`);
  if (skipped > 0) console.error(`${skipped} recordings hold no result, or are damaged: they stay as they are`);
  if (restored > 0)
    console.error('`encodelab bench run FILE` shows the results of a benchmark again, and runs what is missing');
}

/** A bench that was killed could not say so: what it left open is interrupted, and the next bench ends it. */
async function markAbandoned(lab: Lab, runs: readonly RunRecord[]): Promise<RunRecord[]> {
  const abandoned = new Set((await lab.catalogue.abandonedRuns()).map(({ id }) => id));
  return runs.map((run) => (abandoned.has(run.id) ? { ...run, interrupted: true } : run));
}

function outcomeText(run: RunRecord): string {
  return run.interrupted ? 'interrupted' : (run.outcome ?? 'running');
}

interface ExportOptions {
  readonly benchmark?: string;
  readonly table: ExportTable;
  readonly format: ExportFormat;
  readonly output: string;
  readonly lab: string;
}

async function exportRuns(lab: Lab, ids: readonly string[], options: ExportOptions): Promise<void> {
  if ((ids.length === 0) === (options.benchmark === undefined)) {
    throw new UserError({ what: 'export what?', todo: 'name runs by their ids, or a benchmark by --benchmark' });
  }
  const runs =
    options.benchmark === undefined
      ? await Promise.all(ids.map((id) => findRun(lab.catalogue, id)))
      : [...(await lab.catalogue.results(options.benchmark)).values()].flat();
  const recorded = runs.filter((run) => run.recording !== null && run.outcome !== null);
  if (recorded.length === 0)
    throw new UserError({ what: 'nothing is recorded of that', todo: 'encodelab runs lists what is' });
  const folders = await Promise.all(
    recorded.map(async (run) => ({ run: run.id, folder: await recordingOf(lab, run) })),
  );
  await exportTable(folders, options.table, options.format, options.output === '-' ? process.stdout : options.output);
}

/** What encodes and streams are told by; columns that no run has are left out. */
const LISTED_METRICS = ['encode.fps', 'stream.rate presented', 'latency p50', 'stream.drops', 'bitrate'];

function runTable(lab: Lab, runs: readonly RunRecord[], excluded: ReadonlyMap<string, string>): string {
  const metrics = LISTED_METRICS.filter((name) => runs.some((run) => run.metrics[name] !== undefined));
  const profiled = new Set(runs.filter((run) => hasProfile(lab, run)));
  const rows = runs.map((run) => [
    run.id,
    run.startedAt.slice(0, 19).replace('T', ' '),
    `${outcomeText(run)}${excluded.has(run.id) ? ', left out' : ''}`,
    run.benchmark ?? '',
    run.cell ?? '',
    run.repeat > 0 ? String(run.repeat) : run.repeat === 0 ? 'warm-up' : 'sentinel',
    ...(profiled.size > 0 ? [profiled.has(run) ? 'yes' : ''] : []),
    ...metrics.map((name) => quantity(run, name)),
  ]);
  const columns = ['run', 'started (UTC)', 'outcome', 'benchmark', 'cell', 'repeat'];
  return textTable(
    [...columns, ...(profiled.size > 0 ? ['profile'] : []), ...metrics].map((title, i) => ({
      title,
      align: i > 4 ? 'right' : 'left',
    })),
    rows,
  );
}

function quantity(run: RunRecord, name: string): string {
  const metric = run.metrics[name];
  return metric === undefined ? '' : formatQuantity(metric.value, metric.unit);
}

function describeRun(run: RunRecord, absent: readonly string[], excluded?: string): string {
  const settings = Object.entries(run.settings).map(([name, value]) => [name, formatSettingValue(value)]);
  const metrics = Object.entries(run.metrics).map(([name, { value, unit, better }]) => [
    plainText(name),
    formatQuantity(value, unit),
    better ?? '',
  ]);
  return [
    `run ${run.id}`,
    `${run.benchmark ?? 'by hand'}  ${run.cell ?? ''}  repeat ${run.repeat}`,
    `${outcomeText(run)}${run.interrupted && run.outcome !== null ? ` (${run.outcome})` : ''}, began ${run.startedAt}${run.durationS === null ? '' : `, took ${formatQuantity(run.durationS, 's')}`}`,
    ...(run.reason === null ? [] : [run.reason]),
    ...(excluded === undefined ? [] : [`left out by hand: ${plainText(excluded)}`]),
    '',
    textTable([{ title: 'setting' }, { title: 'value' }], settings),
    '',
    textTable([{ title: 'metric' }, { title: 'value', align: 'right' }, { title: 'better' }], metrics),
    ...(absent.length === 0 ? [] : ['', 'not measured:', ...absent.map((line) => `  ${line}`)]),
  ].join('\n');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new UserError({ what: `"${text}" is not a count`, where: '--limit', todo: 'a whole number from 1 on' });
  return count;
}
