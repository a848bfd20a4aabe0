// The plots side by side, one for each stat, all of one kind; and what they have in common: their kind, its options, their brush.

import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { distinctValues } from '#explore/arrange';
import { propertyTitle, valueTitle, type MetricColumn } from '#explore/data/dataset';
import { makePlot } from '#explore/plots/make-plot';
import type { NoPlot, Plot, PlotInput } from '#explore/plots/plot';
import { MAX_STATS, type Brush, type PlotKind } from '#explore/view';
import type { ExploreStore } from './explore-store.ts';
import { PlotBar } from './plot-bar.tsx';
import { ALONE, PlotPanel } from './plot-panel.tsx';
import { afterPaint } from './shown.ts';

/** Plots narrower than this stand below each other. */
const NARROWEST = 420;
const GAP = 10;
/** Of the panel around a plot: its border and its padding. */
const AROUND = 18;
const HEIGHT = 380;
const ROW_HEIGHT = 170;
const ROWS_AROUND = 70;
const REPORT_HEIGHT = 900;
/** More rows of facets than this, and the page would be endless. */
const MOST_ROWS = 12;

export interface PlotAreaProps {
  readonly store: ExploreStore;
  /** Rows that stand behind what was clicked. */
  readonly onPick: (rows: Uint32Array) => void;
}

export function PlotArea({ store, onPick }: PlotAreaProps) {
  const area = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = area.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);
  const drawn = useLatest((): Drawn => ({
    kind: store.plot.value,
    stats: store.stats.value,
    dataset: store.dataset.value,
    rows: store.filtered.value.rows,
    metrics: store.metrics.value,
    placed: store.placed.value,
    names: store.names.value,
    brushes: store.brushes.value,
    brushed: store.brushed.value,
    options: store.plotOptions.value,
  }));
  const { kind, brushes } = drawn;
  const stats = ALONE.has(kind) ? drawn.stats.slice(0, 1) : drawn.stats;
  const columns = Math.max(1, Math.min(stats.length, Math.floor((width + GAP) / (NARROWEST + GAP))));
  const plotWidth = Math.floor((width - (columns - 1) * GAP) / columns) - AROUND;
  const height = useHeight(drawn);
  // As many hooks as there may be stats: each plot is made anew only when something of its own has changed.
  const plots = Array.from({ length: MAX_STATS }, (_, position) => usePlot(drawn, stats[position], plotWidth, height));
  useMarkDrawn(plots);
  const brush = (made: Brush | null, metrics: readonly string[]) =>
    store.change({
      brushes: [
        ...store.brushes.peek().filter(({ metric }) => !metrics.includes(metric)),
        ...(made === null ? [] : [made]),
      ],
    });
  const isolate = (property: string, value: string) => {
    const filter = store.filters.peek().find((one) => one.property === property);
    const isAlone =
      filter?.kind === 'values' && filter.values.length === 1 && filter.values[0] === value && filter.absent !== true;
    store.setFilter(property, isAlone ? null : { kind: 'values', property, values: [value] });
  };
  const options = plots.find((plot) => plot?.ok === true);
  return (
    <section class="explore-plots" aria-label="Plots">
      <PlotBar store={store} options={options?.ok === true ? options.options : []} />
      <div
        ref={area}
        class="explore-plots"
        style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, minHeight: `${height + 70}px` }}
      >
        {stats.map((metric, position) => {
          const plot = plots[position];
          return plot === null || plot === undefined ? null : (
            <PlotPanel
              key={metric.name}
              plot={plot}
              kind={kind}
              metric={metric}
              height={height}
              brushes={brushes}
              about={(rows) => runWords(store, rows)}
              valuesOf={(name) => drawn.metrics.find((one) => one.name === name)?.values}
              onPick={onPick}
              onBrush={brush}
              onIsolate={isolate}
            />
          );
        })}
      </div>
    </section>
  );
}

/** What the plots are drawn of. */
interface Drawn extends Omit<PlotInput, 'metric' | 'width' | 'height'> {
  readonly kind: PlotKind;
  readonly stats: readonly MetricColumn[];
  readonly brushes: readonly Brush[];
}

/** What signals say once no event waits any more: of keys that come faster than plots are drawn only the last one's is. */
function useLatest<T>(read: () => T): T {
  const current = useComputed(read);
  const taken = useSignal(current.peek());
  useSignalEffect(() => {
    const next = current.value;
    if (next === taken.peek()) return;
    const timer = setTimeout(() => (taken.value = next));
    return () => clearTimeout(timer);
  });
  return taken.value;
}

function usePlot(
  { kind, dataset, rows, metrics, placed, names, brushed, options }: Drawn,
  metric: MetricColumn | undefined,
  width: number,
  height: number,
): Plot | NoPlot | null {
  return useMemo(
    () =>
      metric === undefined || width <= 0
        ? null
        : makePlot(kind, { dataset, rows, metric, metrics, placed, names, brushed, options, width, height }),
    [dataset, rows, metric, metrics, placed, names, brushed, options, kind, width, height],
  );
}

function useHeight({ kind, dataset, rows, placed: { row } }: Drawn): number {
  const count = useMemo(() => {
    const property = dataset.properties.find(({ name }) => name === row);
    return property === undefined ? 1 : Math.min(MOST_ROWS, distinctValues(property, rows));
  }, [dataset, row, rows]);
  return kind === 'report' ? REPORT_HEIGHT : Math.max(HEIGHT, count * ROW_HEIGHT + ROWS_AROUND);
}

/** Of one run its settings that vary, of a group how many there are. */
function runWords(store: ExploreStore, rows: Uint32Array): string[] {
  if (rows.length !== 1) return [];
  const names = store.names.peek();
  const varying = store.varying.peek();
  return store.dataset.peek().properties.flatMap(({ name, origin, values, codes }) => {
    const value = values[codes[rows[0]!]!];
    return origin === 'setting' && varying.has(name) && value !== undefined
      ? [`${propertyTitle(names, name)} ${valueTitle(names, name, value)}`]
      : [];
  });
}

/** Tells that a change is drawn: bench/explore-page.ts reads it. */
function useMarkDrawn(plots: readonly (Plot | NoPlot | null)[]): void {
  useLayoutEffect(() => {
    if (plots.every((plot) => plot === null)) return;
    return afterPaint(() => performance.mark('encodelab:explore-drawn'));
  }, plots);
}
