// encodelab bench baseline save|list|show|delete

import type { Command } from 'commander';
import { median } from '#analysis/quantile';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import { makeBaseline, type Baseline } from '#explore/compare/baseline';
import {
  baselineNames,
  checkBaselineName,
  deleteBaseline,
  readBaseline,
  readBaselineFile,
  saveBaseline,
  writeBaselineFile,
} from '#lab/baselines';
import { benchmarkSide } from './compare-sides-option.ts';
import { EXIT } from './exit-code.ts';
import { labOption } from './lab-option.ts';
import { packageVersion } from './package-version.ts';
import { plainLine } from './plain-text.ts';
import type { SetExitCode } from './program.ts';
import { textTable } from './text-table.ts';
import { withLab } from './with-lab.ts';

interface BaselineOptions {
  readonly lab: string;
  readonly file?: string;
  readonly json?: true;
}

export function addBaselineCommands(bench: Command, setExitCode: SetExitCode): void {
  const baseline = bench.command('baseline').description('results that later ones are compared with');
  baseline
    .command('save')
    .argument('<name>', 'what it is called; one of the same name is replaced')
    .argument('<benchmark>', 'name of a benchmark of the lab')
    .description('keep the results of a benchmark as they are now')
    .option('--file <file>', 'write it to a file instead, for a lab of another machine')
    .addOption(labOption())
    .action((name: string, benchmark: string, options: BaselineOptions) => save(name, benchmark, options));
  baseline
    .command('list', { isDefault: true })
    .description('every baseline of the lab')
    .option('--json', 'print one JSON object a line for each baseline')
    .addOption(labOption())
    .action((options: BaselineOptions) => list(options));
  baseline
    .command('show')
    .argument('[name]', 'its name')
    .description('where and with what it was measured, and its values')
    .option('--file <file>', 'one in a file')
    .option('--json', 'print the file itself')
    .addOption(labOption())
    .action((name: string | undefined, options: BaselineOptions) => show(name, options));
  baseline
    .command('delete')
    .argument('<name...>', 'names of baselines')
    .description('take baselines away')
    .addOption(labOption())
    .action((names: string[], options: BaselineOptions) =>
      withLab(
        options.lab,
        async (lab) => {
          for (const name of names) {
            const isGone = await deleteBaseline(lab, name);
            if (isGone) console.log(`${name} is deleted`);
            else {
              console.error(`there is no baseline "${name}"`);
              setExitCode(EXIT.failed);
            }
          }
        },
        { existing: true },
      ),
    );
}

async function save(name: string, benchmark: string, options: BaselineOptions): Promise<void> {
  checkBaselineName(name);
  await withLab(
    options.lab,
    async (lab) => {
      const side = await benchmarkSide(lab, benchmark);
      if (side.metrics.length === 0)
        throw new UserError({
          what: `no run of ${benchmark} has a result: there is nothing to compare with later`,
          where: lab.path,
        });
      const origin = { name, benchmark, savedAt: new Date().toISOString(), encodelab: packageVersion() };
      const baseline = makeBaseline(side, origin);
      if (options.file !== undefined) await writeBaselineFile(options.file, baseline);
      const path = options.file ?? (await saveBaseline(lab, baseline));
      const failed = baseline.cells.filter((cell) => cell.failed > 0).length;
      if (failed > 0) console.error(`warning: runs failed in ${failed} of ${baseline.cells.length} cells`);
      console.log(`${name}: ${sizeText(baseline)}: ${path}`);
    },
    options.file === undefined ? { existing: true } : { readonly: true },
  );
}

function list(options: BaselineOptions): Promise<void> {
  return withLab(
    options.lab,
    async (lab) => {
      const names = await baselineNames(lab);
      const rows: string[][] = [];
      for (const name of names) {
        try {
          const baseline = await readBaseline(lab, name);
          if (options.json === true) console.log(JSON.stringify(summary(name, baseline)));
          rows.push([
            name,
            plainLine(baseline.benchmark),
            baseline.savedAt.slice(0, 16).replace('T', ' '),
            sizeText(baseline),
          ]);
        } catch (error) {
          // One damaged file does not hide the others.
          if (!(error instanceof UserError)) throw error;
          console.error(`${name}: ${error.message}`);
        }
      }
      if (options.json === true) return;
      if (names.length === 0) console.log('no baseline yet: encodelab bench baseline save NAME BENCHMARK makes one');
      else
        console.log(
          textTable([{ title: 'baseline' }, { title: 'benchmark' }, { title: 'saved' }, { title: 'holds' }], rows),
        );
    },
    { readonly: true },
  );
}

function summary(name: string, { benchmark, savedAt, cells, metrics, facts }: Baseline) {
  return { name, benchmark, savedAt, cells: cells.length, metrics: metrics.length, facts };
}

async function show(name: string | undefined, options: BaselineOptions): Promise<void> {
  if ((name === undefined) === (options.file === undefined))
    throw new UserError({ what: 'which baseline?', todo: 'a name, or --file FILE' });
  const baseline =
    options.file !== undefined
      ? await readBaselineFile(options.file)
      : await withLab(options.lab, (lab) => readBaseline(lab, name!), { readonly: true });
  if (options.json === true) {
    console.log(JSON.stringify(baseline));
    return;
  }
  console.log(`${baseline.name}: ${plainLine(baseline.benchmark)}, saved ${baseline.savedAt} by ${baseline.encodelab}`);
  for (const [fact, values] of Object.entries(baseline.facts))
    console.log(`  ${fact}: ${values.map(plainLine).join(', ')}`);
  const rows = baseline.cells.flatMap(({ settings, values }) =>
    Object.entries(values).map(([metric, numbers], i) => {
      const { unit } = baseline.metrics.find((known) => known.name === metric)!;
      const label = Object.entries(settings).map(([setting, value]) => `${setting}=${value}`);
      return [
        i === 0 ? plainLine(label.join(' ')) : '',
        metric,
        formatQuantity(median(numbers), unit),
        String(numbers.length),
      ];
    }),
  );
  const right = { align: 'right' as const };
  console.log(
    textTable(
      [{ title: 'cell' }, { title: 'metric' }, { title: 'median', ...right }, { title: 'runs', ...right }],
      rows,
    ),
  );
}

function sizeText({ cells, metrics }: Baseline): string {
  return `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, ${metrics.length} metrics`;
}
