// From a drag over a panel to a range of one of its metrics, and from a range to where it is drawn.

import { pixelScale, valueScale } from '#explore/scene/axis-scale';
import type { Panel, Scene } from '#explore/scene/scene';
import type { Brush } from '#explore/view';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Position of the panel under a place; -1 where there is none. */
export function panelAt({ panels }: Scene, { x, y }: Place): number {
  return panels.findIndex(
    (panel) => x >= panel.x && x <= panel.x + panel.width && y >= panel.y && y <= panel.y + panel.height,
  );
}

/** The range between two places: of the axis that shows a metric; where both do, of the one that was dragged along further. */
export function axisBrush(panel: Panel, from: Place, to: Place): Brush | null {
  const { xMetric, yMetric, xAxis, yAxis } = panel;
  const isAcross = Math.abs(to.x - from.x) > Math.abs(to.y - from.y);
  const useX = xMetric !== null && xAxis.kind !== 'names' && (yMetric === null || isAcross);
  if (useX) {
    const value = valueScale(xAxis, panel.x, panel.x + panel.width);
    return range(xMetric, value(within(from.x, panel.x, panel.width)), value(within(to.x, panel.x, panel.width)));
  }
  if (yMetric === null || yAxis.kind === 'names') return null;
  const value = valueScale(yAxis, panel.y + panel.height, panel.y);
  return range(yMetric, value(within(from.y, panel.y, panel.height)), value(within(to.y, panel.y, panel.height)));
}

/** A brush with all values of some rows in it: a bar stands at the median of its runs, and all of them belong to it. */
export function withRuns(brush: Brush, values: ArrayLike<number>, rows: Iterable<number>): Brush {
  let { low, high } = brush;
  for (const row of rows) {
    if (values[row]! < low) low = values[row]!;
    if (values[row]! > high) high = values[row]!;
  }
  return { ...brush, low, high };
}

/** The least brush that holds both. */
export function joinBrushes(one: Brush, other: Brush): Brush {
  return { ...one, low: Math.min(one.low, other.low), high: Math.max(one.high, other.high) };
}

/** Where a brush lies in a panel; null where the panel does not show its metric. */
export function brushBox(panel: Panel, { metric, low, high }: Brush): Box | null {
  const { x, y, width, height, xAxis, yAxis } = panel;
  if (metric === panel.yMetric && yAxis.kind !== 'names') {
    const place = pixelScale(yAxis, y + height, y);
    const [top, foot] = [within(place(high), y, height), within(place(low), y, height)];
    return { x, y: top, width, height: foot - top };
  }
  if (metric === panel.xMetric && xAxis.kind !== 'names') {
    const place = pixelScale(xAxis, x, x + width);
    const [left, right] = [within(place(low), x, width), within(place(high), x, width)];
    return { x: left, y, width: right - left, height };
  }
  return null;
}

function range(metric: string, a: number, b: number): Brush {
  return { metric, low: Math.min(a, b), high: Math.max(a, b) };
}

/** A logarithmic axis has no place for zero: that lies at its low end. */
function within(pixel: number, start: number, length: number): number {
  return Number.isNaN(pixel) ? start : Math.max(start, Math.min(start + length, pixel));
}
