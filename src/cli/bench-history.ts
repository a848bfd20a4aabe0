// encodelab bench history BENCH

import { styleText } from 'node:util';
import type { Command } from 'commander';
import { nearestName } from '#core/nearest-name';
import { formatQuantity } from '#core/format-quantity';
import { UserError } from '#core/user-error';
import { formatEffect, formatP } from '#explore/compare/format-change';
import type { Dataset } from '#explore/data/dataset';
import { histories, type History, type HistoryChange } from '#explore/compare/history';
import { GATE_METRICS } from '#explore/compare/gate';
import { benchmarkRows } from './compare-sides-option.ts';
import { labOption } from './lab-option.ts';
import { plainLine } from './plain-text.ts';
import { withLab } from './with-lab.ts';

interface HistoryOptions {
  readonly lab: string;
  readonly metric?: string;
  readonly json?: true;
}

/** With fewer runs a change can hardly be told. */
const LEAST_RUNS = 8;

export function addHistoryCommand(bench: Command): void {
  bench
    .command('history')
    .argument('<benchmark>', 'name of a benchmark of the lab')
    .description('where the results of a benchmark changed over time, and what changed with them')
    .option('--metric <list>', 'metrics, with commas between; the usual ones where it is left out')
    .option('--json', 'print one JSON object a line for each cell and metric')
    .addOption(labOption())
    .action((benchmark: string, options: HistoryOptions) => history(benchmark, options));
}

async function history(benchmark: string, options: HistoryOptions): Promise<void> {
  await withLab(
    options.lab,
    async (lab) => {
      const dataset = await benchmarkRows(lab, benchmark);
      const known = dataset.metrics.map(({ name }) => name);
      const asked = options.metric?.split(',').map((name) => name.trim());
      for (const name of asked ?? [])
        if (!known.includes(name)) {
          const near = nearestName(name, known);
          const todo = near === null ? `there are: ${known.join(', ')}` : `did you mean ${near}?`;
          throw new UserError({ what: `no run has a metric "${name}"`, where: '--metric', todo });
        }
      const rows = Array.from({ length: dataset.count }, (_, row) => row);
      const metrics = asked ?? known.filter((name) => GATE_METRICS.includes(name));
      const found = metrics.flatMap((name) => histories(dataset, rows, name));
      if (options.json === true)
        for (const { rows: of, ...one } of found)
          console.log(JSON.stringify({ ...one, runs: of.map((row) => dataset.ids[row]) }));
      else {
        const why = found.length === 0 ? emptyWords(dataset, metrics) : null;
        console.log(why === null ? historyText(found) : `no history: ${why}`);
      }
    },
    { readonly: true },
  );
}

/** Why there is none to look at. */
function emptyWords({ count, metrics: known }: Dataset, metrics: readonly string[]): string {
  if (count === 0) return 'the benchmark has no runs';
  if (metrics.length === 0) {
    const names = known.slice(0, MOST_NAMED).map(({ name }) => name);
    return names.length === 0
      ? 'no run has a metric'
      : `the runs have none of the usual metrics: --metric takes others (${names.join(', ')}${known.length > names.length ? ' …' : ''})`;
  }
  return 'no run that counts has such a metric: they failed, or were left out';
}

/** Metrics that a sentence lists. */
const MOST_NAMED = 8;

function historyText(found: readonly History[]): string {
  const lines: string[] = [];
  const changed = found.filter(({ changes }) => changes.length > 0);
  for (const one of changed) {
    lines.push(`${one.metric}, ${plainLine(one.cell)}: ${one.values.length} runs`);
    for (const change of one.changes) lines.push(...changeLines(one, change));
    if (one.leftOut > 0) lines.push(`  the ${one.leftOut} oldest runs were not looked at`);
  }
  const short = found.filter(({ values }) => values.length < LEAST_RUNS).length;
  const quiet = found.length - changed.length;
  if (lines.length > 0) lines.push('');
  lines.push(
    `${found.length === 1 ? '1 history (a metric of a cell)' : `${found.length} histories (a metric of a cell each)`}, ${changed.length} of them with a change, ${quiet} without one that could be seen`,
  );
  if (short > 0)
    lines.push(
      `${short} ${short === 1 ? 'has' : 'have'} fewer than ${LEAST_RUNS} runs: in so few hardly any change can be told`,
    );
  lines.push(
    'Changes by E-divisive (399 permutations, 0.05), kept where Welch’s t test of both sides has p of at most 0.001.',
  );
  return lines.join('\n');
}

function changeLines({ unit, better }: History, change: HistoryChange): string[] {
  const ratio = Number.isNaN(change.share)
    ? formatEffect({ effect: change.after - change.before, scale: 'difference', unit })
    : formatEffect({ effect: 1 + change.share, scale: 'ratio', unit });
  const word = { better: '▲ better', worse: '▼ worse', changed: '◆ changed' }[change.verdict];
  const colored =
    better === null ? word : styleText(change.verdict === 'worse' ? 'red' : 'green', word, { stream: process.stdout });
  const when = new Date(change.timeMs).toISOString().slice(0, 16).replace('T', ' ');
  const from = formatQuantity(change.before, unit);
  const facts = change.facts.map((fact) => `${fact.name} ${fact.before} → ${fact.after}`);
  return [
    `  ${when}  ${ratio}  ${from} → ${formatQuantity(change.after, unit)}  p ${formatP(change.p)}  ${colored}`,
    `    ${facts.length === 0 ? 'no fact that is recorded changed there' : `changed there: ${plainLine(facts.join('; '))}`}`,
  ];
}
