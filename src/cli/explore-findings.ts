// encodelab explore findings: what is worth seeing in benchmarks, or in all runs of a lab.

import { styleText } from 'node:util';
import type { Command } from 'commander';
import { formatQuantity } from '#core/format-quantity';
import type { Evidence, Finding } from '#explore/findings/finding';
import { nothingStandsOut } from '#explore/findings/nothing-stands-out';
import { labFindings } from '#server/explore-findings';
import { addStatCommand } from './explore-stat.ts';
import { labOption } from './lab-option.ts';
import { unknownBenchmark } from './unknown-benchmark.ts';
import { withLab } from './with-lab.ts';

interface FindingsOptions {
  readonly lab: string;
  readonly json?: true;
}

/** The group `explore`, with what is in it. */
export function addExploreCommands(program: Command): Command {
  const explore = program.command('explore').description('what the explorer sees in the runs of a lab');
  explore
    .command('findings')
    .argument('[benchmark...]', 'names of benchmarks in the lab; all runs of the lab without any')
    .description('say what is worth seeing: settings that matter or do nothing, knees, what was not honoured, drifts')
    .option('--json', 'print one JSON object')
    .addOption(labOption())
    .addHelpText('after', '\nExample:\n  encodelab explore findings bunny')
    .action((benchmarks: string[], options: FindingsOptions) => printFindings(benchmarks, options));
  addStatCommand(explore);
  return explore;
}

async function printFindings(benchmarks: readonly string[], options: FindingsOptions): Promise<void> {
  await withLab(
    options.lab,
    async (lab) => {
      const known = (await lab.catalogue.benchmarks()).map(({ name }) => name);
      for (const name of benchmarks) if (!known.includes(name)) throw unknownBenchmark(name, known);
      const found = await labFindings(lab, benchmarks);
      if (options.json === true) console.log(JSON.stringify(found));
      else console.log(pageText(found.findings, found.notes));
    },
    { readonly: true },
  );
}

function pageText(findings: readonly Finding[], notes: readonly string[]): string {
  const parts = findings.map(findingText);
  if (nothingStandsOut({ findings, notes })) parts.push('Nothing stands out.');
  if (notes.length > 0) parts.push(notes.map((note) => styleText('dim', `Note: ${note}.`)).join('\n'));
  return parts.join('\n\n');
}

function findingText({ kind, title, advice, evidence, runs }: Finding): string {
  const lines = [`${styleText('bold', title)}  ${styleText('dim', `[${kind}]`)}`, `  ${advice}`];
  for (const item of evidence) lines.push(styleText('dim', `  ${evidenceText(item)}`));
  if (runs.length > 0) lines.push(styleText('dim', `  runs: ${runs.map((id) => id.slice(0, SHORT_ID)).join(' ')}`));
  return lines.join('\n');
}

const SHORT_ID = 8;

function evidenceText({ label, value, unit }: Evidence): string {
  return `${label}: ${typeof value === 'number' && unit !== null ? formatQuantity(value, unit) : String(value)}`;
}
