// What a plot takes, for tests: all rows of a dataset, its first metric, and nothing placed but what is said.

import { NO_NAMES, type Dataset } from '#explore/data/dataset';
import { brushedRuns } from '#explore/data/filter-rows';
import type { PlotInput } from '#explore/plots/plot';
import type { Placed } from '#explore/view';

export const NOTHING_PLACED: Placed = { column: null, row: null, x: null, color: null, shape: null, legend: [] };

export function plotInput(dataset: Dataset, placed: Partial<Placed> = {}, changes: Partial<PlotInput> = {}): PlotInput {
  return {
    dataset,
    rows: Uint32Array.from({ length: dataset.count }, (_, row) => row),
    metric: dataset.metrics[0]!,
    metrics: dataset.metrics,
    placed: { ...NOTHING_PLACED, ...placed },
    names: NO_NAMES,
    brushed: null,
    options: {},
    width: 900,
    height: 360,
    ...changes,
  };
}

/** A brush over one metric. */
export function brushOver(
  { count, metrics }: Dataset,
  metric: string,
  low: number,
  high: number,
): PlotInput['brushed'] {
  return brushedRuns(count, metrics, [{ metric, low, high }]);
}
