// Prediction against truth as a plot: on the line both are the same, and the bounds should cross it.

import { formatQuantity } from '#core/format-quantity';
import type { PredictedPoint, PredictedPoints } from '#server/shapes-wire';
import { rateAxis } from '#explore/scene/plot-axis';
import type { PlotSeries, PlotSpec } from '../chart/plot-spec.ts';

const HEIGHT = 340;
/** Drawn; of more the newest. */
const MAX_POINTS = 1_000;

/**
 * Of an interval without a lower bound the upper half is drawn.
 * @returns null where nothing can be drawn on axes that grow by factors
 */
export function predictionPlot(
  { points }: PredictedPoints,
  styles: readonly Omit<PlotSeries, 'name'>[],
): PlotSpec | null {
  const shown = points.filter(({ truth, value }) => truth > 0 && value > 0).slice(0, MAX_POINTS);
  if (shown.length === 0) return null;
  const names = [...new Set(shown.map(seriesOf))].toSorted().slice(0, styles.length);
  const low = Math.min(...shown.map((point) => Math.min(point.truth, hasLow(point) ? point.low : point.value)));
  const high = Math.max(...shown.map((point) => Math.max(point.truth, point.high)));
  const axis = (name: string) => rateAxis(name, 's', low * 0.98, high * 1.02);
  return {
    x: axis('CPU time that it took'),
    y: axis('CPU time predicted'),
    columns: null,
    rows: null,
    facetHeight: HEIGHT,
    series: names.map((name, i) => ({ name, ...styles[i]! })),
    points: shown.flatMap((point) => {
      const series = names.indexOf(seriesOf(point));
      if (series < 0) return [];
      const yInterval = [hasLow(point) ? point.low : point.value, point.high] as const;
      const title = titleOf(point);
      return [{ x: point.truth, y: point.value, series, column: 0, row: 0, xInterval: null, yInterval, title }];
    }),
    lines: [{ series: 0, column: 0, row: 0, x: [low, high], y: [low, high], faint: true }],
    apart: false,
  };
}

/** A model of few titles knows of no lower bound. */
export function hasLow({ low }: PredictedPoint): boolean {
  return low > 0;
}

function titleOf(point: PredictedPoint): string {
  const bounds = hasLow(point) ? `${seconds(point.low)} to ${seconds(point.high)}` : `at most ${seconds(point.high)}`;
  return `took ${seconds(point.truth)}\npredicted ${seconds(point.value)}, ${bounds}`;
}

function seriesOf({ codec, basis }: Pick<PredictedPoint, 'codec' | 'basis'>): string {
  return `${codec ?? 'no codec'}${basis === 'calibration' ? ', by calibration' : ''}`;
}

/** Share of the points whose bounds held the truth; NaN where there are none. */
export function heldShare(points: readonly PredictedPoint[]): number {
  return points.filter(({ truth, low, high }) => truth >= low && truth <= high).length / points.length;
}

/** Median of what predictions were wrong by, as a share of the truth; NaN where there are none. */
export function medianError(points: readonly PredictedPoint[]): number {
  const errors = points.map(({ truth, value }) => Math.abs(value - truth) / truth).toSorted((a, b) => a - b);
  const middle = errors.length >> 1;
  return errors.length % 2 === 1 ? errors[middle]! : (errors[middle - 1]! + errors[middle]!) / 2;
}

function seconds(value: number): string {
  return formatQuantity(value, 's');
}
