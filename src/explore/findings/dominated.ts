// Cells that another cell beats in everything that people ask first, beyond what repeats differ.

import { studentBound } from '#analysis/student-t';
import { filterRows } from '../data/filter-rows.ts';
import type { Filter, View } from '../view.ts';
import type { Evidence, Finding } from './finding.ts';
import { leastDifference } from './headline-metrics.ts';
import { isLookedAt, runsByCell, scaledMetric, type Study, type StudyMetric } from './study.ts';
import * as words from './wording.ts';

/** What one would want: of each line the first metric that there is, and which way is better. */
const WANTED: readonly (readonly [better: 1 | -1, ...names: readonly string[]])[] = [
  [1, 'encode.fps', 'stream.rate presented'],
  [-1, 'latency p95', 'latency'],
  [-1, 'cpu.time per frame', 'guest.sender.cpu', 'cpu.time'],
  [1, 'quality.vmaf', 'quality.xpsnr', 'quality.psnr', 'quality.ssim'],
  [-1, 'bitrate'],
];
const LEAST_METRICS = 2;
/** Settings that are the task, and no choice: cells that differ in them are not compared. */
const TASK = new Set([
  'source',
  'frames',
  'resolution',
  'framerate',
  'display',
  'network',
  'stress',
  'concurrent',
  'record-time',
]);
const FACTS = new Set(['machine', 'build', 'kind', 'host']);
/** Cells of one task that are compared with each other. */
const MAX_CELLS = 1_000;
const LEAST_FREEDOM = 4;
const MAX_FINDINGS = 5;
const MAX_NAMED = 6;

interface Wanted {
  readonly metric: StudyMetric;
  readonly better: 1 | -1;
  /** Of a single run around its cell, pooled over cells; on the metric's scale. */
  readonly deviation: number;
  readonly freedom: number;
}

/**
 * A cell is dominated where another is better in every wanted metric, each beyond the noise of repeats: the largest p of all metrics, times the
 * number of pairs that were compared, is below the level (an intersection-union test, Berger 1982, with Bonferroni's correction).
 */
export function findDominated(study: Study): Finding[] {
  const wanted = wantedMetrics(study);
  if (wanted.length < LEAST_METRICS) return [];
  if (Math.min(...wanted.map(({ freedom }) => freedom)) < LEAST_FREEDOM) {
    study.notes.add('dominated cells are looked for where cells have repeats: without them nobody knows the noise');
    return [];
  }
  const beaten = new Map<number, { winner: number; margin: number }>();
  const tasks = [...cellsByTask(study).values()].map((cells) => cells.slice(0, MAX_CELLS));
  const pairs = tasks.reduce((count, cells) => count + cells.length * (cells.length - 1), 0);
  if (pairs === 0) return [];
  for (const cells of tasks) {
    if (cells.length === MAX_CELLS)
      study.notes.add(`dominated cells were looked for among the first ${MAX_CELLS} of each source`);
    beatIn(cells, wanted, study, pairs, beaten);
  }
  return findingsOf(study, wanted, beaten, tasks.flat().length);
}

function wantedMetrics(study: Study): Wanted[] {
  const lists = runsByCell(study);
  return WANTED.flatMap(([better, ...names]) => {
    const metric = names
      .flatMap((name) => study.dataset.metrics.find((one) => one.name === name) ?? [])
      .map((column) => scaledMetric(column, study))
      .find((scaled) => scaled !== null);
    if (metric === undefined) return [];
    let squares = 0;
    let freedom = 0;
    for (const runs of lists) {
      let sum = 0;
      let count = 0;
      for (const run of runs) {
        const value = metric.values[run]!;
        if (Number.isNaN(value)) continue;
        sum += value;
        count++;
      }
      if (count < 2) continue;
      for (const run of runs) {
        const value = metric.values[run]!;
        if (!Number.isNaN(value)) squares += (value - sum / count) ** 2;
      }
      freedom += count - 1;
    }
    return [{ metric, better, deviation: Math.sqrt(squares / Math.max(1, freedom)), freedom }];
  });
}

function cellsByTask({ dataset, firstRow }: Study): Map<string, number[]> {
  const told = dataset.properties.filter(({ name, origin }) => (origin === 'setting' ? TASK : FACTS).has(name));
  return Map.groupBy(firstRow.keys(), (cell) => told.map(({ codes }) => codes[firstRow[cell]!]!).join());
}

function beatIn(
  cells: readonly number[],
  wanted: readonly Wanted[],
  { sizes }: Study,
  pairs: number,
  beaten: Map<number, { winner: number; margin: number }>,
): void {
  const limits = wanted.map(({ deviation, freedom, metric }) => ({
    noise: MEDIAN_LOSS * deviation * studentBound(1 - (2 * words.ALPHA) / pairs, freedom),
    least: leastDifference(metric.column, metric.isRatio),
  }));
  for (const loser of cells)
    for (const winner of cells) {
      if (winner === loser) continue;
      const error = Math.sqrt(1 / sizes[loser]! + 1 / sizes[winner]!);
      let margin = Infinity;
      for (let m = 0; m < wanted.length && margin > 1; m++) {
        const { metric, better } = wanted[m]!;
        const won = (metric.middles[winner]! - metric.middles[loser]!) * better;
        const needed = Math.max(limits[m]!.noise * error, limits[m]!.least);
        margin = Math.min(margin, Number.isNaN(won) ? 0 : won / needed);
      }
      if (margin > 1 && margin > (beaten.get(loser)?.margin ?? 0)) beaten.set(loser, { winner, margin });
    }
}

/** The median of few repeats strays farther than their mean: by the root of pi / 2. */
const MEDIAN_LOSS = Math.sqrt(Math.PI / 2);

function findingsOf(
  study: Study,
  wanted: readonly Wanted[],
  beaten: ReadonlyMap<number, { readonly winner: number; readonly margin: number }>,
  compared: number,
): Finding[] {
  const byWinner = [...Map.groupBy(beaten, ([, { winner }]) => winner)].toSorted(([, a], [, b]) => b.length - a.length);
  const left = byWinner.slice(MAX_FINDINGS).reduce((count, [, losers]) => count + losers.length, 0);
  if (left > 0) study.notes.add(`${left} more dominated cells are not told`);
  return byWinner.slice(0, MAX_FINDINGS).map(([winner, entries]) => {
    const losers = entries.toSorted(([, a], [, b]) => b.margin - a.margin).map(([cell]) => cell);
    const worst = losers[0]!;
    const gains = wanted.map(({ metric }) => {
      const difference = metric.middles[winner]! - metric.middles[worst]!;
      return `${metric.column.name} ${words.differenceText(metric, difference)}`;
    });
    const against = lostMetrics(study, wanted, winner, losers);
    const others =
      losers.length === 1 ? '' : ` (and ${losers.length - 1} more ${losers.length === 2 ? 'cell' : 'cells'})`;
    return {
      kind: 'dominated',
      id: `dominated:${words.cellText(study, winner)}`,
      title: `${words.cellText(study, winner)} beats ${words.cellText(study, worst)}${others} in all that was compared: ${gains.join(', ')}`,
      advice: adviceText(against, losers.length),
      evidence: [
        ...losers
          .slice(0, MAX_NAMED)
          .map((cell): Evidence => ({ label: 'beaten', value: words.cellText(study, cell), unit: null })),
        { label: 'compared in', value: wanted.map(({ metric }) => metric.column.name).join(', '), unit: null },
      ],
      p: null,
      weight: Math.min(0.5, losers.length / compared),
      view: viewOf(study, wanted, winner, losers),
      runs: words.cellRuns(study, [winner, ...losers]),
    };
  });
}

/** Metrics that people ask for and that are not compared above, in which a beaten cell has the better median by what is worth a sentence. */
function lostMetrics(
  { headlines }: Study,
  wanted: readonly Wanted[],
  winner: number,
  losers: readonly number[],
): string[] {
  const compared = new Set(wanted.map(({ metric }) => metric.column));
  return headlines.flatMap(({ column, isRatio, middles }) => {
    if (compared.has(column) || column.better === null) return [];
    const sign = column.better === 'higher' ? 1 : -1;
    const least = leastDifference(column, isRatio);
    return losers.some((loser) => (middles[loser]! - middles[winner]!) * sign > least) ? [column.name] : [];
  });
}

function adviceText(lost: readonly string[], beaten: number): string {
  if (lost.length === 0) return 'Nobody needs the beaten ones, unless for a metric that is not in this list.';
  const whose = beaten === 1 ? 'it has the better median' : 'one of them has a better median';
  return `Nobody needs the beaten ones, unless for ${words.listText(lost)}: there ${whose}.`;
}

/** Only the settings of these cells, over two metrics in which the winner is on the front of what is left. */
function viewOf(study: Study, wanted: readonly Wanted[], winner: number, losers: readonly number[]): Partial<View> {
  const filters = filtersOf(study, [winner, ...losers]);
  const shown = new Set(filterRows(study.dataset, filters).rows);
  const cells = [...study.firstRow.keys()].filter((cell) => shown.has(study.firstRow[cell]!));
  const pairs = wanted.flatMap((y, i) => wanted.slice(i + 1).map((x) => [y, x] as const));
  const usual = [wanted[0]!, wanted.at(-1)!] as const;
  const [y, x] = [usual, ...pairs].find((pair) => isOnFront(winner, cells, pair)) ?? usual;
  return { filters, plot: 'pareto', stats: [y.metric.column.name], options: { against: x.metric.column.name } };
}

function isOnFront(cell: number, cells: readonly number[], metrics: readonly Wanted[]): boolean {
  return !cells.some((other) =>
    metrics.every(({ metric, better }) => (metric.middles[other]! - metric.middles[cell]!) * better > 0),
  );
}

/** Of each setting the values that these cells have: no other cells are left where they differ in one setting. */
function filtersOf({ dataset, firstRow }: Study, cells: readonly number[]): Filter[] {
  return dataset.properties.filter(isLookedAt).flatMap((property): Filter[] => {
    const codes = new Set(cells.map((cell) => property.codes[firstRow[cell]!]!));
    if (property.codes.every((code) => codes.has(code))) return [];
    const values = property.values.filter((_, code) => codes.has(code));
    return [{ kind: 'values', property: property.name, values, ...(codes.has(-1) ? { absent: true } : {}) }];
  });
}
