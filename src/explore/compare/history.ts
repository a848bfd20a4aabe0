// How a metric of a cell went over time, where it changed, and what else changed there.

import { changePoints, MOST_VALUES } from '#analysis/e-divisive';
import { OUTCOMES } from '#core/run';
import type { Better, Unit } from '#core/metric';
import type { Dataset } from '../data/dataset.ts';

export interface HistoryChange {
  /** Position of the first run after the change. */
  readonly at: number;
  /** UTC, milliseconds. */
  readonly timeMs: number;
  /** Means of the runs between this change and its neighbours. */
  readonly before: number;
  readonly after: number;
  /** after / before - 1; NaN where before is 0. */
  readonly share: number;
  readonly p: number;
  readonly verdict: 'better' | 'worse' | 'changed';
  /** Facts and settings that are others after the change than before it. */
  readonly facts: readonly { readonly name: string; readonly before: string; readonly after: string }[];
}

export interface History {
  readonly metric: string;
  readonly unit: Unit;
  readonly better: Better;
  /** Settings that tell this cell from others; `all` where none does. */
  readonly cell: string;
  /** Rows of the dataset, by time. */
  readonly rows: readonly number[];
  readonly values: readonly number[];
  readonly changes: readonly HistoryChange[];
  /** Runs that were left out because there are too many: the oldest. */
  readonly leftOut: number;
}

const OK = OUTCOMES.indexOf('ok');
/** Facts that change by themselves. */
const NO_CAUSE: ReadonlySet<string> = new Set(['day', 'outcome']);

/** The histories of a metric, one for each cell (the same settings, whatever the machine and the build), those that changed most first. */
export function histories(dataset: Dataset, rows: readonly number[], metricName: string): History[] {
  const metric = dataset.metrics.find(({ name }) => name === metricName);
  if (metric === undefined) return [];
  const settings = dataset.properties.filter(({ origin }) => origin === 'setting');
  const varying = settings.filter(({ codes }) => rows.some((row) => codes[row] !== codes[rows[0]!]));
  const cells = new Map<string, number[]>();
  for (const row of rows.toSorted((x, y) => dataset.startedAtMs[x]! - dataset.startedAtMs[y]!)) {
    if (dataset.outcomes[row] !== OK || dataset.excluded.has(row) || Number.isNaN(metric.values[row]!)) continue;
    const label = varying.flatMap(({ name, values, codes }) =>
      codes[row]! < 0 ? [] : [`${name}=${values[codes[row]!]}`],
    );
    const key = label.length === 0 ? 'all' : label.join(' ');
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [row]);
    else cell.push(row);
  }
  const found = [...cells].map(([cell, all]): History => {
    const kept = all.slice(-MOST_VALUES);
    const values = kept.map((row) => metric.values[row]!);
    return {
      metric: metric.name,
      unit: metric.unit,
      better: metric.better,
      cell,
      rows: kept,
      values,
      changes: changesOf(dataset, kept, values, metric.better),
      leftOut: all.length - kept.length,
    };
  });
  return found.toSorted((x, y) => largest(y) - largest(x));
}

function changesOf(
  dataset: Dataset,
  rows: readonly number[],
  values: readonly number[],
  better: Better,
): HistoryChange[] {
  const points = changePoints(values);
  return points.map(({ at, meanBefore, meanAfter, p }, i) => ({
    at,
    timeMs: dataset.startedAtMs[rows[at]!]!,
    before: meanBefore,
    after: meanAfter,
    share: meanBefore === 0 ? NaN : (meanAfter - meanBefore) / Math.abs(meanBefore),
    p,
    verdict: better === null ? 'changed' : meanAfter > meanBefore === (better === 'higher') ? 'better' : 'worse',
    facts: changedFacts(dataset, rows.slice(points[i - 1]?.at ?? 0, at), rows.slice(at, points[i + 1]?.at)),
  }));
}

/** Properties of which most runs before have one value and most after another. */
function changedFacts(dataset: Dataset, before: readonly number[], after: readonly number[]): HistoryChange['facts'] {
  return dataset.properties.flatMap(({ name, origin, values, codes }) => {
    if (origin !== 'fact' || NO_CAUSE.has(name)) return [];
    const [one, other] = [commonest(codes, before), commonest(codes, after)];
    if (one === other || one < 0 || other < 0) return [];
    return [{ name, before: values[one]!, after: values[other]! }];
  });
}

function commonest(codes: Int32Array, rows: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(codes[row]!, (counts.get(codes[row]!) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [-1, 0] as [number, number])[0];
}

function largest({ changes }: History): number {
  return changes.reduce((most, { share }) => Math.max(most, Math.abs(share) || 0), 0);
}
