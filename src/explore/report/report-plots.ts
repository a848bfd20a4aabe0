// Which plots a report has: each metric over what varies, then those kinds that these runs have something for.

import { defaultPlaced, distinctValues, placedCount } from '../arrange.ts';
import type { MetricColumn } from '../data/dataset.ts';
import { choosePlot, makePlot } from '../plots/make-plot.ts';
import type { Placed, PlotKind } from '../view.ts';
import type { ReportInput, ReportPlot } from './report.ts';

const WIDTH = 860;
const HEIGHT = 340;
const ROW_HEIGHT = 150;
const MOST_ROWS = 12;
/** Metrics that have a plot of their own. */
const MOST_METRICS = 8;

/** Kinds that are about several metrics at once; each is left out where the runs have nothing for it. */
const FURTHER: readonly { readonly kind: PlotKind; readonly title: string }[] = [
  { kind: 'rate-quality', title: 'Rate and quality' },
  { kind: 'pareto', title: 'What nothing beats in both' },
  { kind: 'stack', title: 'Where the time of a frame goes' },
  { kind: 'frame-rate', title: 'Frame rates: asked and got' },
];

export function reportPlots(
  input: ReportInput,
  rows: Uint32Array,
  placed: Placed,
  metrics: readonly MetricColumn[],
): ReportPlot[] {
  const { dataset, names, view } = input;
  const row = dataset.properties.find(({ name }) => name === placed.row);
  const facetRows = row === undefined ? 1 : Math.min(MOST_ROWS, distinctValues(row, rows));
  const height = Math.max(HEIGHT, facetRows * ROW_HEIGHT);
  const plot = (kind: PlotKind, metric: MetricColumn, options: Readonly<Record<string, string>>) =>
    makePlot(kind, {
      dataset,
      rows,
      metric,
      metrics: input.metrics,
      placed: view.placed ?? defaultPlaced(dataset, rows, kind),
      names,
      brushed: null,
      options,
      width: WIDTH,
      height,
    });
  const kind = view.plot ?? choosePlot(placedCount(placed));
  const plots: ReportPlot[] = [];
  for (const metric of metrics.slice(0, MOST_METRICS)) {
    const made = plot(kind, metric, view.options);
    if (made.ok) plots.push({ title: metric.name, plot: made });
  }
  for (const { kind: further, title } of FURTHER) {
    const metric = metricFor(further, metrics);
    if (further === kind || metric === undefined) continue;
    const made = plot(further, metric, {});
    if (made.ok) plots.push({ title, plot: made });
  }
  return plots;
}

function metricFor(kind: PlotKind, metrics: readonly MetricColumn[]): MetricColumn | undefined {
  return kind === 'rate-quality' ? metrics.find(({ name }) => name.startsWith('quality.')) : metrics[0];
}
