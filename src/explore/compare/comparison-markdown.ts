// A comparison as Markdown, for the summary of a build.

import { formatQuantity } from '#core/format-quantity';
import type { ChangeRow, Comparison } from './compare-sides.ts';
import { comparisonNotes, hasMedians, METHOD_NOTE, shownRows, tallyWords, VERDICT_WORDS } from './comparison-words.ts';
import { formatEffect, formatInterval, formatP } from './format-change.ts';
import type { GateVerdict } from './gate.ts';

/** Rows of cells that are listed at the most: services cut long summaries off. */
const MOST_ROWS = 100;
const LEAST_ROWS = 10;

export function comparisonMarkdown(comparison: Comparison, gate: GateVerdict | null = null): string {
  const { a, b, overall, cells } = comparison;
  const lines = [`### ${escape(b)} against ${escape(a)}`, ''];
  if (gate !== null) lines.push(...gateLines(gate), '');
  if (overall.length > 0) lines.push('**Over all cells**', '', ...table(overall.slice(0, MOST_ROWS), false), '');
  if (comparison.match.pairs.length > 1) {
    const shown = shownRows(cells, LEAST_ROWS).slice(0, MOST_ROWS);
    lines.push(`**By cell**: ${tallyWords(cells)}`, '', ...table(shown, true), '');
    if (shown.length < cells.length) lines.push(`${cells.length - shown.length} more rows are not shown.`, '');
  }
  for (const note of comparisonNotes(comparison)) lines.push(`- ${escape(note)}`);
  return [...lines, '', `<sub>${METHOD_NOTE}</sub>`, ''].join('\n');
}

function gateLines({ state, reasons }: GateVerdict): string[] {
  const verdict = { passed: '✅ **Passed**', worse: '❌ **Worse**', blocked: '⚠️ **Not comparable**' }[state];
  return [verdict, ...(reasons.length > 0 ? ['', ...reasons.map((reason) => `- ${escape(reason)}`)] : [])];
}

function table(rows: readonly ChangeRow[], hasCells: boolean): string[] {
  const withMedians = hasMedians(rows);
  const head = [
    'metric',
    ...(hasCells ? ['cell'] : []),
    ...(withMedians ? ['before', 'after'] : []),
    'change',
    '95 % interval',
    'p',
    '',
  ];
  const body = rows.map((row) => [
    row.metric,
    ...(hasCells ? [row.cell ?? ''] : []),
    ...(withMedians ? [row.a, row.b].map((value) => (value === null ? '' : formatQuantity(value, row.unit))) : []),
    formatEffect(row),
    formatInterval(row) ?? '–',
    formatP(row.adjustedP),
    VERDICT_WORDS[row.verdict],
  ]);
  const line = (parts: readonly string[]) => `| ${parts.map(escape).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...body.map(line)];
}

/** Names of cells and reasons come from files and programs: they must not become markup. */
function escape(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|#!]/g, String.raw`\$&`);
}
