// Prediction against truth: how far off, how often the bounds held, and every piece.

import { useMemo, useRef } from 'preact/hooks';
import { formatNumber } from '#core/format-quantity';
import type { ModelAccuracy, PredictedPoint, PredictedPoints } from '#server/shapes-wire';
import { seriesStyles } from '../benchmark/compare/series-styles.ts';
import { SeriesSign } from '../benchmark/compare/legend.tsx';
import { PlotFigure } from '../chart/plot-figure.tsx';
import { CopyLine } from '../encoders/copy-line.tsx';
import { scheme } from '../shell/theme.ts';
import { hasLow, heldShare, medianError, predictionPlot } from './prediction-plot.ts';

export function PredictionPanel({
  predicted,
  model,
}: {
  predicted: PredictedPoints | null;
  model: ModelAccuracy | null;
}) {
  const spec = useMemo(
    () => (predicted === null ? null : predictionPlot(predicted, seriesStyles())),
    [predicted, scheme.value],
  );
  const drawing = useRef<SVGSVGElement | null>(null);
  return (
    <section class="panel shape-prediction" aria-label="Prediction against truth">
      <header class="panel-head">
        <h2>Prediction against truth</h2>
        {predicted !== null && spec !== null && <span class="muted">{accuracyText(predicted)}</span>}
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
      {spec !== null && (
        <PlotFigure spec={spec} label="CPU time predicted against CPU time that it took" drawing={drawing} />
      )}
      {spec === null && model === null && (
        <div class="shape-nothing">
          <p>Nothing was predicted yet. What is above is what predictions are learned from.</p>
          <CopyLine text="encodelab shapes train" title="In a terminal" />
        </div>
      )}
      {spec === null && model !== null && (
        <div class="shape-nothing">
          <p>
            No work that a model knows has ended since the first one was trained: what it learned from would flatter it.
          </p>
        </div>
      )}
      {model !== null && <AccuracyTable model={model} />}
    </section>
  );
}

/** Of models and of the calibration apart: the bounds of the one are proven on titles, those of the other are set. */
function accuracyText({ points, coverage }: PredictedPoints): string {
  const told = (basis: PredictedPoint['basis'], madeFor: string) => {
    const own = points.filter((point) => point.basis === basis);
    if (own.length === 0) return [];
    const by = basis === 'calibration' ? ' by calibration' : '';
    const pieces = own.length === 1 ? '1 piece' : `${own.length} pieces`;
    return [
      `half of ${pieces}${by} within ${formatNumber(100 * medianError(own))} %; ${own.some(hasLow) ? 'bounds' : 'upper bounds'} held ${formatNumber(100 * heldShare(own))} % (${madeFor})`,
    ];
  };
  return [
    ...told('model', `made for ${formatNumber(100 * coverage)} %`),
    ...told('calibration', 'set, not proven'),
  ].join('; ');
}

const QUANTITIES: Readonly<Record<ModelAccuracy['rows'][number]['quantity'], string>> = {
  durationS: 'duration',
  cpuS: 'CPU time',
  memoryPeak: 'peak memory',
};

function AccuracyTable({ model }: { model: ModelAccuracy }) {
  const percent = (share: number) => `${formatNumber(100 * share)} %`;
  return (
    <>
      <p class="shape-accuracy muted" id="shape-accuracy">
        Model {model.number} of {new Date(model.trainedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC, from{' '}
        {model.pieces} pieces of {model.titles} titles: on titles that it had not seen
      </p>
      <div class="table-scroll shape-scroll" tabIndex={0} role="region" aria-labelledby="shape-accuracy">
        <table class="data plain" aria-labelledby="shape-accuracy">
          <thead>
            <tr>
              <th scope="col">quantity</th>
              <th scope="col" class="number">
                finished items of the title
              </th>
              <th scope="col" class="number">
                median error
              </th>
              <th scope="col" class="number">
                inside the interval
              </th>
              <th scope="col" class="number">
                not above it
              </th>
              <th scope="col" class="number">
                reserved / used, median
              </th>
            </tr>
          </thead>
          <tbody>
            {model.rows.map((row) => (
              <tr key={`${row.quantity} ${row.siblings}`}>
                <th scope="row">{QUANTITIES[row.quantity]}</th>
                <td class="number">{row.siblings}</td>
                <td class="number">{percent(row.medianError)}</td>
                <td class="number">{percent(row.inside)}</td>
                <td class="number">{percent(row.notAbove)}</td>
                <td class="number">{formatNumber(row.reserved)} x</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
