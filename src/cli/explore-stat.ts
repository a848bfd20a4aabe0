// encodelab explore stat: what an expression over recorded columns gives for each run.

import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { checkStat, meaningOf } from '#explore/stats/check-stat';
import type { Lab } from '#lab/lab';
import { readDataset } from '#lab/read-dataset';
import { statColumnsOf } from '#lab/stat-run';
import { computeStats, type ComputedStats } from '#lab/stat-values';
import { SavedStats } from '#server/saved-stats';
import { labOption } from './lab-option.ts';
import { plainLine } from './plain-text.ts';
import { textTable } from './text-table.ts';
import { unknownBenchmark } from './unknown-benchmark.ts';
import { withLab } from './with-lab.ts';

interface StatOptions {
  readonly lab: string;
  readonly json?: true;
}

const VERSION = 1;
/** Recordings that are read between two looks at the catalogue. */
const BATCH_RUNS = 5_000;

/** `stat` in the group `explore`. */
export function addStatCommand(explore: Command): void {
  explore
    .command('stat')
    .argument('<expression>', 'over recorded columns, mean(frames.bytes where key), or the name of a saved stat')
    .argument('[benchmark...]', 'names of benchmarks in the lab; all runs of the lab without any')
    .description('compute a number of each run from what it recorded')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .configureOutput({ outputError: (text, write) => write(withMinusHint(text)) })
    .addHelpText(
      'after',
      `\nExamples:\n  encodelab explore stat 'mean(frames.bytes where key)' bunny\n  encodelab explore stat 'p95(cpu.busy)' --json`,
    )
    .action((expression: string, benchmarks: string[], options: StatOptions) =>
      withLab(options.lab, (lab) => printStat(lab, expression, benchmarks, options), { readonly: true }),
    );
}

/** An expression that begins with a minus looks like an option. */
function withMinusHint(text: string): string {
  if (!/unknown option '-[^']*[(.]/.test(text)) return text;
  return `${text}An expression that begins with - is written behind --: encodelab explore stat -- '-mean(…)'\n`;
}

async function printStat(lab: Lab, wanted: string, benchmarks: readonly string[], options: StatOptions): Promise<void> {
  const { stats } = await new SavedStats(lab.path).list();
  const saved = stats.find(({ name }) => name === wanted);
  const expression = saved?.expression ?? wanted;
  // A mistake is told also where there is no run.
  meaningOf(expression);
  const { dataset, missing, benchmarks: known } = await readDataset(lab, benchmarks);
  const [gone] = missing;
  if (gone !== undefined) throw unknownBenchmark(gone, known);
  if (dataset.count === 0)
    throw new UserError({ what: 'there are no runs to compute it of', todo: 'encodelab runs lists what is recorded.' });
  const runs: RunRecord[] = [];
  for (let begin = 0; begin < dataset.count; begin += BATCH_RUNS)
    runs.push(...(await lab.catalogue.runsById(dataset.ids.slice(begin, begin + BATCH_RUNS))));
  const computed = await computeStats(lab, expression, runs);
  const unit = saved?.unit ?? computed.unit;
  const { reasons } = await lab.catalogue.exclusions();
  if (options.json === true) console.log(JSON.stringify(statJson(runs, expression, { ...computed, unit }, reasons)));
  else console.log(statTable(runs, { ...computed, unit }, reasons));
  for (const { why, runs: count } of computed.absent)
    console.error(`${count} ${count === 1 ? 'run has' : 'runs have'} no value: ${plainLine(why)}`);
  if (computed.values.some((value) => value !== null)) return;
  const unknown = await unknownWords(lab, expression, runs);
  if (unknown !== null) console.error(plainLine(unknown));
}

/** Recordings that are looked into for what may have been meant. */
const MOST_LOOKED = 10;
/** Names that a sentence lists. */
const MOST_NAMED = 20;

/** What no run of those looked into has, and what may have been meant; null where all is known. */
async function unknownWords(lab: Lab, expression: string, runs: readonly RunRecord[]): Promise<string | null> {
  const columns = await Promise.all(runs.slice(0, MOST_LOOKED).map((run) => statColumnsOf(lab, run)));
  const metrics = new Map(runs.flatMap((run) => Object.entries(run.metrics)).map(([name, { unit }]) => [name, unit]));
  const known = { columns: columns.flat(), metrics: [...metrics].map(([name, unit]) => ({ name, unit })) };
  const checked = checkStat(expression, known);
  if (!checked.ok || checked.unknown === null) return null;
  const { name, at, nearest, isMetric } = checked.unknown;
  const there = [...new Set(known[isMetric ? 'metrics' : 'columns'].map((one) => one.name))];
  const list = `${there.slice(0, MOST_NAMED).join(', ')}${there.length > MOST_NAMED ? ' …' : ''}`;
  const meant = nearest !== null ? `did you mean ${nearest}?` : `there are ${list === '' ? 'none' : list}`;
  return `expression:${at + 1}: there is no ${isMetric ? 'metric' : 'column'} ${name}; ${meant}`;
}

type Reasons = ReadonlyMap<string, string>;

function statJson(
  runs: readonly RunRecord[],
  expression: string,
  { unit, values, absent }: ComputedStats,
  why: Reasons,
) {
  return {
    version: VERSION,
    expression,
    unit,
    runs: runs.map(({ id, benchmark, cell, repeat, outcome }, i) => ({
      run: id,
      benchmark,
      cell,
      repeat,
      outcome,
      excluded: why.get(id) ?? null,
      value: values[i] ?? null,
    })),
    absent,
  };
}

/** Repeats of a cell stand below each other. */
function statTable(runs: readonly RunRecord[], { unit, values }: ComputedStats, reasons: Reasons): string {
  const rows = runs.map((run, i) => [
    run.id,
    run.benchmark ?? '',
    run.cell ?? '',
    String(run.repeat),
    values[i] === null || values[i] === undefined ? '' : formatQuantity(values[i], unit),
    reasons.has(run.id) ? 'left out' : run.outcome === 'ok' ? '' : (run.outcome ?? ''),
  ]);
  const cells = Map.groupBy(rows, ([, benchmark, cell]) => `${benchmark} ${cell}`);
  const columns = [
    { title: 'run' },
    { title: 'benchmark' },
    { title: 'cell' },
    { title: 'repeat', align: 'right' as const },
    { title: 'value', align: 'right' as const },
    { title: '' },
  ];
  return textTable(
    columns,
    [...cells.values()].flat().map((row) => row.map(plainLine)),
  );
}
