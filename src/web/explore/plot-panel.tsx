// A plot with its head: its table, its files, what it says besides the picture.

import { useState } from 'preact/hooks';
import type { MetricColumn } from '#explore/data/dataset';
import type { NoPlot, Plot } from '#explore/plots/plot';
import type { Scene } from '#explore/scene/scene';
import type { Brush, PlotKind } from '#explore/view';
import { saveText } from '../chart/save-file.ts';
import { PLOT_TITLES } from './plot-bar.tsx';
import { PlotTable, tableCsv } from './plot-table.tsx';
import { saveScenePng, saveSceneSvg } from './save-scene.ts';
import { SceneView } from './scene-view.tsx';
import { betterWords } from './stat-picker.tsx';

/** Kinds that draw all that they are about, whatever the stat is: one of them is enough. */
export const ALONE: ReadonlySet<PlotKind> = new Set(['stack', 'frame-rate', 'report', 'parallel']);

/** Where there is nothing to draw there is no need for a page of room. */
const MOST_EMPTY = 420;

export interface PlotPanelProps {
  readonly plot: Plot | NoPlot;
  readonly kind: PlotKind;
  readonly metric: MetricColumn;
  /** Kept also where nothing is drawn, so that nothing jumps. */
  readonly height: number;
  /** Of the page. */
  readonly brushes: readonly Brush[];
  /** What the pointer reads of runs besides their numbers. */
  readonly about: (rows: Uint32Array) => readonly string[];
  /** Of each row the value of a metric. */
  readonly valuesOf: (metric: string) => Float64Array | undefined;
  readonly onPick: (rows: Uint32Array) => void;
  /** Null takes those over the metrics away. */
  readonly onBrush: (brush: Brush | null, metrics: readonly string[]) => void;
  readonly onIsolate: (property: string, value: string) => void;
}

export function PlotPanel(props: PlotPanelProps) {
  const { plot, kind, metric, height, brushes, about, valuesOf, onPick, onBrush, onIsolate } = props;
  const [showsTable, setShowsTable] = useState(false);
  const isAlone = ALONE.has(kind);
  const title = isAlone ? PLOT_TITLES[kind] : `${metric.name} ${PLOT_TITLES[kind].toLowerCase()}`;
  return (
    <figure class="panel explore-plot" data-stat={metric.name}>
      <figcaption class="panel-head">
        {isAlone ? (
          <h2>{title}</h2>
        ) : (
          <h2 title={metric.about}>
            {metric.name} <span class="muted">{betterWords(metric)}</span>
          </h2>
        )}
        {plot.ok && (
          <span class="plot-actions">
            <button type="button" class="quiet" aria-pressed={showsTable} onClick={() => setShowsTable(!showsTable)}>
              Table
            </button>
            <button
              type="button"
              class="quiet"
              onClick={() => saveText(tableCsv(plot.table), `${title}.csv`, 'text/csv')}
            >
              CSV
            </button>
            <button type="button" class="quiet" onClick={() => void saveScenePng(plot.scene, title)}>
              PNG
            </button>
            <button type="button" class="quiet" onClick={() => saveSceneSvg(plot.scene, title)}>
              SVG
            </button>
          </span>
        )}
      </figcaption>
      {plot.ok ? (
        <>
          <div class="explore-plot-box">
            <SceneView
              scene={plot.scene}
              brushes={brushes}
              about={about}
              valuesOf={valuesOf}
              onWidth={knownAlready}
              onOpen={onPick}
              onBrush={(brush) => onBrush(brush, brush === null ? metricsOf(plot.scene) : [brush.metric])}
              onLegend={({ property, value }) => property !== null && value !== null && onIsolate(property, value)}
            />
          </div>
          <ul class="explore-notes muted">
            {plot.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
          {showsTable && <PlotTable table={plot.table} label={`${title}, as a table`} />}
        </>
      ) : (
        <div class="explore-no-plot" style={{ minHeight: `${Math.min(MOST_EMPTY, height)}px` }}>
          <p>{plot.why}</p>
          {plot.todo !== null && <p class="muted">{plot.todo}</p>}
        </div>
      )}
    </figure>
  );
}

/** All plots are as wide as each other: the area that holds them measures it once. */
const knownAlready = () => {};

/** Metrics that a brush over the plot may be about. */
function metricsOf({ panels }: Scene): string[] {
  return panels.flatMap(({ xMetric, yMetric }) => [xMetric, yMetric].filter((name) => name !== null));
}
