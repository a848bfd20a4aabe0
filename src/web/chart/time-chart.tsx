// uPlot, wrapped for what is recorded (scroll-chart.ts does so for what goes on). A chart over the seconds of a run, in a group that shares crosshair and zoom.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber, formatQuantity, type DisplayUnit } from '#core/format-quantity';
import { color, scheme } from '../shell/theme.ts';
import type { ChartGroup, TimeRange } from './chart-group.ts';
import { tickTexts } from '#explore/scene/nice-ticks';
import { cursorHooks, plotCursor } from './plot-gestures.ts';
import { pointMarks } from './point-marks.ts';
import type { Shape } from '#explore/scene/shapes';

export interface ChartSeries {
  readonly label: string;
  /** Stands before the label in the legend, in the colour of the line or mark. */
  readonly sign: string;
  readonly stroke: string;
  readonly dash?: number[] | undefined;
  readonly width?: number | undefined;
  /** A line through the values, or a mark for each on its own. */
  readonly draw: 'line' | 'area' | Shape;
  /** Marks without a stem: those that stand for something else than their height. */
  readonly bare?: boolean | undefined;
  /** Says a value in the legend; by the unit of the chart where it is left out. */
  readonly format?: ((value: number) => string) | undefined;
  readonly values: readonly (number | null)[];
}

export interface TimeChartProps {
  readonly group: ChartGroup;
  readonly unit: string;
  /** The unit that its axis is in. */
  readonly shownIn: DisplayUnit;
  readonly height: number;
  readonly timeS: readonly number[];
  readonly series: readonly ChartSeries[];
  /** What the axis of times measures, where that is not the time of the run: it stands below it. */
  readonly timeName?: string | undefined;
  /** What all charts of the group show. */
  readonly range: TimeRange;
  /** Called when a stretch was dragged over; null on a double click. */
  readonly onZoom: (range: TimeRange | null) => void;
  readonly logarithmic?: boolean | undefined;
  /** Times at which a phase begins or ends: faint lines. */
  readonly boundaries: readonly number[];
  /** Stretches that stand out behind the values: pairs [from, to), seconds. */
  readonly marked?: Float64Array | undefined;
  /** The axis spans what is in view, instead of beginning at zero: for scores, of which zero is never near. */
  readonly fits?: boolean | undefined;
  /** Called when a place was clicked, not dragged over; `reachS` is how many seconds a mark is wide. */
  readonly onPick?: ((timeS: number, reachS: number) => void) | undefined;
  /** Largest value of the axis where that is known before (cores). */
  readonly top?: number | undefined;
  readonly label: string;
  /** Given the chart when it is drawn, for saving it. */
  readonly onCanvas?: ((canvas: HTMLCanvasElement) => void) | undefined;
}

/** Left of every plot, so that equal times stand above each other. */
export const AXIS_WIDTH = 58;
export const RIGHT_PAD = 14;
/** How far beside a mark a click still means it. */
const PICK_PX = 8;

export function TimeChart(props: TimeChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = box.current!;
    const created = new uPlot(options(latest, element.clientWidth), alignedData(props), element);
    chart.current = created;
    makeLegendPressable(created.root);
    props.onCanvas?.(created.ctx.canvas);
    // uPlot keeps back the click that ends a drag.
    created.over.addEventListener('click', (event) => {
      const { left } = created.over.getBoundingClientRect();
      const at = created.posToVal(event.clientX - left, 'x');
      latest.current.onPick?.(at, created.posToVal(event.clientX - left + PICK_PX, 'x') - at);
    });
    const leave = props.group.add(created);
    const sizes = new ResizeObserver(() =>
      created.setSize({ width: element.clientWidth, height: latest.current.height }),
    );
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      leave();
      created.destroy();
      chart.current = null;
    };
  }, [
    props.group,
    props.unit,
    props.shownIn.name,
    props.timeS,
    props.series,
    props.logarithmic,
    props.height,
    scheme.value,
  ]);

  useEffect(() => {
    chart.current?.setScale('x', { min: props.range.from, max: props.range.to });
  }, [props.range.from, props.range.to]);

  useEffect(() => {
    chart.current?.redraw(false);
  }, [props.marked]);

  return (
    <div ref={box} class="time-chart" role="img" aria-label={`${props.label}; its table button shows the values`} />
  );
}

function alignedData(props: TimeChartProps): uPlot.AlignedData {
  // A logarithm of nothing has no place on the axis.
  const usable = (values: readonly (number | null | undefined)[]) =>
    props.logarithmic ? values.map((value) => (value === undefined || value! > 0 ? value : null)) : values;
  return [props.timeS, ...props.series.map((series) => usable(series.values))] as uPlot.AlignedData;
}

function options(latest: { readonly current: TimeChartProps }, width: number): uPlot.Options {
  const props = latest.current;
  const { group, unit } = props;
  const font = '11px system-ui, sans-serif';
  const axis = {
    stroke: color('--muted'),
    font,
    grid: { stroke: color('--grid'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return {
    width,
    height: props.height,
    padding: [8, RIGHT_PAD, 0, 0],
    pxAlign: 1,
    scales: {
      x: { time: false, range: () => [latest.current.range.from, latest.current.range.to] },
      y: props.logarithmic
        ? { distr: 3, range: (_, low, high) => uPlot.rangeLog(low * 0.8, high, 10, false) }
        : {
            range: (_, low, high) =>
              props.fits === true ? around(low, high) : [0, Math.max(props.top ?? 0, (high || 1) * 1.06)],
          },
    },
    axes: [
      {
        ...axis,
        size: 24,
        values: (_, splits) => tickTexts(splits).map((text) => `${text} s`),
        space: 80,
        ...(props.timeName === undefined ? {} : { label: props.timeName, labelSize: 18, labelFont: font, labelGap: 0 }),
      },
      {
        ...axis,
        size: group.axisPx ?? AXIS_WIDTH,
        space: 28,
        values: (_, splits) =>
          props.logarithmic ? powerTexts(splits, props.shownIn) : axisTexts(splits, props.shownIn.divisor),
        filter: props.logarithmic
          ? (_, splits) => splits.map((value) => (isPowerOfTen(value) ? value : null))
          : undefined!,
      },
    ],
    series: [
      { label: 't', value: (_, value) => (value === null ? '' : `${value.toFixed(3)} s`) },
      ...props.series.map((series) => seriesOptions(series, unit)),
    ],
    legend: { show: true, live: true, isolate: true, markers: { show: false } },
    cursor: plotCursor(group, { size: 7 }, (range) => latest.current.onZoom(range)),
    hooks: {
      ...cursorHooks(group, (range) => latest.current.onZoom(range)),
      drawClear: [(self) => latest.current.marked !== undefined && drawMarked(self, latest.current.marked)],
      drawAxes: [(self) => drawBoundaries(self, latest.current.boundaries)],
    },
  };
}

/** With room above and below; one value alone gets an axis around it. */
function around(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.02, 1e-3);
  return [low - room, high + room];
}

function seriesOptions(series: ChartSeries, unit: string): uPlot.Series {
  const common: uPlot.Series = {
    label: legendLabel(series),
    stroke: series.stroke,
    value: (_, value) => (value === null ? '–' : (series.format?.(value) ?? formatQuantity(value, unit))),
    points: { show: false },
  };
  if (series.draw === 'line' || series.draw === 'area') {
    return {
      ...common,
      width: series.width ?? 1.5,
      ...(series.dash === undefined ? {} : { dash: series.dash }),
      ...(series.draw === 'area' ? { fill: translucent(series.stroke) } : {}),
    };
  }
  return {
    ...common,
    stroke: translucent(series.stroke),
    width: 1,
    fill: series.stroke,
    paths: pointMarks(series.draw, series.bare === true ? 4.2 : 3.2, series.bare !== true),
  };
}

function legendLabel({ sign, label, stroke }: ChartSeries): HTMLElement {
  const element = document.createElement('span');
  const mark = document.createElement('i');
  mark.style.color = stroke;
  mark.textContent = sign;
  element.append(mark, ` ${label}`);
  return element;
}

function translucent(stroke: string): string {
  return `color-mix(in srgb, ${stroke} 22%, transparent)`;
}

function drawBoundaries(chart: uPlot, times: readonly number[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = color('--boundary');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  for (const time of times) {
    const x = Math.round(chart.valToPos(time, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
  ctx.restore();
}

function drawMarked(chart: uPlot, pairs: Float64Array): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = translucent(color('--accent'));
  for (let i = 0; i < pairs.length; i += 2) {
    const left = Math.max(bbox.left, chart.valToPos(pairs[i]!, 'x', true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(pairs[i + 1]!, 'x', true));
    // A frame's time may be narrower than a pixel.
    if (right > bbox.left && left < bbox.left + bbox.width)
      ctx.fillRect(left, bbox.top, Math.max(devicePixelRatio, right - left), bbox.height);
  }
  ctx.restore();
}

/** uPlot's legend listens to the mouse alone. */
function makeLegendPressable(root: HTMLElement): void {
  for (const label of root.querySelectorAll<HTMLElement>('.u-legend .u-series:not(:first-child) th')) {
    label.tabIndex = 0;
    label.setAttribute('role', 'button');
    label.title = 'shows this one alone, and all again';
    label.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        label.click();
      }
    });
  }
}

function axisTexts(splits: readonly number[], divisor: number): string[] {
  return tickTexts(splits.map((value) => value / divisor));
}

/** Some marks have no text. */
function powerTexts(splits: readonly (number | null)[], { divisor }: DisplayUnit): string[] {
  // A power of ten that a division has bent (0.009999…) is straightened before it is shown.
  return splits.map((value) => (value === null ? '' : formatNumber(Number((value / divisor).toPrecision(6)))));
}

function isPowerOfTen(value: number): boolean {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-9;
}
