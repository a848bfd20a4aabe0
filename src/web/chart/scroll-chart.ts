// A chart whose time goes on: uPlot draws its axes, crosshair and selection; the lines are a layer of their own, drawn straight
// from typed arrays that somebody else fills. time-chart.tsx draws what is finished.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { displayUnit } from '#core/format-quantity';
import { color } from '../shell/theme.ts';
import type { ChartGroup, TimeRange } from './chart-group.ts';
import { tickTexts } from '#explore/scene/nice-ticks';
import { cursorHooks, plotCursor } from './plot-gestures.ts';
import { PlotLayer, type LayerSeries } from './plot-layer.ts';
import { firstAt } from './track.ts';
import { AXIS_WIDTH, RIGHT_PAD } from './time-chart.tsx';

export type ScrollSeries = Omit<LayerSeries, 'fill'>;

/** A moment that is worth seeing. */
export interface Marker {
  readonly timeS: number;
  readonly text: string;
}

export interface ScrollChartOptions {
  readonly group: ChartGroup;
  readonly unit: string;
  readonly height: number;
  readonly series: readonly ScrollSeries[];
  readonly markers: () => readonly Marker[];
  /** Words on the axis of times. */
  readonly timeText: (seconds: number) => string;
  /** Added to a time before it is rounded to a mark of the axis. */
  readonly originS: () => number;
  readonly onZoom: (range: TimeRange | null) => void;
  /** Told when the unit of the axis is another one now. */
  readonly onUnit: (name: string) => void;
}

/** Half of what a time of day is wide, less the room beside the plot. */
const EDGE_PX = 14;
/** Largest values are looked for so often. */
const TOP_MS = 200;
/** Above the largest value when the axis is made anew, and what must be left before it is: it should not breathe. */
const ROOM = 1.12;
const LEAST_ROOM = 1.02;
const SHRINK_BELOW = 0.6;
const TIME_STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600,
];

export class ScrollChart {
  readonly #chart: uPlot;
  readonly #options: ScrollChartOptions;
  readonly #layer: PlotLayer;
  readonly #range: [number, number] = [0, 1];
  readonly #shown: boolean[];
  readonly #leave: () => void;
  #top = 1;
  #bottom = 0;
  #lookedAt = -Infinity;
  #unit = displayUnit('1', 1);

  constructor(box: HTMLElement, options: ScrollChartOptions) {
    this.#options = options;
    this.#shown = options.series.map(() => true);
    const ground = color('--surface');
    this.#layer = new PlotLayer(
      options.series.map((one) => ({ ...one, fill: `color-mix(in srgb, ${one.stroke} 62%, ${ground})` })),
    );
    // uPlot's own data are the two ends of the time, and nothing.
    this.#chart = new uPlot(this.#plotOptions(box.clientWidth), [this.#range, [null, null]], box);
    this.#leave = options.group.add(this.#chart);
  }

  get canvas(): HTMLCanvasElement {
    return this.#chart.ctx.canvas;
  }

  /**
   * @param touchedFrom seconds: rows from there on are new or changed since the last drawing; Infinity for none
   * @param atMs the page's time: how often the height of the axis is looked at
   */
  draw(from: number, to: number, touchedFrom: number, atMs: number): void {
    if (atMs - this.#lookedAt >= TOP_MS) {
      this.#lookedAt = atMs;
      this.#fitHeight(from, to);
    }
    const { width, height } = this.#chart.bbox;
    if (!(width > 0) || !(height > 0)) return;
    // Differences of large times have an error of their own: it must not look like another scale.
    const pxPerSecond = width / Number((to - from).toFixed(6));
    const leftPx = Math.floor(from * pxPerSecond);
    const view = { width, height, leftPx, pxPerSecond, low: this.#bottom, high: this.#top };
    if (!this.#layer.draw(view, touchedFrom, (position) => this.#shown[position]!)) return;
    this.#range[0] = leftPx / pxPerSecond;
    this.#range[1] = (leftPx + width) / pxPerSecond;
    this.#chart.setScale('x', { min: this.#range[0], max: this.#range[1] });
  }

  /** Draws all of it the next time, for what is drawn besides rows. */
  invalidate(): void {
    this.#layer.invalidate();
  }

  /** Shows some of its series alone. */
  show(isShown: (position: number) => boolean): void {
    for (const position of this.#shown.keys()) this.#shown[position] = isShown(position);
    this.#lookedAt = -Infinity;
    this.#layer.invalidate();
  }

  resize(width: number): void {
    this.#chart.setSize({ width, height: this.#options.height });
    this.#layer.invalidate();
  }

  destroy(): void {
    this.#leave();
    this.#chart.destroy();
  }

  #fitHeight(from: number, to: number): void {
    let most = 0;
    let least = 0;
    for (const [position, { columns }] of this.#options.series.entries()) {
      if (!this.#shown[position]) continue;
      const { values, times, length } = columns;
      for (let i = firstAt(times, length, from); i < length && times[i]! <= to; i++) {
        if (values[i]! > most) most = values[i]!;
        else if (values[i]! < least) least = values[i]!;
      }
    }
    const needed = (most || 1) * LEAST_ROOM;
    if (needed > this.#top || needed < this.#top * SHRINK_BELOW || this.#lookedAt === -Infinity)
      this.#top = (most || 1) * ROOM;
    this.#bottom = least < 0 ? least * ROOM : 0;
    const unit = displayUnit(this.#options.unit, most);
    if (unit.name !== this.#unit.name) this.#options.onUnit(unit.name);
    this.#unit = unit;
  }

  #plotOptions(width: number): uPlot.Options {
    const { group, height, timeText, originS, onZoom } = this.#options;
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
      height,
      padding: [8, RIGHT_PAD, 0, 0],
      pxAlign: 0,
      scales: {
        x: { time: false, range: () => [this.#range[0], this.#range[1]] },
        y: { range: () => [this.#bottom, this.#top] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          space: 90,
          incrs: TIME_STEPS,
          splits: (_self, _axis, low, high, step) => timeTicks(low, high, step, originS()),
          values: (self, splits) => splits.map((at) => (isNearEdge(self, at) ? '' : timeText(at))),
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          space: 28,
          values: (_, splits) => tickTexts(splits.map((value) => value / this.#unit.divisor)),
        },
      ],
      series: [{}, { points: { show: false } }],
      legend: { show: false },
      cursor: plotCursor(group, { show: false }, onZoom),
      hooks: {
        ...cursorHooks(group, onZoom),
        draw: [
          (self) => {
            self.ctx.drawImage(this.#layer.canvas, self.bbox.left, self.bbox.top);
            drawMarkers(self, this.#options.markers());
          },
        ],
      },
    };
  }
}

/** Its words would be cut off. */
function isNearEdge(chart: uPlot, at: number): boolean {
  return chart.valToPos(at, 'x') > chart.bbox.width / devicePixelRatio - EDGE_PX;
}

function timeTicks(low: number, high: number, step: number, originS: number): number[] {
  const ticks: number[] = [];
  for (let n = Math.ceil((low + originS) / step); n * step - originS <= high; n++) ticks.push(n * step - originS);
  return ticks;
}

/** A line of its own look, with its words at its head. */
function drawMarkers(chart: uPlot, markers: readonly Marker[]): void {
  if (markers.length === 0) return;
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color('--warn');
  ctx.lineWidth = ratio;
  ctx.setLineDash([5 * ratio, 3 * ratio]);
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  for (const { timeS, text } of markers) {
    const x = chart.valToPos(timeS, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const words = `⚑ ${text}`;
    const room = bbox.left + bbox.width - x > ctx.measureText(words).width + 6 * ratio;
    ctx.textAlign = room ? 'left' : 'right';
    ctx.fillText(words, x + (room ? 4 : -4) * ratio, bbox.top);
  }
  ctx.restore();
}
