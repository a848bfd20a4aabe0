// encodelab runs exclude, encodelab runs include

import type { Command } from 'commander';
import { UserError } from '#core/user-error';
import { changeExclusions } from '#lab/exclusions';
import type { Lab } from '#lab/lab';
import { findRun } from './find-run.ts';
import { labOption } from './lab-option.ts';
import { unknownBenchmark } from './unknown-benchmark.ts';
import { withLab } from './with-lab.ts';

/** Runs of a benchmark that are read at once. */
const BATCH_RUNS = 1_000;

interface ExcludeOptions {
  readonly benchmark?: string;
  readonly reason?: string;
  readonly lab: string;
}

export function addExcludeCommands(runs: Command): void {
  runs
    .command('exclude')
    .argument('[run...]', 'ids, or the beginnings of them')
    .description('leave runs out: they are kept and told, and count in no result; bench run measures them again')
    .requiredOption('--reason <text>', 'why, in one line')
    .option('--benchmark <name>', 'every result of a benchmark, those that it took over from others too')
    .addOption(labOption())
    .addHelpText(
      'after',
      '\nExamples:\n  encodelab runs exclude 0199f2 --reason "the fan had failed"\n  encodelab runs exclude --benchmark nightly --reason "before the new BIOS"',
    )
    .action((ids: string[], options: ExcludeOptions) => change(ids, options, options.reason!));
  runs
    .command('include')
    .argument('[run...]', 'ids, or the beginnings of them')
    .description('take runs in again that were left out')
    .option('--benchmark <name>', 'every run of a benchmark that was left out')
    .addOption(labOption())
    .action((ids: string[], options: ExcludeOptions) => change(ids, options, null));
}

async function change(ids: readonly string[], options: ExcludeOptions, reason: string | null): Promise<void> {
  if ((ids.length === 0) === (options.benchmark === undefined))
    throw new UserError({ what: 'which runs?', todo: 'name runs by their ids, or a benchmark by --benchmark' });
  await withLab(
    options.lab,
    async (lab) => {
      const runs =
        options.benchmark === undefined
          ? [...new Set((await Promise.all(ids.map((id) => findRun(lab.catalogue, id)))).map(({ id }) => id))]
          : await runsOfBenchmark(lab, options.benchmark, reason !== null);
      if (runs.length > 0) await changeExclusions(lab, runs, reason);
      console.error(`${runs.length} runs ${reason === null ? 'taken in again' : 'left out'}`);
    },
    { existing: true },
  );
}

/** @param isCounted those that count, else those that were left out */
async function runsOfBenchmark({ catalogue }: Lab, benchmark: string, isCounted: boolean): Promise<string[]> {
  if ((await catalogue.benchmark(benchmark)) === null) {
    const known = await catalogue.benchmarks();
    throw unknownBenchmark(
      benchmark,
      known.map(({ name }) => name),
    );
  }
  const { reasons } = await catalogue.exclusions();
  // Results alone: warm-ups and visits of the sentinel count nowhere.
  const ids = (await catalogue.runIds([benchmark])).filter((id) => reasons.has(id) !== isCounted);
  const results: string[] = [];
  for (let begin = 0; begin < ids.length; begin += BATCH_RUNS)
    for (const { id } of await catalogue.runTexts(ids.slice(begin, begin + BATCH_RUNS))) results.push(id);
  return results;
}
