// What the series of a plot stand for. A sign is drawn as in the plot: colour, dash and shape.

import type { PlotSeries } from '../../chart/plot-spec.ts';
import { shapePath } from '../../chart/save-plot.ts';

export function SeriesSign({ series }: { series: Omit<PlotSeries, 'name'> }) {
  const { stroke, dash, shape } = series;
  return (
    <svg class="series-sign" viewBox="0 0 30 12" width="30" height="12" aria-hidden="true">
      <path d="M1 6H29" stroke={stroke} stroke-width="1.6" stroke-dasharray={dash.join(' ')} />
      <path
        d={shapePath(shape, 15, 6, 4)}
        fill={shape === 'ring' ? 'var(--surface)' : stroke}
        stroke={shape === 'ring' ? stroke : 'none'}
      />
    </svg>
  );
}

export interface LegendProps {
  /** The property that the series are values of. */
  readonly title: string;
  readonly series: readonly PlotSeries[];
  /** Shows the cells of one value alone, or all again. */
  readonly onIsolate: (value: string) => void;
}

export function Legend({ title, series, onIsolate }: LegendProps) {
  return (
    <p class="plot-legend">
      <span class="muted">{title}</span>
      {series.map((one) => (
        <button type="button" class="legend-item" key={one.name} onClick={() => onIsolate(one.name)}>
          <SeriesSign series={one} /> {one.name}
        </button>
      ))}
    </p>
  );
}
