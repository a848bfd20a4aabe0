// Draws a metric by cell on a canvas: a point for every repeat, a line for the median, cells grouped by a property.

import type { DisplayUnit } from '#core/format-quantity';
import { niceTicks, tickTexts } from '#explore/scene/nice-ticks';
import { SHAPES, addShape, type Shape } from '#explore/scene/shapes';
import { color, seriesColor } from '../shell/theme.ts';

export interface RepeatsChart {
  readonly width: number;
  readonly height: number;
  readonly unit: DisplayUnit;
  /** Cells from left to right. */
  readonly cells: readonly number[];
  readonly medians: Float64Array;
  /** Values of the repeats of a cell. */
  readonly repeats: (cell: number) => readonly number[];
  /** For each cell the position of its group. */
  readonly groupOf: (cell: number) => number;
  readonly groupNames: readonly string[];
  readonly limit: number | null;
  readonly marked: number;
}

export const MARGIN = { left: 58, right: 12, top: 12, bottom: 26 } as const;

/** Smaller points have no shape: a square is what a pixel is, and quick to draw. */
const DOT_RADIUS = 1.5;

export const groupShape = (group: number): Shape => SHAPES[group % SHAPES.length]!;

/** Left edge and width of each cell's slot. */
export function slots(chart: Pick<RepeatsChart, 'width' | 'cells'>): { left: number; width: number } {
  return { left: MARGIN.left, width: (chart.width - MARGIN.left - MARGIN.right) / Math.max(1, chart.cells.length) };
}

export function drawRepeats(context: CanvasRenderingContext2D, chart: RepeatsChart): void {
  const { width, height, cells } = chart;
  context.clearRect(0, 0, width, height);
  context.font = '11px system-ui, sans-serif';
  const [low, high] = valueRange(chart);
  if (!(high > low)) return;
  const bottom = height - MARGIN.bottom;
  const y = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - MARGIN.top);
  const slot = slots(chart);
  const x = (position: number) => slot.left + (position + 0.5) * slot.width;

  drawAxis(context, chart, low, high, y);
  drawGroups(context, chart, slot, bottom);
  const markedAt = cells.indexOf(chart.marked);
  if (markedAt >= 0) {
    context.fillStyle = color('--marked');
    context.fillRect(
      x(markedAt) - Math.max(slot.width, 4) / 2,
      MARGIN.top,
      Math.max(slot.width, 4),
      bottom - MARGIN.top,
    );
  }
  if (chart.limit !== null) {
    context.strokeStyle = color('--warn');
    context.setLineDash([5, 4]);
    line(context, MARGIN.left, y(chart.limit), width - MARGIN.right, y(chart.limit));
    context.setLineDash([]);
  }
  const radius = Math.max(1, Math.min(3.4, slot.width / 3));
  const cellsOfGroup = Map.groupBy(cells.keys(), (position) => chart.groupOf(cells[position]!));
  for (const [group, positions] of cellsOfGroup) {
    const points = new Path2D();
    const medians = new Path2D();
    const half = Math.max(1, Math.min(13, slot.width * 0.36));
    context.fillStyle = seriesColor(group).stroke;
    context.strokeStyle = seriesColor(group).stroke;
    context.globalAlpha = 0.55;
    for (const position of positions) {
      const cell = cells[position]!;
      const values = chart.repeats(cell);
      // Side by side, in the order of the repeats: equal values stay two points, and a trend shows.
      const step = Math.min(2.6 * radius, (slot.width * 0.6) / values.length);
      for (const [repeat, value] of values.entries()) {
        const aside = (repeat - (values.length - 1) / 2) * step;
        if (radius > DOT_RADIUS) addShape(points, groupShape(group), x(position) + aside, y(value), radius);
        else context.fillRect(x(position) + aside - radius, y(value) - radius, 2 * radius, 2 * radius);
      }
      const median = chart.medians[cell]!;
      if (Number.isNaN(median)) continue;
      medians.moveTo(x(position) - half, y(median));
      medians.lineTo(x(position) + half, y(median));
    }
    context.fill(points);
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.stroke(medians);
    context.lineWidth = 1;
  }
}

function valueRange(chart: RepeatsChart): [number, number] {
  let low = chart.limit ?? Infinity;
  let high = chart.limit ?? -Infinity;
  for (const cell of chart.cells) {
    for (const value of chart.repeats(cell)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!Number.isFinite(low)) return [0, 0];
  // Near enough to zero, zero is the honest foot of the axis.
  if (low >= 0 && low < high * 0.6) return [0, high * 1.05 || 1];
  const pad = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return [low - pad, high + pad];
}

function drawAxis(
  context: CanvasRenderingContext2D,
  chart: RepeatsChart,
  low: number,
  high: number,
  y: (value: number) => number,
): void {
  const { unit } = chart;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const ticks = niceTicks(low / unit.divisor, high / unit.divisor, chart.height / 44);
  const texts = tickTexts(ticks);
  for (const [position, tick] of ticks.entries()) {
    const at = Math.round(y(tick * unit.divisor)) + 0.5;
    context.strokeStyle = color('--grid');
    line(context, MARGIN.left, at, chart.width - MARGIN.right, at);
    context.fillStyle = color('--muted');
    context.fillText(texts[position]!, MARGIN.left - 7, at);
  }
}

function drawGroups(
  context: CanvasRenderingContext2D,
  chart: RepeatsChart,
  slot: { left: number; width: number },
  bottom: number,
): void {
  context.textBaseline = 'top';
  let start = 0;
  for (let position = 1; position <= chart.cells.length; position++) {
    const group = chart.groupOf(chart.cells[start]!);
    if (position < chart.cells.length && chart.groupOf(chart.cells[position]!) === group) continue;
    const left = slot.left + start * slot.width;
    const right = slot.left + position * slot.width;
    if (start > 0) {
      context.strokeStyle = color('--line');
      line(context, Math.round(left) + 0.5, MARGIN.top, Math.round(left) + 0.5, bottom + 6);
    }
    context.fillStyle = color('--muted');
    context.textAlign = 'center';
    const name = chart.groupNames[group] ?? '';
    if (context.measureText(name).width < right - left - 4) context.fillText(name, (left + right) / 2, bottom + 8);
    start = position;
  }
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
