// The table of a report: a row for each cell, its settings, its runs, and the median of each metric with its interval.

import type { Dataset, DisplayNames, MetricColumn } from '../data/dataset.ts';
import { propertyTitle, valueTitle } from '../data/dataset.ts';
import { intervalOfMedian, medianOfSorted, type Interval } from '../plots/median-intervals.ts';
import type { TableColumn } from '../plots/plot.ts';

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
  for (const { name, unit, values } of metrics) {
    const medians: (number | null)[] = [];
    const halves: (string | null)[] = [];
    const interval: Interval = { low: NaN, high: NaN };
    for (const own of shown) {
      const sorted = Float64Array.from(own, (row) => values[row]!)
        .filter((value) => !Number.isNaN(value))
        .sort();
      if (sorted.length === 0) {
        medians.push(null);
        halves.push(null);
        continue;
      }
      const median = medianOfSorted(sorted, 0, sorted.length);
      intervalOfMedian(sorted, 0, sorted.length, interval);
      medians.push(median);
      const half = (interval.high - interval.low) / 2 / Math.abs(median);
      halves.push(Number.isFinite(half) ? `±${(half * 100).toPrecision(2)} %` : null);
    }
    columns.push({ title: name, unit, values: medians });
    if (halves.some((half) => half !== null)) columns.push({ title: `${name} ±`, unit: null, values: halves });
  }
  return { columns, leftOut: cells.length - shown.length };
}
