// What a Pareto front says: how many cells are on it and how sure that is, and all of them in a table.

import { LEAST_OF_INTERVAL } from '#analysis/median-interval';
import type { Directions } from '#analysis/pareto';
import { propertyTitle, valueTitle, type MetricColumn, type Property } from '../data/dataset.ts';
import type { Arranged } from './arranged.ts';
import { isUnsure, SURE, type Front } from './pareto-cells.ts';
import type { PlotInput, TableColumn } from './plot.ts';

export function paretoNotes(
  fronts: readonly Front[],
  input: PlotInput,
  better: Directions,
  x: MetricColumn,
  used: number,
  { notes }: Arranged,
): string[] {
  const { metric: y } = input;
  const [count, all] = [frontCount(fronts), cellCount(fronts)];
  const assumed = [
    ...(x.better === null ? [`${better.x} ${x.name}`] : []),
    ...(y.better === null ? [`${better.y} ${y.name}`] : []),
  ];
  const resamples = Math.max(...fronts.map(({ cells }) => cells.resamples));
  const unsure = fronts.reduce(
    (sum, { cells }) => sum + cells.shares.reduce((some, share) => some + Number(isUnsure(share)), 0),
    0,
  );
  const repeated = fronts.some(({ cells }) => cells.repeated);
  return [
    `${count} of ${all} cells ${count === 1 ? 'is' : 'are'} on the front of ${better.x} ${x.name} and ${better.y} ${y.name}${fronts.length > 1 ? `, in ${fronts.length} panels with a front each` : ''}: ${all - count} are dominated`,
    ...(assumed.length > 0 ? [`taken as better, as the metric does not say: ${assumed.join(', ')}`] : []),
    ...sureness(unsure, resamples, repeated),
    ...fewRunsNote(fronts),
    'numbers at the points are those of the table; cells stand at the medians of their runs',
    ...(used < input.rows.length
      ? [`${input.rows.length - used} of ${input.rows.length} runs have no ${x.name} or no ${y.name}`]
      : []),
    ...notes,
  ];
}

/** Names that a note has room for; the table has all. */
const MOST_NAMES = 8;

/** @param names with their numbers, `3: x265 slow` */
export function namelessNote(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  if (names.length > MOST_NAMES)
    return [`${names.length} points of the front have no room for their whole names: see the table`];
  return [`without room for the whole name: ${names.map((name) => name.replace(': ', ' is ')).join('; ')}`];
}

function sureness(unsure: number, resamples: number, repeated: boolean): string[] {
  if (!repeated) return ['each cell ran once: how sure the front is can’t be said'];
  const method = `${resamples} bootstrap resamples of the runs of each cell`;
  if (unsure === 0) return [`each cell is on the front, or off it, in ${100 * SURE} % or more of ${method}`];
  const share = `${Math.round(100 - 100 * SURE)} to ${100 * SURE} %`;
  return [
    `${unsure} ${unsure === 1 ? 'cell is' : 'cells are'} not sure to be on the front, nor off it: on it in ${share} of ${method}`,
  ];
}

/** Resamples of few runs differ less than further runs would. */
function fewRunsNote(fronts: readonly Front[]): string[] {
  const isFew = (runs: number) => runs > 1 && runs < LEAST_OF_INTERVAL;
  const has = fronts.some(({ cells: { behind } }) =>
    [...behind.first].some((first, cell) => cell > 0 && isFew(first - behind.first[cell - 1]!)),
  );
  return has
    ? [
        `cells of fewer than ${LEAST_OF_INTERVAL} runs look surer than they are: their resamples know only the range of these runs`,
      ]
    : [];
}

/** The front first, in its order, then all others. */
export function paretoTable(
  fronts: readonly Front[],
  { metric: y, names }: PlotInput,
  properties: readonly Property[],
  x: MetricColumn,
): TableColumn[] {
  const lines: { readonly front: Front; readonly cell: number; readonly number: number | null }[] = [];
  for (const front of fronts)
    for (const [i, cell] of front.cells.front.entries()) lines.push({ front, cell, number: front.from + i + 1 });
  for (const front of fronts)
    for (let cell = 0; cell < front.cells.onFront.length; cell++)
      if (front.cells.onFront[cell] === 0) lines.push({ front, cell, number: null });
  const ofRow = (property: Property): TableColumn => {
    const titles = property.values.map((value) => valueTitle(names, property.name, value));
    return {
      title: propertyTitle(names, property.name),
      unit: null,
      values: lines.map(
        ({ front: { cells }, cell }) => titles[property.codes[cells.behind.rows[cells.behind.first[cell]!]!]!] ?? null,
      ),
    };
  };
  return [
    { title: 'on the front', unit: '1', values: lines.map(({ number }) => number) },
    ...(fronts.length > 1 ? [{ title: 'panel', unit: null, values: lines.map(({ front }) => front.title) }] : []),
    ...properties.map(ofRow),
    { title: x.name, unit: x.unit, values: lines.map(({ front, cell }) => front.cells.x[cell]!) },
    { title: y.name, unit: y.unit, values: lines.map(({ front, cell }) => front.cells.y[cell]!) },
    {
      title: 'runs',
      unit: '1',
      values: lines.map(({ front: { cells }, cell }) => cells.behind.first[cell + 1]! - cells.behind.first[cell]!),
    },
    {
      title: 'share of resamples on the front',
      unit: '1',
      values: lines.map(({ front, cell }) => front.cells.shares[cell]!),
    },
  ];
}

export function frontCount(fronts: readonly Front[]): number {
  return fronts.reduce((sum, { cells }) => sum + cells.front.length, 0);
}

export function cellCount(fronts: readonly Front[]): number {
  return fronts.reduce((sum, { cells }) => sum + cells.onFront.length, 0);
}
