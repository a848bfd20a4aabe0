// The results of a benchmark as a plot: medians with their intervals, over one property, told apart and split by others.

import { LEAST_OF_INTERVAL } from '#analysis/median-interval';
import { summarize, type Summary } from '#analysis/summary';
import { formatQuantity } from '#core/format-quantity';
import { numberOf, propertyAxis, valueAxis, type PlotAxis } from '#explore/scene/plot-axis';
import type { PlotLine, PlotPoint, PlotSeries, PlotSpec } from '../../chart/plot-spec.ts';
import { MAX_COLUMNS, MAX_ROWS, type FacetChoice, type VaryingProperty } from './facet-choice.ts';

/** Points drawn: an SVG of more answers slowly. */
export const MAX_POINTS = 1_500;

export interface FacetInput {
  readonly metric: { readonly name: string; readonly unit: string };
  readonly properties: readonly VaryingProperty[];
  /** For each property its value by cell. */
  readonly values: readonly (readonly (string | null)[])[];
  readonly labels: readonly string[];
  /** Cells to show. */
  readonly cells: readonly number[];
  /** Values of a cell's runs. */
  readonly repeats: (cell: number) => readonly number[];
  readonly choice: FacetChoice;
  /** Looks of series, as many as can be told apart. */
  readonly styles: readonly Omit<PlotSeries, 'name'>[];
}

export interface FacetRow {
  readonly cell: number;
  readonly summary: Summary;
}

export interface FacetPlot {
  readonly spec: PlotSpec;
  readonly rows: readonly FacetRow[];
  /** What is not drawn, in words. */
  readonly notes: readonly string[];
}

/** Null where no cell has a value. */
export function facetPlot(input: FacetInput): FacetPlot | null {
  const { metric, choice, labels, styles } = input;
  const notes: string[] = [];
  const place = (name: string | null) => placeOf(input, name);
  const [x, color, column, row] = [place(choice.x), place(choice.color), place(choice.column), place(choice.row)];
  const seriesNames = bounded(color, styles.length, notes);
  const columns = bounded(column, MAX_COLUMNS, notes);
  const facetRows = bounded(row, MAX_ROWS, notes);
  const known = input.cells.filter(
    (cell) =>
      x.of(cell) >= 0 &&
      inRange(color, cell, seriesNames) &&
      inRange(column, cell, columns) &&
      inRange(row, cell, facetRows) &&
      input.repeats(cell).length > 0,
  );
  const drawn = thinned(known, (cell) => x.of(cell));
  if (drawn.length < known.length)
    notes.push(`${drawn.length} of ${known.length} cells are drawn: filter, or split by more`);
  const rows = drawn.map((cell): FacetRow => ({ cell, summary: summarize(input.repeats(cell))! }));
  if (rows.length === 0) return null;

  const axis: PlotAxis = propertyAxis(choice.x ?? '', x.names.length > 0 ? x.names : ['all cells']);
  const facetHeight = facetRows.length > 1 ? 180 : 290;
  const y = valueAxis(metric.name, metric.unit, extents(rows), facetHeight);
  const points = rows.map(({ cell, summary }): PlotPoint => ({
    x: axis.kind === 'names' ? x.of(cell) : numberOf(x.names[x.of(cell)]!),
    y: summary.median,
    series: Math.max(0, color.of(cell)),
    column: Math.max(0, column.of(cell)),
    row: Math.max(0, row.of(cell)),
    xInterval: null,
    yInterval: summary.interval,
    title: titleOf(labels[cell]!, summary, metric),
  }));
  const facets = (name: string | null, names: readonly string[]) => (name === null ? null : { label: name, names });
  return {
    rows,
    notes,
    spec: {
      x: axis,
      y,
      columns: facets(choice.column, columns),
      rows: facets(choice.row, facetRows),
      facetHeight,
      series: (choice.color === null ? [''] : seriesNames).map((name, i) => ({ name, ...styles[i]! })),
      points,
      lines: linesOf(input, axis, rows, points),
      apart: true,
    },
  };
}

interface Place {
  readonly name: string | null;
  /** In the file's order, without those that no shown cell has. */
  readonly names: readonly string[];
  /** Position of a cell's value in them; -1 where it has none. */
  readonly of: (cell: number) => number;
}

function placeOf({ properties, values, cells }: FacetInput, name: string | null): Place {
  const at = properties.findIndex((property) => property.name === name);
  if (at === -1) return { name: null, names: [], of: () => 0 };
  const present = new Set(cells.map((cell) => values[at]![cell] ?? null));
  const names = properties[at]!.values.filter((value) => present.has(value));
  const positions = new Map(names.map((value, i) => [value, i]));
  return { name, names, of: (cell) => positions.get(values[at]![cell] ?? '') ?? -1 };
}

function bounded({ name, names }: Place, most: number, notes: string[]): readonly string[] {
  if (names.length > most) notes.push(`the first ${most} of ${names.length} values of ${name} are drawn`);
  return names.slice(0, most);
}

function inRange(place: Place, cell: number, kept: readonly string[]): boolean {
  const at = place.of(cell);
  return place.name === null || (at >= 0 && at < kept.length);
}

/** Every so many values of x, so that lines stay whole; where x has few, every so many cells. */
function thinned(cells: readonly number[], xOf: (cell: number) => number): readonly number[] {
  if (cells.length <= MAX_POINTS) return cells;
  const step = Math.ceil(cells.length / MAX_POINTS);
  const values = new Set(cells.map(xOf)).size;
  return cells.filter((cell, i) => (values >= 2 * step ? xOf(cell) % step === 0 : i % step === 0));
}

function* extents(rows: readonly FacetRow[]): Generator<number> {
  for (const { summary } of rows) {
    yield summary.median;
    yield* summary.interval ?? [];
  }
}

/**
 * A line joins cells that differ in x alone. Between names it only leads the eye: it is faint, and ends where a name has no cell.
 */
function linesOf(
  { properties, values, choice }: FacetInput,
  axis: PlotAxis,
  rows: readonly FacetRow[],
  points: readonly PlotPoint[],
): PlotLine[] {
  const others = properties.flatMap(({ name }, i) => (name === choice.x ? [] : [values[i]!]));
  const groups = Map.groupBy(rows.keys(), (i) => others.map((of) => of[rows[i]!.cell] ?? '').join('\0'));
  const isNames = axis.kind === 'names';
  const lines: PlotLine[] = [];
  for (const group of groups.values()) {
    const own = group.map((i) => points[i]!).toSorted((a, b) => a.x - b.x);
    let start = 0;
    for (let end = 1; end <= own.length; end++) {
      if (end < own.length && !(isNames && own[end]!.x > own[end - 1]!.x + 1)) continue;
      const part = own.slice(start, end);
      start = end;
      if (part.length < 2) continue;
      const { series, column, row } = part[0]!;
      lines.push({ series, column, row, x: part.map(({ x }) => x), y: part.map(({ y }) => y), faint: isNames });
    }
  }
  return lines;
}

function titleOf(label: string, { median, interval, count }: Summary, metric: FacetInput['metric']): string {
  const show = (value: number) => formatQuantity(value, metric.unit);
  const lines = [label.replaceAll(' ', '\n'), `${metric.name} ${show(median)}`];
  const what = count < LEAST_OF_INTERVAL ? 'range of the runs' : '95 %';
  if (interval !== null) lines.push(`${what} ${show(interval[0])} to ${show(interval[1])}`);
  lines.push(`${count} ${count === 1 ? 'run' : 'runs'}`);
  return lines.join('\n');
}
