// Rate-quality curves of the rows: cells that are alike in everything but what asks for a rate or a quality, compared by BD-rate.

import { bdQuality, bdRate, type BdRefusal, type BdResult } from '#analysis/bd-rate';
import { byRate, type RatePoint } from '#analysis/rate-quality';
import { RATE_SETTINGS } from '#core/rate-settings';
import type { Dataset, MetricColumn } from '../data/dataset.ts';
import { MAX_SERIES } from './arranged.ts';
import { MAX_FACET_COLUMNS, MAX_FACET_ROWS } from './facet-layout.ts';
import { groupRows, rankKeys, type Groups } from './grouping.ts';
import { seriesOfGroups, type Series } from './looks.ts';
import { groupMedians, type Medians } from './median-intervals.ts';
import type { PlotInput } from './plot.ts';
import { narrowed, pooledProperties, splitRows, type Split } from './splits.ts';

/** A point of a curve: medians over the runs of a group. */
export interface CurvePoint extends RatePoint {
  readonly group: number;
}

export interface Curve {
  readonly title: string;
  readonly column: number;
  readonly row: number;
  /** Position in `series`. */
  readonly series: number;
  /** In the order of the rate. */
  readonly points: readonly CurvePoint[];
}

export interface Curves {
  readonly column: Split;
  readonly row: Split;
  /** What tells curves apart, then what varies along them. */
  readonly told: readonly Split[];
  readonly along: readonly Split[];
  /** Digits: column, row, told, along. */
  readonly groups: Groups;
  readonly rates: Medians;
  readonly qualities: Medians;
  readonly series: Series;
  readonly curves: readonly Curve[];
  /** Settings of one point that differ among its runs. */
  readonly pooled: readonly string[];
}

/** Values of one rate setting. */
const MOST_RATES = 4_000;

/**
 * Curves by what is placed, but for settings that ask for a rate: these vary along a curve, wherever they stand. Where none of them
 * varies each cell is a point.
 * @param rows that have both the rate and the quality
 */
export function curvesOf(input: PlotInput, rows: Uint32Array, rate: MetricColumn, notes: string[]): Curves {
  const { dataset, placed, metric } = input;
  const unlessRate = (name: string | null) => (name !== null && RATE_SETTINGS.has(name) ? null : name);
  const split = (name: string | null, most: number) => splitRows(input, rows, unlessRate(name), most, notes);
  const column = split(placed.column, MAX_FACET_COLUMNS);
  const row = split(placed.row, MAX_FACET_ROWS);
  const told = [placed.color, placed.shape, ...placed.legend, placed.x].map((name) =>
    narrowed(splitRows(input, input.rows, unlessRate(name), MAX_SERIES, notes), input.rows, rows),
  );
  const asked = dataset.properties
    .filter(({ name }) => RATE_SETTINGS.has(name))
    .map(({ name }) => splitRows(input, rows, name, MOST_RATES, notes))
    .filter(({ titles }) => titles.length > 1);
  const along = asked.length > 0 ? asked : [cellSplit(dataset, rows)];
  const splits = [column, row, ...told, ...along];
  const groups = groupRows(rows, metric.values, splits);
  const [rates, qualities] = [groupMedians(groupRows(rows, rate.values, splits)), groupMedians(groups)];
  const series = seriesOfGroups({ ...groups, digits: groups.digits.slice(2, 2 + told.length) }, told);
  return {
    column,
    row,
    told,
    along: asked,
    groups,
    rates,
    qualities,
    series,
    curves: cutCurves(groups, [column, row], series, rates, qualities),
    pooled:
      asked.length === 0 ? [] : pooledProperties(dataset, rows, placed).filter((name) => !RATE_SETTINGS.has(name)),
  };
}

function cutCurves(
  groups: Groups,
  facets: readonly Split[],
  series: Series,
  rates: Medians,
  qualities: Medians,
): Curve[] {
  const [column, row] = groups.digits as [Int32Array, Int32Array];
  const keys = rankKeys(
    [column, row, Int32Array.from(series.ids)],
    [...facets.map(({ titles }) => titles.length), series.count],
    groups.count,
  );
  const points: CurvePoint[][] = Array.from({ length: keys.count }, () => []);
  for (let group = 0; group < groups.count; group++)
    points[keys.ids[group]!]!.push({ rate: rates.median[group]!, quality: qualities.median[group]!, group });
  return points.map((ofCurve) => {
    const [{ group }] = ofCurve as [CurvePoint];
    return {
      title: series.titles[series.ids[group]!]! || 'all cells',
      column: column[group]!,
      row: row[group]!,
      series: series.ids[group]!,
      points: byRate(ofCurve),
    };
  });
}

/** Cells as values of a property that has no name. */
function cellSplit({ cells, cellCount }: Dataset, rows: Uint32Array): Split {
  const titles = Array.from({ length: cellCount }, () => '');
  return {
    property: null,
    title: '',
    titles,
    values: titles,
    numbers: new Float64Array(cellCount).fill(NaN),
    positions: Int32Array.from(rows, (row) => cells[row]!),
  };
}

export interface CurveComparison {
  readonly curve: Curve;
  /** What it is held against. */
  readonly other: Curve;
  /** Null for the reference itself. */
  readonly rate: BdResult | BdRefusal | null;
  readonly quality: BdResult | BdRefusal | null;
  readonly isReference: boolean;
}

/**
 * Every curve against the one of a series in its own facet; where a facet has none of that, against its first.
 * @param reference null where nobody chose: then against the first of each facet
 */
export function compareWith(curves: readonly Curve[], reference: number | null, hull: boolean): CurveComparison[] {
  return curves.map((curve) => {
    const own = curves.filter(({ column, row }) => column === curve.column && row === curve.row);
    const first = own.reduce((least, one) => (one.series < least.series ? one : least));
    const other = own.find(({ series }) => series === reference) ?? first;
    const isReference = other === curve;
    if (isReference) return { curve, other, rate: null, quality: null, isReference };
    return {
      curve,
      other,
      rate: bdRate(other.points, curve.points, { hull }),
      quality: bdQuality(other.points, curve.points, { hull }),
      isReference,
    };
  });
}
