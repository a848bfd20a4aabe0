// Pieces of sentences about runs, settings and metrics.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import { median } from '#analysis/quantile';
import { ABSENT_TITLE, propertyTitle, valueTitle } from '../data/dataset.ts';
import type { Placed } from '../view.ts';
import type { Evidence } from './finding.ts';
import { choicesOf } from './nesting.ts';
import type { Factor, Study, StudyMetric } from './study.ts';

/** Findings that are tests hold at this level, after correction for all that was tried. */
export const ALPHA = 0.01;
/** Runs that a finding names. */
export const MAX_RUNS = 6;

/** `84 %`, and `over 99 %` of what is not quite all. */
export function shareText(share: number): string {
  return share >= 0.995 && share < 1 - 1e-9 ? 'over 99 %' : percent(share);
}

/** `84 %`, `0.4 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${Math.abs(value) >= 9.95 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} %`.replace(
    '-',
    '−',
  );
}

/** `+12 %`, `× 3.4`: how a ratio is best read. */
export function ratioText(ratio: number): string {
  if (ratio >= 2 || ratio <= 0.5) return `× ${formatNumber(ratio)}`;
  return `${ratio >= 1 ? '+' : ''}${percent(ratio - 1)}`;
}

/** A value on a metric's scale, as people read it. */
export function valueText({ column, isRatio }: StudyMetric, value: number): string {
  return formatQuantity(isRatio ? Math.exp(value) : value, column.unit);
}

/** A difference on a metric's scale: `+12 %`, `+0.4 dB`. */
export function differenceText({ column, isRatio }: StudyMetric, difference: number): string {
  if (isRatio) return ratioText(Math.exp(difference));
  return `${difference > 0 ? '+' : ''}${formatQuantity(difference, column.unit)}`;
}

/** `threads=8`; `crf not set` where runs have none. */
export function levelText(study: Study, factor: Factor, level: number): string {
  const title = propertyTitle(study.names, factor.name);
  const value = factor.levels[level]!;
  return value === null ? `${title} ${ABSENT_TITLE}` : `${title}=${valueTitle(study.names, factor.name, value)}`;
}

/** `preset`; `codec (and encoder with it)` where others change with it. */
export function factorText(study: Study, { name, together }: Factor): string {
  const title = propertyTitle(study.names, name);
  const others = together.map((other) => propertyTitle(study.names, other));
  if (others.length === 0) return title;
  return `${title} (and ${others.length > 2 ? `${others.length} others` : others.join(' and ')} with it)`;
}

/** The varied settings of a cell, `preset=medium threads=8`; `everything the same` where nothing was varied. */
export function cellText(study: Study, cell: number, without: readonly string[] = []): string {
  const parts = study.factors.flatMap((factor) => {
    const level = factor.codes[cell]!;
    return without.includes(factor.name) || factor.levels[level] === null ? [] : [levelText(study, factor, level)];
  });
  return parts.length === 0 ? 'the only cell' : parts.join(' ');
}

/** Of each level of a setting the median over its cells; NaN where none has a value, and of an absence that is no choice. */
export function levelMiddles(factor: Factor, middles: Float64Array): Float64Array {
  const lists: number[][] = factor.levels.map(() => []);
  for (let cell = 0; cell < factor.codes.length; cell++) lists[factor.codes[cell]!]!.push(middles[cell]!);
  const choices = choicesOf(factor);
  return Float64Array.from(lists, (values, level) => (choices.includes(level) ? median(values) : NaN));
}

export function chanceEvidence(p: number): Evidence {
  return { label: 'p, corrected for all that was tried', value: p, unit: '1' };
}

export function placed(x: string | null, color: string | null = null): Placed {
  return { column: null, row: null, x, color, shape: null, legend: [] };
}

/** Ids of runs by their positions among those that count. */
export function runIds({ dataset, rows }: Study, positions: Iterable<number>): string[] {
  return Array.from(positions, (position) => dataset.ids[rows[position]!]!).slice(0, MAX_RUNS);
}

/** Ids of the first runs of cells. */
export function cellRuns({ dataset, firstRow }: Study, cells: Iterable<number>): string[] {
  return Array.from(cells, (cell) => dataset.ids[firstRow[cell]!]!).slice(0, MAX_RUNS);
}

/** `a, b and c`. */
export function listText(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
}
