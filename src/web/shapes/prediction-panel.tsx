// Prediction against truth: how far off, how often the bounds held, and every piece.

import { useMemo, useRef } from 'preact/hooks';
import { formatNumber } from '#core/format-quantity';
import type { PredictedPoints } from '#server/shapes-wire';
import { seriesStyles } from '../benchmark/compare/series-styles.ts';
import { SeriesSign } from '../benchmark/compare/legend.tsx';
import { PlotFigure } from '../chart/plot-figure.tsx';
import { CopyLine } from '../encoders/copy-line.tsx';
import { scheme } from '../shell/theme.ts';
import { heldShare, medianError, predictionPlot } from './prediction-plot.ts';

export function PredictionPanel({ predicted }: { predicted: PredictedPoints | null }) {
  const spec = useMemo(
    () => (predicted === null ? null : predictionPlot(predicted, seriesStyles())),
    [predicted, scheme.value],
  );
  const drawing = useRef<SVGSVGElement | null>(null);
  return (
    <section class="panel shape-prediction" aria-label="Prediction against truth">
      <header class="panel-head">
        <h2>Prediction against truth</h2>
        {predicted !== null && spec !== null && (
          <span class="muted">
            half of {predicted.points.length} pieces within {formatNumber(100 * medianError(predicted))} %; bounds held{' '}
            {formatNumber(100 * heldShare(predicted))} % (made for {formatNumber(100 * predicted.coverage)} %)
          </span>
        )}
        {spec !== null && (
          <span class="shape-legend">
            {spec.series.map((series) => (
              <span key={series.name}>
                <SeriesSign series={series} /> {series.name}
              </span>
            ))}
          </span>
        )}
      </header>
      {spec === null ? (
        <div class="shape-nothing">
          <p>Nothing was predicted yet. What is above is what predictions are learned from.</p>
          <CopyLine text="encodelab shapes train" title="In a terminal" />
        </div>
      ) : (
        <PlotFigure spec={spec} label="CPU time predicted against CPU time that it took" drawing={drawing} />
      )}
    </section>
  );
}
