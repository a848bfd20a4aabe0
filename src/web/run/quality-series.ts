// What the quality chart draws: scores as a line, frames that are the same as their source, and the worst frames.

import { QUALITY_UNITS } from '#core/quality';
import type { QualityColumns, WorstFrame } from '#server/quality-wire';
import { SHAPE_SIGNS } from '#explore/scene/shapes';
import type { ChartSeries } from '../chart/time-chart.tsx';
import { color, seriesColor } from '../shell/theme.ts';
import type { ValueColumn } from './chart-panel.tsx';
import { formatScore, metricOf, scoreName } from './format-score.ts';

/** A score without bound has no height of its own: its mark stands above all others by this share of their span. */
const ABOVE = 0.12;

/** Lines and marks of the chart, and the columns of the table behind it. */
export function qualitySeries(scores: QualityColumns, worst: readonly WorstFrame[]) {
  const { metric, value, identical } = scores;
  const unit = QUALITY_UNITS[metricOf(metric)];
  const known = value.filter((one) => one !== null);
  const low = known.reduce((least, one) => Math.min(least, one), Infinity);
  const high = known.reduce((most, one) => Math.max(most, one), -Infinity);
  const top = known.length === 0 ? 1 : high + (high - low || 1) * ABOVE;
  const format = (one: number) => formatScore(one, metric);
  const pictured = new Set(worst.map(({ frame }) => frame));
  const series: ChartSeries[] = [];
  if (known.length > 0)
    series.push({
      label: scoreName(metric),
      sign: '—',
      stroke: seriesColor(0).stroke,
      draw: 'line',
      width: 1.25,
      format,
      values: value,
    });
  if (identical.includes(1))
    series.push({
      label: 'identical to the source',
      sign: SHAPE_SIGNS.square,
      stroke: color('--good'),
      draw: 'square',
      bare: true,
      format: () => 'identical',
      values: identical.map((same) => (same === 1 ? top : null)),
    });
  const marks = value.map((one, row) => (one !== null && pictured.has(scores.frame[row]!) ? one : null));
  if (marks.some((one) => one !== null))
    series.push({
      label: 'worst, with pictures',
      sign: SHAPE_SIGNS.diamond,
      stroke: color('--bad'),
      draw: 'diamond',
      bare: true,
      format,
      values: marks,
    });
  const columns: ValueColumn[] = [
    { name: 'frame', unit: '1', values: scores.frame },
    { name: 'source frame', unit: '1', values: scores.sourceFrame },
    {
      name: metric,
      unit,
      values: value.map((one, row) => (identical[row] === 1 ? 'identical' : one)),
      format,
    },
  ];
  return { series, columns };
}
