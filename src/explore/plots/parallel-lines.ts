// Parallel coordinates as data: which axes, and one line for each distinct combination of the properties.

import { formatQuantity } from '#core/format-quantity';
import type { MetricColumn } from '../data/dataset.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import type { PlotAxis } from '../scene/plot-axis.ts';
import { groupAllRows, mediansOf } from './group-medians.ts';
import type { Groups } from './grouping.ts';
import type { PlotInput } from './plot.ts';
import type { Split } from './splits.ts';

/** An upright axis, and where each line crosses it: 0 at its foot and 1 at its top; NaN where a line has no value there. */
export interface ParallelAxis {
  readonly title: string;
  readonly axis: PlotAxis;
  /** Null where the axis is that of a property. */
  readonly metric: MetricColumn | null;
  /** Of each line its number in the metric's unit, or the position of its value. */
  readonly values: Float64Array;
  readonly heights: Float32Array;
}

export interface ParallelLines {
  readonly groups: Groups;
  readonly axes: readonly ParallelAxis[];
}

/** What a line has on an axis, `preset medium`, `encode.fps 31.2 frame/s`; null where it has nothing there. */
export function crossingText({ title, metric, values, ...one }: ParallelAxis, line: number): string | null {
  if (metric === null) return `${title} ${valueName(one, line)}`;
  return Number.isNaN(values[line]!) ? null : `${title} ${formatQuantity(values[line]!, metric.unit)}`;
}

/** The name at which a line crosses the axis of a property. */
export function valueName({ axis, heights }: Pick<ParallelAxis, 'axis' | 'heights'>, line: number): string | null {
  const names = axis.kind === 'names' ? axis.names : [];
  return names[Math.round((1 - heights[line]!) * names.length - 0.5)] ?? null;
}

/**
 * Lines of the rows over the splits and metrics, in that order. Runs of one combination of values are one line, at their medians.
 * @param heightPx of the axes: how many ticks have room
 */
export function parallelLines(
  { dataset, rows }: Pick<PlotInput, 'dataset' | 'rows'>,
  splits: readonly Split[],
  metrics: readonly MetricColumn[],
  heightPx: number,
): ParallelLines {
  const groups = groupAllRows(dataset.count, rows, splits);
  return {
    groups,
    axes: [
      ...splits.map((split, k) => propertyAxis(apart(split, metrics), groups.digits[k]!)),
      ...metrics.map((metric) => metricAxis(metric, mediansOf(groups, metric.values), heightPx)),
    ],
  };
}

/** A bitrate that was set and the one that came of it have two names. */
function apart(split: Split, metrics: readonly MetricColumn[]): Split {
  return metrics.some(({ name }) => name === split.title) ? { ...split, title: `set ${split.title}` } : split;
}

/** Names read from the top down, numbers grow upwards. */
function propertyAxis({ title, titles, numbers }: Split, positions: Int32Array): ParallelAxis {
  const slots = titles.length;
  const grows = !numbers.every(Number.isNaN);
  return {
    title,
    axis: { kind: 'names', label: title, names: grows ? titles.toReversed() : titles },
    metric: null,
    values: Float64Array.from(positions),
    heights: Float32Array.from(positions, (at) => (grows ? at + 0.5 : slots - at - 0.5) / slots),
  };
}

function metricAxis(metric: MetricColumn, values: Float64Array, heightPx: number): ParallelAxis {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const axis = measureAxis({ name: metric.name, unit: metric.unit, low, high, lengthPx: heightPx, fromZero: false });
  const [from, to] = axis.kind === 'names' ? [0, 1] : [axis.low, axis.high];
  return {
    title: metric.name,
    axis,
    metric,
    values,
    heights: Float32Array.from(values, (value) => (value - from) / (to - from)),
  };
}
