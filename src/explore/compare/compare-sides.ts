// What changed from one side to the other: every metric in every pair of cells and over all of them, corrected for how much was looked at.

import { benjaminiHochberg } from '#analysis/multiplicity';
import { median } from '#analysis/quantile';
import { changeOfMedians, changeOverCells, type IntervalMethod, type Scale } from '#analysis/ratio-of-medians';
import type { Better, Unit } from '#core/metric';
import { matchCells, type CellMatch, type CellPair } from './match-cells.ts';
import { sharedRuns, type SharedRuns } from './shared-runs.ts';
import type { Side, SideMetric } from './side.ts';

/** `changed`: surely another value, of a metric without a better side. `small`: sure, and less than was asked for. `same`: not told apart. `unknown`: no interval can be had. */
export type ChangeVerdict = 'better' | 'worse' | 'changed' | 'small' | 'same' | 'unknown';

export interface ChangeRow {
  readonly metric: string;
  readonly unit: Unit;
  readonly better: Better;
  readonly scale: Scale;
  /** Label of the pair; null for the row over all pairs. */
  readonly cell: string | null;
  /** Medians of both sides; over all pairs null where there are several: they have no common one. */
  readonly a: number | null;
  readonly b: number | null;
  /** Repeats of both sides; over all pairs the number of pairs. */
  readonly countA: number;
  readonly countB: number;
  /** b / a, or b - a. */
  readonly effect: number;
  readonly interval: readonly [low: number, high: number] | null;
  readonly method: IntervalMethod | null;
  /** The change as a share of a: 0.05 is 5 % more; NaN where a is 0. */
  readonly share: number;
  /** Uncorrected, and by Benjamini and Hochberg; NaN where nothing can be tested. */
  readonly p: number;
  readonly adjustedP: number;
  readonly verdict: ChangeVerdict;
  /** How far it changed for sure: of the end of the interval that is nearer to no change, the size as a share of a; 0 where that is within. */
  readonly sure: number;
  readonly runsA: readonly string[];
  readonly runsB: readonly string[];
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly match: CellMatch;
  /** One a metric, over all pairs that have it: what changed most for sure first. */
  readonly overall: readonly ChangeRow[];
  /** One for each pair and metric, the same order. */
  readonly cells: readonly ChangeRow[];
  /** Facts in which the sides differ. */
  readonly facts: readonly { readonly name: string; readonly a: readonly string[]; readonly b: readonly string[] }[];
  /** Metrics that were asked for, or that one side has, and are not on both. */
  readonly absent: AbsentMetrics;
  readonly sharedRuns: SharedRuns;
  /** Metrics whose units differ, and what counts together on a side. */
  readonly notes: readonly string[];
}

export interface AbsentMetrics {
  readonly onBoth: readonly string[];
  readonly onA: readonly string[];
  readonly onB: readonly string[];
}

export interface CompareOptions {
  /** Names of metrics; all that both sides have where it is left out. */
  readonly metrics?: readonly string[] | undefined;
  /** A change below this share counts as none, however sure. */
  readonly minEffect?: number | undefined;
  readonly ignored?: readonly string[] | undefined;
}

/** Of the corrected p. */
export const SIGNIFICANCE = 0.05;

/**
 * Compares two sides. A change is told only where both say so: the p, corrected over all rows (metrics in cells, and over all cells), and the 95 % interval, which assumes no shape of
 * the noise.
 */
export function compareSides(a: Side, b: Side, options: CompareOptions = {}): Comparison {
  const match = matchCells(a, b, options.ignored);
  const { metrics, notes, absent } = metricsOfBoth(a, b, options.metrics);
  const minEffect = options.minEffect ?? 0;
  const cells: Draft[] = [];
  const overall: Draft[] = [];
  for (const metric of metrics) {
    const pairs = match.pairs.filter(
      (pair) => pair.a.values[metric.name] !== undefined && pair.b.values[metric.name] !== undefined,
    );
    if (pairs.length === 0) continue;
    const scale = scaleOf(metric, pairs);
    for (const pair of pairs) cells.push(cellRow(metric, scale, pair));
    overall.push(overallRow(metric, scale, pairs));
  }
  // One family: whoever reads both tables is promised one rate of false ones.
  const adjusted = benjaminiHochberg([...overall, ...cells].map(({ p }) => p));
  return {
    a: a.title,
    b: b.title,
    match,
    overall: finish(overall, adjusted.subarray(0, overall.length), minEffect),
    cells: finish(cells, adjusted.subarray(overall.length), minEffect),
    facts: differingFacts(a, b),
    absent,
    sharedRuns: sharedRuns(match),
    notes: [...notes, ...mixedFacts(a), ...mixedFacts(b)],
  };
}

type Draft = Omit<ChangeRow, 'adjustedP' | 'verdict' | 'sure'> & { readonly reference: number };

function cellRow(metric: SideMetric, scale: Scale, pair: CellPair): Draft {
  const [from, to] = [pair.a.values[metric.name]!, pair.b.values[metric.name]!];
  const [a, b] = [median(from), median(to)];
  const change = changeOfMedians(from, to, scale);
  return {
    ...metric,
    metric: metric.name,
    scale,
    cell: pair.label,
    a,
    b,
    countA: from.length,
    countB: to.length,
    ...change,
    share: shareOf(change.effect, scale, a),
    reference: a,
    runsA: pair.a.runs,
    runsB: pair.b.runs,
  };
}

function overallRow(metric: SideMetric, scale: Scale, pairs: readonly CellPair[]): Draft {
  const samples = pairs.map((pair) => ({ a: pair.a.values[metric.name]!, b: pair.b.values[metric.name]! }));
  const change = changeOverCells(samples, scale);
  const reference = median(samples.map(({ a }) => median(a)));
  const only = samples.length === 1 ? samples[0]! : null;
  return {
    ...metric,
    metric: metric.name,
    scale,
    cell: null,
    a: only === null ? null : median(only.a),
    b: only === null ? null : median(only.b),
    countA: pairs.length,
    countB: pairs.length,
    ...change,
    share: shareOf(change.effect, scale, reference),
    reference,
    runsA: [],
    runsB: [],
  };
}

function finish(drafts: readonly Draft[], adjusted: Float64Array, minEffect: number): ChangeRow[] {
  const rows = drafts.map(({ reference, ...draft }, i): ChangeRow => {
    const sure = sureShare(draft, reference);
    const adjustedP = adjusted[i]!;
    return { ...draft, adjustedP, sure, verdict: verdictOf(draft, adjustedP, sure, minEffect) };
  });
  const weight = (row: ChangeRow) => (isTold(row.verdict) ? 2 : row.verdict === 'small' ? 1 : 0);
  const size = ({ share }: ChangeRow) => (Number.isNaN(share) ? 0 : Math.abs(share));
  return rows.toSorted((x, y) => weight(y) - weight(x) || y.sure - x.sure || size(y) - size(x));
}

/** Whether a change is beyond noise, and as large as was asked for. */
export function isTold(verdict: ChangeVerdict): boolean {
  return verdict === 'better' || verdict === 'worse' || verdict === 'changed';
}

function verdictOf(draft: Omit<Draft, 'reference'>, adjustedP: number, sure: number, minEffect: number): ChangeVerdict {
  const { interval, share, better, scale, effect } = draft;
  if (interval === null) return 'unknown';
  if (!(adjustedP <= SIGNIFICANCE) || sure === 0) return 'same';
  if (Math.abs(share) < minEffect) return 'small';
  if (better === null) return 'changed';
  const isMore = effect > (scale === 'ratio' ? 1 : 0);
  return isMore === (better === 'higher') ? 'better' : 'worse';
}

function sureShare({ interval, scale }: Pick<Draft, 'interval' | 'scale'>, reference: number): number {
  if (interval === null) return 0;
  const none = scale === 'ratio' ? 1 : 0;
  const [low, high] = interval;
  const nearest = low > none ? low : high < none ? high : none;
  if (nearest === none) return 0;
  const share = Math.abs(shareOf(nearest, scale, reference));
  // From 0 every change is without measure.
  return Number.isNaN(share) ? Infinity : share;
}

function shareOf(effect: number, scale: Scale, reference: number): number {
  if (scale === 'ratio') return effect - 1;
  return effect === 0 ? 0 : reference === 0 ? NaN : effect / Math.abs(reference);
}

/** Scores and decibels have no ratio, nor has what can be 0. */
function scaleOf({ name, unit }: SideMetric, pairs: readonly CellPair[]): Scale {
  if (unit === 'dB' || name.startsWith('quality.')) return 'difference';
  const isPositive = (values: readonly number[]) => values.every((value) => value > 0);
  return pairs.every(({ a, b }) => isPositive(a.values[name]!) && isPositive(b.values[name]!)) ? 'ratio' : 'difference';
}

function metricsOfBoth(a: Side, b: Side, wanted: readonly string[] | undefined) {
  const notes: string[] = [];
  const absent = { onBoth: [] as string[], onA: [] as string[], onB: [] as string[] };
  const names = wanted ?? [...new Set([...a.metrics, ...b.metrics].map(({ name }) => name))];
  const metrics = names.flatMap((name) => {
    const one = a.metrics.find((metric) => metric.name === name);
    const other = b.metrics.find((metric) => metric.name === name);
    if (one === undefined || other === undefined) {
      absent[one !== undefined ? 'onB' : other !== undefined ? 'onA' : 'onBoth'].push(name);
      return [];
    }
    if (one.unit !== other.unit) {
      notes.push(`${name} is in ${one.unit} on one side and in ${other.unit} on the other: not compared`);
      return [];
    }
    return [other];
  });
  return { metrics, notes, absent };
}

function differingFacts(a: Side, b: Side): Comparison['facts'] {
  return Object.keys(a.facts).flatMap((name) => {
    const [one, other] = [a.facts[name]!, b.facts[name]];
    if (other === undefined || (one.length === other.length && one.every((value) => other.includes(value)))) return [];
    return [{ name, a: one, b: other }];
  });
}

/** Runs of several builds or machines that count as repeats of one cell. */
function mixedFacts({ title, facts }: Side): string[] {
  return Object.entries(facts).flatMap(([name, values]) =>
    values.length < 2 ? [] : [`${title}: runs of several values of ${name} count together: ${values.join(', ')}`],
  );
}
