// The numbers behind a plot of groups: a line for each, with what it stands for.

import type { Arranged } from './arranged.ts';
import { intervalColumns, type Medians } from './median-intervals.ts';
import type { PlotInput, TableColumn } from './plot.ts';

/** Columns of what is placed, then the count of runs, the median and its interval. */
export function groupTable(arranged: Arranged, { metric }: PlotInput, medians: Medians): TableColumn[] {
  const { groups } = arranged;
  const counts = Array.from({ length: groups.count }, (_, i) => groups.first[i + 1]! - groups.first[i]!);
  return [
    ...placeColumns(arranged),
    { title: 'runs', unit: '1', values: counts },
    { title: `median of ${metric.name}`, unit: metric.unit, values: Array.from(medians.median) },
    ...intervalColumns(medians, metric.unit),
  ];
}

/** For each place that is taken the value of each group. */
export function placeColumns({ groups, column, row, x, told }: Arranged): TableColumn[] {
  return [column, row, x, ...told].flatMap((split, k) =>
    split.property === null
      ? []
      : [{ title: split.title, unit: null, values: Array.from(groups.digits[k]!, (at) => split.titles[at]!) }],
  );
}
