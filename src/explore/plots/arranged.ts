// What most plots begin with: rows that have a value, split by what is placed, grouped, and told apart as series.

import { formatQuantity } from '#core/format-quantity';
import { propertyTitle, type Dataset } from '../data/dataset.ts';
import type { Brushed } from '../data/filter-rows.ts';
import type { Behind, Panel } from '../scene/scene.ts';
import { MAX_FACET_COLUMNS, MAX_FACET_ROWS, type Facets } from './facet-layout.ts';
import { groupRows, type Groups, type Positions } from './grouping.ts';
import { seriesOfGroups, type Series } from './looks.ts';
import { medianOfSorted } from './median-intervals.ts';
import type { NoPlot, PlotInput, PlotOption } from './plot.ts';
import { narrowed, pooledProperties, splitRows, unsplit, type Split } from './splits.ts';

export interface Arranged {
  readonly ok: true;
  readonly column: Split;
  readonly row: Split;
  readonly x: Split;
  /** Colour, shape, then what stands in the legend. */
  readonly told: readonly Split[];
  /** Digits of its groups: column, row, x, then `told`. */
  readonly groups: Groups;
  readonly series: Series;
  readonly notes: readonly string[];
}

/** Series of one plot: more can't be told apart. */
export const MAX_SERIES = 84;
/** Values along an axis. */
const MAX_X = 4_000;

export interface ArrangeOptions {
  /** By default what is placed there; `cells`: each cell is a group, and its digit the cell's number. */
  readonly x?: 'placed' | 'cells';
  /** Where the rows of the input were chosen by the kind of plot: those that it chose from. Series look as they do among them. */
  readonly from?: Uint32Array;
}

/** Groups the rows of a plot; says why where there is nothing to group. */
export function arrange(input: PlotInput, options: ArrangeOptions = {}): Arranged | NoPlot {
  const { metric, placed } = input;
  const notes: string[] = [];
  const rows = measured(input);
  if (rows.length === 0) return nothingMeasured(input);
  const split = (name: string | null, most: number) => splitRows(input, rows, name, most, notes);
  const column = split(placed.column, MAX_FACET_COLUMNS);
  const row = split(placed.row, MAX_FACET_ROWS);
  const byCell = options.x === 'cells';
  const x = byCell ? unsplit(rows.length) : splitRows(input, rows, placed.x, MAX_X, notes, input.rows);
  const all = options.from ?? input.rows;
  // Of all rows, so that a series has the same colour whatever is measured.
  const told = [placed.color, placed.shape, ...placed.legend].map((name) =>
    narrowed(splitRows(input, all, name, MAX_SERIES, notes), all, rows),
  );
  const along = byCell ? cellPositions(input.dataset, rows) : x;
  const groups = groupRows(rows, metric.values, [column, row, along, ...told]);
  if (groups.count === 0) return nothingMeasured(input);
  const series = seriesOfGroups(groups, told);
  if (rows.length < input.rows.length) notes.push(...missingNotes(input, rows));
  if (!byCell) notes.push(...pooledNotes(input, rows));
  return { ok: true, column, row, x, told, groups, series, notes };
}

/** Which properties stand at no place, so that runs which differ in them are one group. */
export function pooledNotes({ dataset, names, placed }: PlotInput, rows: Uint32Array): string[] {
  const pooled = pooledProperties(dataset, rows, placed).map((name) => propertyTitle(names, name));
  return pooled.length === 0 ? [] : [`runs that differ in ${pooled.join(', ')} count together`];
}

/** Runs without the metric; those whose unit or model made it another stat do have one. */
function missingNotes({ rows, metric, metrics }: PlotInput, measuredRows: Uint32Array): string[] {
  const baseOf = (name: string) => name.replace(/ \([^()]*\)$/, '');
  const others = metrics.filter(({ name }) => name !== metric.name && baseOf(name) === baseOf(metric.name));
  const kept = new Set(measuredRows);
  const elsewhere = others.flatMap((other) => {
    const count = rows.reduce((sum, row) => sum + Number(!kept.has(row) && !Number.isNaN(other.values[row]!)), 0);
    return count === 0 ? [] : [{ name: other.name, count }];
  });
  const without = rows.length - measuredRows.length - elsewhere.reduce((sum, { count }) => sum + count, 0);
  return [
    ...elsewhere.map(
      ({ name, count }) => `${count} of ${rows.length} runs have it in another unit, or of another model: see ${name}`,
    ),
    ...(without > 0 ? [`${without} of ${rows.length} runs have no ${metric.name}`] : []),
  ];
}

function cellPositions({ cells, cellCount }: Dataset, rows: Uint32Array): Positions {
  const positions = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) positions[i] = cells[rows[i]!]!;
  return { positions, titles: { length: cellCount } };
}

/** Rows that have a value of the metric. */
export function measured({ rows, metric }: Pick<PlotInput, 'rows' | 'metric'>): Uint32Array {
  const { values } = metric;
  let count = 0;
  for (const row of rows) if (!Number.isNaN(values[row]!)) count++;
  if (count === rows.length) return rows;
  const kept = new Uint32Array(count);
  count = 0;
  for (const row of rows) if (!Number.isNaN(values[row]!)) kept[count++] = row;
  return kept;
}

export function nothingMeasured({ rows, metric, dataset }: PlotInput): NoPlot {
  if (rows.length > 0)
    return { ok: false, why: `None of the ${rows.length} runs has ${metric.name}.`, todo: 'Choose another metric.' };
  return dataset.count === 0
    ? { ok: false, why: 'There are no runs yet.', todo: null }
    : { ok: false, why: 'The filters leave no run that ended well.', todo: 'Take a filter away.' };
}

/**
 * Groups by the panel that they are drawn in.
 * @param order of all groups, kept in each panel; theirs where it is left out
 */
export function groupsByPanel(
  { groups }: Arranged,
  { panels, panelOf }: Facets,
  order: Uint32Array = Uint32Array.from({ length: groups.count }, (_, i) => i),
): readonly (readonly number[])[] {
  const byPanel: number[][] = panels.map(() => []);
  const [column, row] = groups.digits;
  for (const group of order) byPanel[panelOf(column![group]!, row![group]!)]!.push(group);
  return byPanel;
}

/**
 * Whether a group is brushed: whether the median of its runs lies within every brush, which is where it is drawn. Without a brush all are.
 */
export function isBrushed(brushed: Brushed | null, { first, rows }: Behind, group: number): boolean {
  if (brushed === null) return true;
  const [from, to] = [first[group]!, first[group + 1]!];
  if (to - from === 1) return brushed.rows[rows[from]!] === 1;
  return brushed.ranges.every(({ values, low, high }) => {
    const known = Float64Array.from(rows.subarray(from, to), (row) => values[row]!).filter((one) => !Number.isNaN(one));
    const median = known.length === 0 ? NaN : medianOfSorted(known.sort(), 0, known.length);
    return median >= low && median <= high;
  });
}

/** A value that is made when it is first asked: tables of a hundred thousand cells are seldom looked at. */
export function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** How the upright axis counts, in plots that begin nowhere in particular. */
export function scaleOption({ options }: PlotInput): PlotOption {
  return {
    name: 'scale',
    title: 'Value axis',
    values: [
      { value: 'linear', title: 'linear' },
      { value: 'log', title: 'logarithmic' },
    ],
    chosen: options['scale'] === 'log' ? 'log' : 'linear',
  };
}

/** Said where a logarithmic axis was asked for and can't be. */
export const LINEAR_NOTE = 'values of zero or less have no logarithm: the axis is linear';

/** How faint what is not brushed is. */
export const PALE = 0.2;

/** Bars of encode.fps by preset, colour codec: 12 groups of 36 runs, 3 panels; medians from 5 to 90 frame/s. */
export function describe(what: string, arranged: Arranged, input: PlotInput, panels: readonly Panel[]): string {
  const { groups, x, series } = arranged;
  const { metric } = input;
  let [low, high] = [Infinity, -Infinity];
  for (const value of groups.values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const parts = [
    `${what} of ${metric.name}`,
    x.property === null ? '' : ` by ${x.title}`,
    series.legendTitle === '' ? '' : `, told apart by ${series.legendTitle}`,
    `: ${groups.count} ${groups.count === 1 ? 'group' : 'groups'} of ${groups.rows.length} runs`,
    panels.length > 1 ? ` in ${panels.length} panels` : '',
    `; values from ${formatQuantity(low, metric.unit)} to ${formatQuantity(high, metric.unit)}.`,
  ];
  return parts.join('');
}
