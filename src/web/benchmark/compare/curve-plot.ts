// Rate-quality curves as a plot: the curves that BD-rate integrates, through the points that were measured.

import { pchip, valueAt } from '#analysis/pchip';
import { unfitness, upperHull } from '#analysis/rate-quality';
import { formatQuantity } from '#core/format-quantity';
import type { CurvesPage } from '#server/curve-wire';
import { rateAxis, valueAxis } from '#explore/scene/plot-axis';
import type { PlotLine, PlotPoint, PlotSeries, PlotSpec } from '../../chart/plot-spec.ts';

type Curve = CurvesPage['curves'][number];

/** Places at which a smooth curve is drawn. */
const CURVE_STEPS = 48;
const HEIGHT = 380;
/** Points drawn of all curves. */
const MAX_POINTS = 1_500;

/**
 * @param drawn curves that there is a look for, in the order of `styles`
 * @param hull lines go through the points on the hull of each curve alone, as they are compared
 * @returns null where no curve has a point
 */
export function curvePlot(
  metric: { readonly name: string; readonly unit: string },
  drawn: readonly Curve[],
  styles: readonly Omit<PlotSeries, 'name'>[],
  hull = false,
): PlotSpec | null {
  const shown = drawn.map((curve) => thinned(curve.points, MAX_POINTS / drawn.length));
  const all = shown.flat();
  if (all.length === 0) return null;
  const rates = all.flatMap(({ rate, rateInterval }) => [rate, ...(rateInterval ?? [])]);
  return {
    x: rateAxis('bitrate', 'bit/s', Math.min(...rates), Math.max(...rates)),
    y: valueAxis(
      metric.name,
      metric.unit,
      all.flatMap(({ quality, qualityInterval }) => [quality, ...(qualityInterval ?? [])]),
      HEIGHT,
    ),
    columns: null,
    rows: null,
    facetHeight: HEIGHT,
    series: drawn.map(({ label }, i) => ({ name: label, ...styles[i]! })),
    points: shown.flatMap((points, series) => points.map((point) => plotPoint(point, series, drawn[series]!, metric))),
    lines: shown.flatMap((points, series) => {
      const joined = hull ? upperHull(points) : points;
      return joined.length < 2 ? [] : [curveLine(joined, series)];
    }),
    apart: false,
  };
}

/** Where a curve can be compared its own PCHIP; else straight and faint from point to point. */
function curveLine(points: Curve['points'], series: number): PlotLine {
  const place = { series, column: 0, row: 0 };
  const qualities = points.map(({ quality }) => quality);
  const rates = points.map(({ rate }) => rate);
  if (unfitness(points) !== null) return { ...place, x: rates, y: qualities, faint: true };
  const curve = pchip(qualities, rates.map(Math.log));
  const low = qualities[0]!;
  const rise = qualities.at(-1)! - low;
  // The last place is the last point itself: a sum of steps could end beyond it.
  const y = Array.from({ length: CURVE_STEPS + 1 }, (_, i) =>
    i === CURVE_STEPS ? qualities.at(-1)! : low + (rise * i) / CURVE_STEPS,
  );
  return { ...place, x: y.map((quality) => Math.exp(valueAt(curve, quality))), y, faint: false };
}

function plotPoint(
  point: Curve['points'][number],
  series: number,
  curve: Curve,
  metric: { readonly name: string; readonly unit: string },
): PlotPoint {
  const costs = [
    point.fps === null ? null : formatQuantity(point.fps, 'frame/s'),
    point.cpuMs === null ? null : `${formatQuantity(point.cpuMs, 'ms')} CPU a frame`,
  ];
  return {
    x: point.rate,
    y: point.quality,
    series,
    column: 0,
    row: 0,
    xInterval: point.rateInterval,
    yInterval: point.qualityInterval,
    title: [
      curve.label.replaceAll(' ', '\n'),
      point.asked,
      `${formatQuantity(point.rate, 'bit/s')}, ${formatQuality(point.quality, metric.unit)}`,
      ...costs,
    ]
      .filter((line) => line !== null && line !== '')
      .join('\n'),
  };
}

/** Qualities differ little: two decimals of a decibel, four of what lies between 0 and 1. */
export function formatQuality(value: number, unit: string): string {
  if (unit === 'dB') return `${value.toFixed(2)} dB`;
  return Math.abs(value) <= 1 ? value.toFixed(4) : value.toFixed(2);
}

function thinned(points: Curve['points'], most: number): Curve['points'] {
  const step = Math.ceil(points.length / Math.max(4, most));
  return step <= 1 ? points : points.filter((_, i) => i % step === 0 || i === points.length - 1);
}
