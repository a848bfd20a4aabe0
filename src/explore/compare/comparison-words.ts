// What is said about a comparison beside its numbers: what was matched, what differs, how it was done.

import { isTold, type Comparison, type ChangeRow, type ChangeVerdict } from './compare-sides.ts';

/** A shape beside each word: colour alone never tells. */
export const VERDICT_WORDS: Readonly<Record<ChangeVerdict, string>> = {
  better: '▲ better',
  worse: '▼ worse',
  changed: '◆ changed',
  small: '· small',
  same: '= no change seen',
  unknown: '? too few repeats',
};

export const METHOD_NOTE =
  'Ratios of medians (differences for scores, dB and what can be 0) with 95 % intervals: of ranks (Mann-Whitney; over 6 cells and more Wilcoxon), of Welch’s t for 3 repeats and over few cells. ' +
  'A change is told where the interval excludes none and p, corrected by Benjamini and Hochberg over all rows of both tables, is at most 0.05.';

/** Sentences without a full stop. */
export function comparisonNotes(comparison: Comparison): string[] {
  const { match, facts, notes, cells, absent, sharedRuns } = comparison;
  const said: string[] = [];
  for (const { name, a, b } of facts) said.push(`${name} differs: ${a.join(', ')} against ${b.join(', ')}`);
  for (const { name, a, b } of match.differing) said.push(`the setting ${name} differs: ${a} against ${b}`);
  const where = match.by.length === 0 ? '' : ` by ${match.by.length} ${match.by.length === 1 ? 'setting' : 'settings'}`;
  said.push(`${match.pairs.length} ${match.pairs.length === 1 ? 'pair' : 'pairs'} of cells matched${where}`);
  if (match.onlyA.length > 0) said.push(`without a match on the first side: ${list(match.onlyA)}`);
  if (match.onlyB.length > 0) said.push(`without a match on the second side: ${list(match.onlyB)}`);
  if (match.unshared.length > 0) said.push(`settings that one side alone has: ${list(match.unshared)}`);
  if (match.pooled > 0)
    said.push(`several cells fall together in ${match.pooled} of the pairs: their runs count as one cell's`);
  if (sharedRuns.shared > 0)
    said.push(
      `${sharedRuns.shared} of ${sharedRuns.all} runs are on both sides: they were measured once and show no change`,
    );
  if (sharedRuns.isEqual)
    said.push('every value is the same on both sides: where nothing was measured since, they are the same runs');
  if (absent.onBoth.length > 0) said.push(`no run has ${metricList(absent.onBoth)}`);
  if (absent.onB.length > 0) said.push(`only ${comparison.a} has ${metricList(absent.onB)}`);
  if (absent.onA.length > 0) said.push(`only ${comparison.b} has ${metricList(absent.onA)}`);
  said.push(...notes);
  const unsure = cells.filter(({ verdict }) => verdict === 'unknown').length;
  if (unsure > 0)
    said.push(`${unsure} of ${cells.length} rows have no interval: 3 repeats on each side are the least, 5 are better`);
  return said;
}

/** How many rows say what: `3 worse, 1 better, 40 without a change that could be seen`. */
export function tallyWords(rows: readonly ChangeRow[]): string {
  const count = (verdict: ChangeVerdict) => rows.filter((row) => row.verdict === verdict).length;
  const parts = [
    [count('worse'), 'worse'],
    [count('better'), 'better'],
    [count('changed'), 'changed'],
    [count('small'), 'changed by less than asked for'],
    [count('same'), 'without a change that could be seen'],
    [count('unknown'), 'with too few repeats'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
}

/** Rows that tell a change; where none does, the first few. */
export function shownRows(rows: readonly ChangeRow[], least: number): readonly ChangeRow[] {
  const told = rows.filter(({ verdict }) => isTold(verdict)).length;
  return rows.slice(0, Math.max(told, least));
}

/** The rows have medians where there is one pair of cells: several have no common one. */
export function hasMedians(rows: readonly ChangeRow[]): boolean {
  return rows.some(({ a, b }) => a !== null || b !== null);
}

function metricList(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.length} metrics: ${list(names)}`;
}

const NAMED = 5;

function list(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
