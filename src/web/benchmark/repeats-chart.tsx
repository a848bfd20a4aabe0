// The chart of a benchmark: one metric, every repeat of every cell.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatQuantity } from '#core/format-quantity';
import type { BenchmarkPage } from '#server/wire';
import { savePng } from '../chart/save-file.ts';
import { SHAPE_SIGNS } from '#explore/scene/shapes';
import { scheme, seriesColor } from '../shell/theme.ts';
import { drawRepeats, groupShape, slots, type RepeatsChart as Drawing } from './draw-repeats.ts';
import type { MetricInfo, Results } from './results.ts';

const HEIGHT = 300;
/** Groups named in the legend; a property with more values is told apart by its place alone. */
const MAX_LEGEND = 14;

export interface RepeatsChartProps {
  readonly page: BenchmarkPage;
  readonly results: Results;
  readonly version: number;
  readonly metric: MetricInfo;
  /** Cells from left to right. */
  readonly cells: readonly number[];
  readonly limit: number | null;
  readonly marked: number;
  readonly onMark: (cell: number) => void;
  readonly onOpen: (cell: number) => void;
  /** Shows only the cells with this value of the first property. */
  readonly onIsolate: (property: string, value: string) => void;
}

export function RepeatsChart(props: RepeatsChartProps) {
  const { page, results, metric, cells } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const property = page.benchmark.properties[0];
  const groupNames = property?.values ?? [''];
  const groups = page.cells.properties[0] ?? [];
  const groupOf = (cell: number) => Math.max(0, groupNames.indexOf(groups[cell] ?? ''));

  useLayoutEffect(() => {
    const element = box.current!;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    setWidth(element.clientWidth);
    return () => sizes.disconnect();
  }, []);

  const repeats = useMemo(() => results.valuesOfCells(metric.name), [results, metric.name, props.version]);
  const drawing: Drawing = {
    width,
    height: HEIGHT,
    unit: results.shownIn(metric),
    cells,
    medians: results.medians(metric.name),
    repeats: (cell) => repeats[cell]!,
    groupOf,
    groupNames,
    limit: props.limit,
    marked: props.marked,
  };
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined || width === 0) return;
    const ratio = devicePixelRatio;
    canvas.current!.width = Math.round(width * ratio);
    canvas.current!.height = Math.round(HEIGHT * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawRepeats(context, drawing);
  }, [width, props.version, results, metric.name, cells, props.limit, props.marked, scheme.value]);

  const cellAt = (event: MouseEvent) => {
    const slot = slots({ width, cells });
    return cells[Math.floor((event.offsetX - slot.left) / slot.width)] ?? -1;
  };
  return (
    <figure class="panel chart">
      <figcaption>
        <h2>
          {metric.name}
          <span class="unit">{drawing.unit.name}</span>
        </h2>
        <span class="muted">every repeat a point, the median a line</span>
        <button
          type="button"
          class="quiet"
          onClick={() => canvas.current !== null && savePng(canvas.current, `${page.benchmark.name} ${metric.name}`)}
        >
          PNG
        </button>
      </figcaption>
      <div ref={box} class="chart-box" style={{ height: `${HEIGHT}px` }}>
        <canvas
          ref={canvas}
          style={{ width: '100%', height: `${HEIGHT}px` }}
          role="img"
          aria-label={`${metric.name} by cell; the table below holds the same values`}
          onMouseMove={(event) => props.onMark(cellAt(event))}
          onMouseLeave={() => props.onMark(-1)}
          onClick={(event) => cellAt(event) >= 0 && props.onOpen(cellAt(event))}
        />
      </div>
      <p class="chart-readout">
        {props.marked >= 0 && cells.includes(props.marked) ? (
          <>
            <b>{page.cells.label[props.marked]}</b>
            {results.cellValues(metric.name, props.marked).map((value, repeat) => (
              <span key={repeat}>{formatQuantity(value, metric.unit)}</span>
            ))}
          </>
        ) : (
          groupNames.length <= MAX_LEGEND &&
          property !== undefined &&
          groupNames.map((name, group) => (
            <button type="button" class="legend-item" key={name} onClick={() => props.onIsolate(property.name, name)}>
              <i style={{ color: seriesColor(group).stroke }}>{SHAPE_SIGNS[groupShape(group)]}</i> {name}
            </button>
          ))
        )}
      </p>
    </figure>
  );
}
