// Facets whose upright axis is the plot's metric, linear or logarithmic as its reader chose.

import { measureAxis } from '../scene/measure-axis.ts';
import type { PlotAxis } from '../scene/plot-axis.ts';
import { scaleOption, type Arranged } from './arranged.ts';
import { layFacets, type Facets } from './facet-layout.ts';
import type { PlotInput } from './plot.ts';

export interface MetricFacets {
  readonly xAxis: PlotAxis;
  /** Of what is drawn. */
  readonly low: number;
  readonly high: number;
  /** Pixels below each panel, for signs of what stands there. */
  readonly footRoom?: number | undefined;
}

export function layMetricFacets(input: PlotInput, { column, row }: Arranged, wanted: MetricFacets): Facets {
  const { name, unit } = input.metric;
  const { xAxis, low, high, footRoom } = wanted;
  const log = scaleOption(input).chosen === 'log';
  return layFacets({
    columns: column,
    rows: row,
    width: input.width,
    height: input.height,
    xAxis,
    yAxis: (lengthPx) => measureAxis({ name, unit, low, high, lengthPx, fromZero: false, log }),
    xMetric: null,
    yMetric: name,
    footRoom,
  });
}
