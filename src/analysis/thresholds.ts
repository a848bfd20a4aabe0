// Thresholds: is what was measured good enough?

import type { Threshold } from '#core/benchmark';
import type { Metrics } from '#core/metric';
import { mean, median } from './quantile.ts';

export interface Verdict {
  readonly threshold: string;
  readonly cell: string;
  /** `unknown` where the metric is absent: a threshold that can't be judged is not met. */
  readonly state: 'met' | 'missed' | 'unknown';
  /** The statistic over the cell's repeats; null where it is not known. */
  readonly value: number | null;
}

/** Judges one threshold on the repeats of one cell. */
export function judge(threshold: Threshold, cell: string, repeats: readonly Metrics[]): Verdict {
  // A run may have a metric that is called so in full: `encode.time max`.
  const whole = `${threshold.metric} ${threshold.statistic}`;
  const isWhole = repeats.some((metrics) => metrics[whole] !== undefined);
  const values = repeats.flatMap((metrics) => metrics[isWhole ? whole : threshold.metric]?.value ?? []);
  if (values.length === 0) return { threshold: threshold.text, cell, state: 'unknown', value: null };
  const value = isWhole ? median(values) : statistic(threshold.statistic, values);
  return {
    threshold: threshold.text,
    cell,
    state: compare(value, threshold.comparison, threshold.value) ? 'met' : 'missed',
    value,
  };
}

function statistic(name: string, values: readonly number[]): number {
  switch (name) {
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'mean':
      return mean(values);
    default:
      return median(values);
  }
}

function compare(value: number, comparison: Threshold['comparison'], limit: number): boolean {
  switch (comparison) {
    case '>=':
      return value >= limit;
    case '>':
      return value > limit;
    case '<=':
      return value <= limit;
    case '<':
      return value < limit;
    case '==':
      return value === limit;
  }
}
