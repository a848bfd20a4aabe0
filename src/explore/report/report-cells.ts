// The table of a report: a row for each cell, its settings, its runs, and the median of each metric with its spread.

import type { Dataset, DisplayNames, MetricColumn } from '../data/dataset.ts';
import { propertyTitle, valueTitle } from '../data/dataset.ts';
import { LEAST_OF_INTERVAL } from '#analysis/median-interval';
import { intervalOfMedian, medianOfSorted, type Interval } from '../plots/median-intervals.ts';
import type { TableColumn } from '../plots/plot.ts';
import { spreadText } from './spread-text.ts';

/** More would not be read; the data of the report has all runs. */
const MOST_CELLS = 500;

export interface CellTable {
  readonly columns: readonly TableColumn[];
  readonly leftOut: number;
}

/** @param rows that count, ascending */
export function cellTable(
  dataset: Dataset,
  rows: Uint32Array,
  metrics: readonly MetricColumn[],
  names: DisplayNames,
): CellTable {
  const rowsOf = new Map<number, number[]>();
  for (const row of rows) {
    const cell = dataset.cells[row]!;
    const own = rowsOf.get(cell);
    if (own === undefined) rowsOf.set(cell, [row]);
    else own.push(row);
  }
  const varying = dataset.properties.filter(({ origin, codes }) => {
    const first = codes[rows[0] ?? 0];
    return origin === 'setting' && rows.some((row) => codes[row] !== first);
  });
  // In the order of the file, the first property the slowest, as the matrix has it.
  const cells = [...rowsOf.values()].toSorted(([a], [b]) => {
    const apart = varying.find(({ codes }) => codes[a!] !== codes[b!]);
    return apart === undefined ? 0 : apart.codes[a!]! - apart.codes[b!]!;
  });
  const shown = cells.slice(0, MOST_CELLS);
  const columns: TableColumn[] = varying.map(({ name, values, codes }) => ({
    title: propertyTitle(names, name),
    unit: null,
    values: shown.map(([row]) => {
      const value = values[codes[row!]!];
      return value === undefined ? null : valueTitle(names, name, value);
    }),
  }));
  columns.push({ title: 'runs', unit: '1', values: shown.map((own) => own.length) });
  for (const metric of metrics) columns.push(...metricColumns(metric, shown));
  return { columns, leftOut: cells.length - shown.length };
}

/** Medians, and beside them how far the repeats spread, where there are any. */
function metricColumns({ name, unit, values }: MetricColumn, cells: readonly (readonly number[])[]): TableColumn[] {
  const medians: (number | null)[] = [];
  const spreads: (string | null)[] = [];
  const told: ToldSpread[] = [];
  const interval: Interval = { low: NaN, high: NaN };
  for (const own of cells) {
    const sorted = Float64Array.from(own, (row) => values[row]!)
      .filter((value) => !Number.isNaN(value))
      .sort();
    const count = sorted.length;
    const median = count === 0 ? null : medianOfSorted(sorted, 0, count);
    intervalOfMedian(sorted, 0, count, interval);
    medians.push(median);
    spreads.push(
      median === null ? null : spreadText({ count, median, interval: [interval.low, interval.high] }, { name, unit }),
    );
    if (spreads.at(-1) !== null) told.push({ count, text: spreads.at(-1)! });
  }
  const column = { title: name, unit, values: medians };
  return told.length === 0 ? [column] : [column, { title: spreadTitle(name, told), unit: null, values: spreads }];
}

interface ToldSpread {
  /** Repeats of the cell. */
  readonly count: number;
  readonly text: string;
}

/** What is written as `±` is called so; both ends of an interval are called an interval, those of few repeats a range. */
function spreadTitle(name: string, told: readonly ToldSpread[]): string {
  const isRange = ({ count }: ToldSpread) => count < LEAST_OF_INTERVAL;
  const kinds = [
    ...(told.some(({ text }) => text.startsWith('±')) ? ['±'] : []),
    ...(told.some((one) => !isRange(one) && !one.text.startsWith('±')) ? ['95 % interval'] : []),
    ...(told.some(isRange) ? ['range'] : []),
  ];
  return `${name} ${kinds.join(' or ')}`;
}
