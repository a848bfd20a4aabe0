// Rate-quality curves with BD-rate: quality over the rate that was reached, the curves as BD-rate integrates them.

import { formatNumber, formatQuantity } from '#core/format-quantity';
import { propertyTitle } from '../data/dataset.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import { rateAxis } from '../scene/plot-axis.ts';
import type { LegendEntry } from '../scene/scene.ts';
import { nothingMeasured } from './arranged.ts';
import { layFacets } from './facet-layout.ts';
import { plainLook } from './looks.ts';
import { intervalColumns, intervalNotes } from './median-intervals.ts';
import type { MakePlot, PlotInput, TableColumn } from './plot.ts';
import { compareWith, curvesOf, type Curve, type CurveComparison, type Curves } from './rate-quality-curves.ts';
import { curveMarks } from './rate-quality-marks.ts';

const RATE_METRIC = 'bitrate';
/** Curves told in the notes; of more they say how far they lie apart, and the table has all. */
const MOST_TOLD = 6;
/** Of less of a curve than this a mean tells little. */
const LITTLE_OVERLAP = 0.5;

export const rateQuality: MakePlot = (input) => {
  const { metric, metrics, options } = input;
  if (input.rows.length === 0) return nothingMeasured(input);
  const rate = metrics.find(({ name }) => name === RATE_METRIC);
  if (rate === undefined)
    return { ok: false, why: 'No run tells its bitrate.', todo: 'Encodes and streams do. Choose another plot.' };
  if (metric.better !== 'higher' || metric.name === RATE_METRIC)
    return {
      ok: false,
      why: `${metric.name} is no quality: of a quality more is better.`,
      todo: `Choose ${metrics.find(({ name }) => name.startsWith('quality.'))?.name ?? 'a metric of quality'}.`,
    };
  const rows = input.rows.filter((row) => rate.values[row]! > 0 && Number.isFinite(metric.values[row]!));
  if (rows.length === 0)
    return {
      ok: false,
      why: `None of the ${input.rows.length} runs has both bitrate and ${metric.name}.`,
      todo: 'Choose another metric, or take a filter away.',
    };

  const notes: string[] = [];
  const curves = curvesOf(input, rows, rate, notes);
  const { series } = curves;
  const asked = series.titles.indexOf(options['reference'] ?? '');
  const reference = asked < 0 ? null : asked;
  const hull = options['hull'] === 'on';
  const compared = compareWith(curves.curves, reference, hull);
  const ranges = { rate: rangeOf(curves.rates), quality: rangeOf(curves.qualities) };
  const facets = layFacets({
    columns: curves.column,
    rows: curves.row,
    width: input.width,
    height: input.height,
    xAxis: rateAxis(RATE_METRIC, rate.unit, ...ranges.rate),
    yAxis: (lengthPx) =>
      measureAxis({
        name: metric.name,
        unit: metric.unit,
        low: ranges.quality[0],
        high: ranges.quality[1],
        lengthPx,
        fromZero: false,
      }),
    xMetric: RATE_METRIC,
    yMetric: metric.name,
  });
  const byPanel: Curve[][] = facets.panels.map(() => []);
  for (const curve of curves.curves) byPanel[facets.panelOf(curve.column, curve.row)]!.push(curve);
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks: [plainLook('line'), ...series.looks],
      marks: [
        ...facets.marks,
        ...byPanel.flatMap((ofPanel, at) =>
          ofPanel.length === 0 ? [] : curveMarks(at, facets.panels[at]!, ofPanel, curves, hull, input.brushed),
        ),
      ],
      legendTitle: series.legendTitle,
      legend: withRates(series.legend, compared, curves),
      description: `${metric.name} over bitrate: ${curves.curves.length} curves of ${rows.length} runs${byPanel.length > 1 ? ` in ${byPanel.length} panels` : ''}.`,
    },
    table: tableOf(curves, compared, input, rate.unit),
    notes: [...comparisonNotes(compared, curves, input), ...curveNotes(curves, input, rows.length, hull), ...notes],
    options: [
      ...(series.count > 1
        ? [
            {
              name: 'reference',
              title: 'reference',
              values: series.titles.map((title) => ({ value: title, title })),
              chosen: series.titles[reference ?? 0]!,
            },
          ]
        : []),
      {
        name: 'hull',
        title: 'points',
        values: [
          { value: 'off', title: 'all' },
          { value: 'on', title: 'on each hull' },
        ],
        chosen: hull ? 'on' : 'off',
      },
    ],
  };
};

/** BD-rates beside the names, where there is one facet and so one number each. */
function withRates(
  legend: readonly LegendEntry[],
  compared: readonly CurveComparison[],
  { curves, column, row }: Curves,
): LegendEntry[] {
  if (column.titles.length * row.titles.length > 1 || curves.length < 2) return [...legend];
  return legend.map((entry, series) => {
    const found = compared.find(({ curve }) => curve.series === series);
    if (found?.isReference === true) return { ...entry, title: `${entry.title} (reference)` };
    return found?.rate?.ok === true ? { ...entry, title: `${entry.title} (${percent(found.rate.value)} bits)` } : entry;
  });
}

function comparisonNotes(compared: readonly CurveComparison[], curves: Curves, { metric }: PlotInput): string[] {
  const others = compared.filter(({ rate }) => rate !== null);
  if (others.length === 0)
    return compared.length > 1
      ? ['each facet has one curve, and nothing is compared: what stands in facets can be told by colour']
      : [];
  const references = new Set(others.map(({ other }) => other.series));
  const told = (others.length > MOST_TOLD ? [] : others).map(({ curve, other, rate, quality }) => {
    const facet = [curves.column, curves.row]
      .flatMap((split, k) => (split.property === null ? [] : [split.titles[k === 0 ? curve.column : curve.row]!]))
      .join(', ');
    const against = references.size > 1 ? ` against ${other.title}` : '';
    const name = `${curve.title}${facet === '' ? '' : ` (${facet})`}${against}`;
    if (rate?.ok !== true) return `${name}: no BD-rate: ${rate?.reason}`;
    const little = Math.min(rate.coverage.reference, rate.coverage.test);
    return [
      `${name}: ${percent(rate.value)} bits for the same ${metric.name}`,
      ...(quality?.ok === true
        ? [`${quality.value > 0 ? '+' : ''}${formatQuantity(quality.value, metric.unit)} at the same rate`]
        : []),
      ...(little < LITTLE_OVERLAP ? [`of ${formatNumber(Math.round(little * 100))} % of a curve only`] : []),
    ].join(', ');
  });
  return [
    ...told,
    ...(others.length > MOST_TOLD ? [summary(others)] : []),
    `against ${references.size > 1 ? 'one curve in each facet' : others[0]!.other.title}; BD-rate with PCHIP, over the qualities that both reach`,
  ];
}

/** Of many curves how far they lie apart; the table has each. */
function summary(others: readonly CurveComparison[]): string {
  const values = others.flatMap(({ rate }) => (rate?.ok === true ? [rate.value] : []));
  const without = others.length - values.length;
  const range =
    values.length === 0 ? '' : `: from ${percent(Math.min(...values))} to ${percent(Math.max(...values))} bits`;
  return `${values.length} BD-rates${range}${without > 0 ? `, ${without} curves have none` : ''}: the table has each, and why`;
}

function curveNotes(
  { along, pooled, rates, qualities }: Curves,
  input: PlotInput,
  used: number,
  hull: boolean,
): string[] {
  const titles = (names: readonly string[]) => names.map((name) => propertyTitle(input.names, name)).join(', ');
  return [
    along.length === 0
      ? 'no setting that asks for a rate varies: each cell is a point'
      : `along a curve ${along.map(({ title }) => title).join(', ')} varies`,
    ...(pooled.length > 0 ? [`runs that differ in ${titles(pooled)} count together in one point`] : []),
    ...(hull ? ['lines and BD-rates go through the points on the hull of each curve only'] : []),
    ...(used < input.rows.length
      ? [`${input.rows.length - used} of ${input.rows.length} runs have no bitrate or no ${input.metric.name}`]
      : []),
    'points are medians over the runs',
    ...intervalNotes(rates, qualities),
  ];
}

/** A line a point; what is said of its curve stands with each. */
function tableOf(
  { column, row, told, groups, along, curves, rates, qualities }: Curves,
  compared: readonly CurveComparison[],
  { metric }: PlotInput,
  rateUnit: string,
): TableColumn[] {
  const points = curves.flatMap((curve, at) => curve.points.map(({ group }) => ({ group, at })));
  const order = points.map(({ group }) => group);
  const names = [column, row, ...told, ...along].flatMap((split, k): TableColumn[] =>
    split.property === null
      ? []
      : [
          {
            title: split.title,
            unit: null,
            values: points.map(({ group }) => split.titles[groups.digits[k]![group]!]!),
          },
        ],
  );
  const numbers = (
    title: string,
    unit: string,
    of: (group: number, at: number) => number | undefined,
  ): TableColumn => ({
    title,
    unit,
    values: points.map(({ group, at }) => absent(of(group, at))),
  });
  const value = (result: CurveComparison['rate']) => (result?.ok === true ? result.value : undefined);
  return [
    ...names,
    numbers('runs', '1', (group) => groups.first[group + 1]! - groups.first[group]!),
    numbers(RATE_METRIC, rateUnit, (group) => rates.median[group]),
    ...intervalColumns(rates, rateUnit, order, RATE_METRIC),
    numbers(metric.name, metric.unit, (group) => qualities.median[group]),
    ...intervalColumns(qualities, metric.unit, order, metric.name),
    numbers('BD-rate of the curve', '1', (_, at) => value(compared[at]!.rate)),
    numbers(`BD of ${metric.name}`, metric.unit, (_, at) => value(compared[at]!.quality)),
    {
      title: 'why not',
      unit: null,
      values: points.map(({ at }) => {
        const { rate, isReference } = compared[at]!;
        return isReference ? 'the reference' : rate === null || rate.ok ? null : rate.reason;
      }),
    },
  ];
}

function rangeOf({ median, low, high }: Curves['rates']): [low: number, high: number] {
  let [from, to] = [Infinity, -Infinity];
  for (const values of [median, low, high])
    for (const value of values) {
      if (value < from) from = value;
      if (value > to) to = value;
    }
  return [from, to];
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(1).replace('-', '−')} %`;
}

function absent(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
