// The picture of a scrolling chart's lines, kept from one frame of the screen to the next: it is moved by whole pixels, and
// drawn anew only where rows came in. Drawing everything sixty times a second would take a core by itself.

import { drawLine, drawMarks, drawStack, type Pen } from './plot-pens.ts';
import type { Shape } from '#explore/scene/shapes';
import type { Track } from './track.ts';

export interface LayerSeries {
  readonly columns: Track;
  readonly stroke: string;
  /** Of the area below a line in a stack. */
  readonly fill: string;
  readonly dash?: number[] | undefined;
  readonly width?: number | undefined;
  readonly draw: 'line' | 'stack' | Shape;
}

/** What the layer shows, in its own pixels. */
export interface LayerView {
  readonly width: number;
  readonly height: number;
  /** Left edge: whole pixels since time 0, so that a moment stands in the same column as long as the scale is the same. */
  readonly leftPx: number;
  readonly pxPerSecond: number;
  readonly low: number;
  readonly high: number;
}

/** What was drawn up to a time reaches as far behind it: marks have a width, and a line goes on to its next point. */
const OVERLAP_PX = 8;

export class PlotLayer {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  readonly #series: readonly LayerSeries[];
  #shown: LayerView | null = null;

  constructor(series: readonly LayerSeries[]) {
    this.#series = series;
  }

  /** The next drawing begins from nothing. */
  invalidate(): void {
    this.#shown = null;
  }

  /**
   * @param touchedFrom seconds: rows from there on may be other ones than when it was drawn last; Infinity for none
   * @returns whether anything was drawn
   */
  draw(view: LayerView, touchedFrom: number, isShown: (position: number) => boolean): boolean {
    const before = this.#shown;
    const shift = before === null ? Infinity : view.leftPx - before.leftPx;
    const isNew = before === null || !isSameScale(before, view) || shift < 0 || shift >= view.width;
    if (!isNew && shift === 0 && touchedFrom === Infinity) return false;
    this.#shown = view;
    if (before === null || before.width !== view.width || before.height !== view.height) {
      this.canvas.width = view.width;
      this.canvas.height = view.height;
    }
    const context = this.#context;
    if (!isNew && shift > 0) {
      context.globalCompositeOperation = 'copy';
      context.drawImage(this.canvas, -shift, 0);
      context.globalCompositeOperation = 'source-over';
    }
    const touchedPx = Math.floor(touchedFrom * view.pxPerSecond) - view.leftPx - OVERLAP_PX;
    const x0 = isNew ? 0 : Math.max(0, touchedPx);
    if (x0 < view.width) this.#drawFrom(x0, view, isShown);
    return true;
  }

  #drawFrom(x0: number, view: LayerView, isShown: (position: number) => boolean): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(x0, 0, view.width - x0, view.height);
    context.clip();
    context.clearRect(x0, 0, view.width - x0, view.height);
    const pen: Pen = {
      context,
      ratio: devicePixelRatio,
      leftPx: view.leftPx,
      pxPerSecond: view.pxPerSecond,
      fromS: (view.leftPx + x0 - OVERLAP_PX) / view.pxPerSecond,
      toS: (view.leftPx + view.width) / view.pxPerSecond,
      height: view.height,
      low: view.low,
      pxPerUnit: view.height / (view.high - view.low || 1),
    };
    for (const [position, series] of this.#series.entries()) {
      if (!isShown(position)) continue;
      context.strokeStyle = series.stroke;
      context.fillStyle = series.draw === 'stack' ? series.fill : series.stroke;
      context.lineWidth = (series.width ?? 1.5) * devicePixelRatio;
      context.setLineDash((series.dash ?? []).map((length) => length * devicePixelRatio));
      // A dash begins where the time does, not where the drawing does: or it would swim.
      context.lineDashOffset = 0;
      if (series.draw === 'line') drawLine(pen, series.columns, (series.dash ?? []).length > 0);
      else if (series.draw === 'stack') drawStack(pen, series.columns);
      else drawMarks(pen, series.columns, series.draw);
    }
    context.restore();
  }
}

function isSameScale(a: LayerView, b: LayerView): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.pxPerSecond === b.pxPerSecond &&
    a.low === b.low &&
    a.high === b.high
  );
}
