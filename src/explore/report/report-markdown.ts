// A report as Markdown: for a pull request, the summary of a CI job, a wiki. Without the plots, which need HTML.

import { formatQuantity } from '#core/format-quantity';
import { nothingStandsOut } from '../findings/nothing-stands-out.ts';
import type { Evidence } from '../findings/finding.ts';
import type { TableColumn } from '../plots/plot.ts';
import type { Report } from './report.ts';

export function reportMarkdown(report: Report): string {
  return [...lines(report)].join('\n');
}

function* lines(report: Report): Generator<string> {
  yield `# ${text(report.title)}\n`;
  for (const [word, value] of report.facts) yield `- **${text(word)}**: ${text(value)}`;
  yield `- **report made**: ${report.madeAt.slice(0, 16).replace('T', ' ')} UTC\n`;
  for (const remark of report.remarks) yield `> ${text(remark)}\n`;
  yield '## Findings\n';
  if (nothingStandsOut({ findings: report.findings, notes: report.findingNotes })) yield 'Nothing stands out.\n';
  for (const { title, advice, evidence } of report.findings) {
    yield `- **${text(title)}** ${text(advice)}`;
    for (const one of evidence) yield `  - ${text(one.label)}: ${text(evidenceText(one))}`;
  }
  for (const note of report.findingNotes) yield `\n*${text(note)}*`;
  yield '\n## Cells\n';
  if (report.cells.length === 0) yield NO_RUN;
  yield* table(report.cells);
  if (report.cellsLeftOut > 0) yield `\n${report.cellsLeftOut} more cells are in the data.`;
  if (report.invalid.length > 0) {
    yield '\n## Runs that do not count\n';
    yield* table([
      { title: 'run', unit: null, values: report.invalid.map(({ id }) => id) },
      { title: 'settings', unit: null, values: report.invalid.map(({ cell }) => cell) },
      { title: '', unit: null, values: report.invalid.map(({ what }) => what) },
      { title: 'why', unit: null, values: report.invalid.map(({ why }) => why) },
    ]);
    if (report.invalidLeftOut > 0) yield `\nand ${report.invalidLeftOut} more`;
  }
  yield '';
}

/** Where others are told, they follow it with their reasons. */
export const NO_RUN = 'No run counts: there is nothing to show.';

export function evidenceText({ value, unit }: Evidence): string {
  return typeof value === 'number' ? formatQuantity(value, unit ?? '1') : value;
}

function* table(columns: readonly TableColumn[]): Generator<string> {
  if (columns.length === 0) return;
  yield `| ${columns.map(({ title }) => text(title)).join(' | ')} |`;
  yield `|${columns.map(({ unit }) => (unit === null ? '---' : '--:')).join('|')}|`;
  for (let row = 0; row < columns[0]!.values.length; row++)
    yield `| ${columns.map((column) => text(cellText(column, row))).join(' | ')} |`;
}

export function cellText({ unit, values }: TableColumn, row: number): string {
  const value = values[row] ?? null;
  return typeof value === 'number' ? formatQuantity(value, unit ?? '1') : (value ?? '');
}

/** Names of values are anybody's: none of them becomes a heading, a link, a tag or a column. */
function text(content: string): string {
  return content.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#~]/g, '\\$&');
}
