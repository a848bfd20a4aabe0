// encodelab runs import: what other tools measured becomes runs of the lab.

import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { parseNamedMetric, type NamedMetric } from '#recording/foreign/foreign-result';
import type { ImportedRun } from '#run/import-record';
import { saveStudy } from '#run/import-study';
import { EXIT, type ExitCode } from './exit-code.ts';
import { entriesOf, importEntry } from './import-records.ts';
import { importTable, TABLE_KINDS, tableKindOf, type TableKind } from './import-tables.ts';
import { labOption } from './lab-option.ts';
import { plainText } from './plain-text.ts';
import { printError } from './print-error.ts';
import { runJson } from './run-json.ts';
import { withLab } from './with-lab.ts';
import { asArgument } from './wrong-argument.ts';

/** Runs whose lines are printed; the summary counts the others. */
const MOST_LINES = 200;

interface ImportOptions {
  readonly as?: TableKind | 'rec';
  readonly describe?: string;
  readonly metric: readonly NamedMetric[];
  readonly setting: readonly string[];
  readonly benchmark?: string;
  readonly json?: true;
  readonly lab: string;
}

export function addImportCommand(runs: Command, setExitCode: (code: ExitCode) => void): void {
  runs
    .command('import')
    .argument('<path...>', '.rec records and archives of them, CSV, JSON of hyperfine, folders of results')
    .description('import what other tools measured as runs')
    .addOption(new Option('--as <kind>', 'what it is, where its name does not tell').choices(['rec', ...TABLE_KINDS]))
    .option('--describe <file>', 'of a folder of results: which numbers are metrics (YAML)')
    .option(
      '--metric <name:unit:better>',
      'of a CSV file: a column that is a metric; may be given several times',
      (text: string, before: readonly NamedMetric[]) => [...before, asArgument(() => namedMetric(text))],
      [],
    )
    .option(
      '--setting <name>',
      'of a CSV file: a column that is a setting; may be given several times',
      (name: string, before: readonly string[]) => [...before, name.trim()],
      [],
    )
    .option('--benchmark <name>', 'name of the benchmark that they become; a record has its own')
    .option('--json', 'print one JSON object a line for each run')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nOf records the settings come from the matrix.csv in the archive, or in a folder above the file.\n\nExamples:\n  encodelab runs import study.tgz\n  encodelab runs import timings.csv --metric fps:frame/s:higher\n  encodelab runs import results/ --describe description.yaml\n  encodelab runs import hyperfine.json --benchmark presets',
    )
    .action((paths: string[], options: ImportOptions) =>
      withLab(options.lab, async (lab) => setExitCode(await importPaths(lab, paths, options))),
    );
}

function namedMetric(text: string): NamedMetric {
  const metric = parseNamedMetric(text);
  if (metric === null)
    throw new UserError({
      what: `"${text}" names no metric`,
      todo: 'Write name, unit and which way is better: --metric fps:frame/s:higher',
    });
  return metric;
}

/** The good ones are imported, whatever the others are. */
async function importPaths(lab: Lab, paths: readonly string[], options: ImportOptions): Promise<ExitCode> {
  let [added, known, bad] = [0, 0, 0];
  const studies = new Map<string, { file: string; runs: RunRecord[] }>();
  const onProblem = (error: UserError) => {
    printError(error);
    bad++;
  };
  const told = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      onProblem(error);
    }
  };
  const take = ({ run, isNew }: ImportedRun, file: string) => {
    if (isNew) added++;
    else known++;
    if (run.benchmark !== null) {
      const study = studies.get(run.benchmark) ?? { file: resolve(file), runs: [] };
      studies.set(run.benchmark, study);
      study.runs.push(run);
    }
    if (options.json === true) console.log(JSON.stringify(runJson(run)));
    else if (added + known <= MOST_LINES)
      console.log(`${run.id}  ${plainText(run.cell ?? '')}${isNew ? '' : '  (was there already)'}`);
  };
  for (const path of paths)
    await told(async () => {
      const kind = options.as ?? (await tableKindOf(path)) ?? 'rec';
      if (kind !== 'rec') {
        const { metric, setting, benchmark, describe } = options;
        const onNote = (text: string) => console.error(plainText(text));
        for (const imported of await importTable(lab, path, kind, {
          metrics: metric,
          settings: setting,
          benchmark,
          describe,
          onProblem,
          onNote,
        }))
          take(imported, path);
        return;
      }
      for (const entry of await entriesOf(path))
        await told(async () => take(await importEntry(lab, entry), entry.matrixFile ?? path));
    });
  for (const [name, study] of studies) await saveStudy(lab, name, study.file, study.runs);
  console.error(`${added} imported, ${known} were there already, ${bad} could not be imported`);
  return bad > 0 ? EXIT.failed : EXIT.ok;
}
