// A comparison in the terminal, and as JSON.

import { styleText } from 'node:util';
import { formatQuantity } from '#core/format-quantity';
import type { ChangeRow, Comparison } from '#explore/compare/compare-sides';
import {
  comparisonNotes,
  hasMedians,
  METHOD_NOTE,
  shownRows,
  tallyWords,
  VERDICT_WORDS,
} from '#explore/compare/comparison-words';
import { formatEffect, formatInterval, formatP } from '#explore/compare/format-change';
import type { GateVerdict } from '#explore/compare/gate';
import { plainLine } from './plain-text.ts';
import { textTable } from './text-table.ts';

/** Rows that are printed where fewer changed. */
const LEAST_ROWS = 10;

/** @param all every row of every cell, not only those that tell a change */
export function compareText(comparison: Comparison, all: boolean): string {
  const { a, b, overall, cells, match } = comparison;
  const lines = [`${b} against ${a}`, ''];
  if (overall.length > 0) {
    const shown = all ? overall : shownRows(overall, LEAST_ROWS);
    lines.push(table(shown, 'over all'), '');
    if (shown.length < overall.length)
      lines.push(`… and ${overall.length - shown.length} more metrics: --all prints them`, '');
  }
  if (match.pairs.length > 1 && cells.length > 0) {
    const shown = all ? cells : shownRows(cells, LEAST_ROWS);
    lines.push(table(shown, 'cell'), '');
    if (shown.length < cells.length)
      lines.push(`… and ${cells.length - shown.length} more rows: --all prints them`, '');
  }
  if (cells.length > 0) lines.push(`by cell: ${tallyWords(cells)}`);
  lines.push(...comparisonNotes(comparison).map(plainLine), '', METHOD_NOTE);
  return lines.join('\n');
}

export function gateText({ state, reasons }: GateVerdict): string {
  const color = state === 'passed' ? 'green' : 'red';
  const verdict = {
    passed: 'gate: passed',
    worse: 'gate: worse than the baseline',
    blocked: 'gate: not comparable, so not passed',
  };
  return [
    styleText(color, verdict[state], { stream: process.stderr }),
    ...reasons.map((reason) => `  ${plainLine(reason)}`),
  ].join('\n');
}

/** Every number that is in the tables; NaN becomes null. */
export function compareJson(comparison: Comparison, gate: GateVerdict | null): string {
  const { match, ...rest } = comparison;
  const rows = (list: readonly ChangeRow[]) =>
    list.map(({ p, adjustedP, share, sure, ...row }) => ({
      ...row,
      p: finite(p),
      adjustedP: finite(adjustedP),
      share: finite(share),
      sure: finite(sure),
    }));
  return JSON.stringify({
    version: 1,
    ...rest,
    overall: rows(comparison.overall),
    cells: rows(comparison.cells),
    match: { ...match, pairs: match.pairs.length },
    gate: gate === null ? null : { state: gate.state, reasons: gate.reasons },
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function table(rows: readonly ChangeRow[], title: string): string {
  const withMedians = hasMedians(rows);
  const columns = [
    { title: 'metric' },
    { title },
    ...(withMedians ? ['before', 'after'] : []).map((name) => ({ title: name, align: 'right' as const })),
    { title: 'change', align: 'right' as const },
    { title: '95 % interval', align: 'right' as const },
    { title: 'p', align: 'right' as const },
    { title: '' },
  ];
  const body = rows.map((row) => [
    row.metric,
    row.cell === null ? `${row.countA} ${row.countA === 1 ? 'cell' : 'cells'}` : plainLine(row.cell),
    ...(withMedians ? [row.a, row.b].map((value) => (value === null ? '' : formatQuantity(value, row.unit))) : []),
    formatEffect(row),
    formatInterval(row) ?? '–',
    formatP(row.adjustedP),
    verdict(row),
  ]);
  return textTable(columns, body);
}

function verdict({ verdict: word }: ChangeRow): string {
  const text = VERDICT_WORDS[word];
  if (word === 'worse') return styleText('red', text, { stream: process.stdout });
  return word === 'better' ? styleText('green', text, { stream: process.stdout }) : text;
}
