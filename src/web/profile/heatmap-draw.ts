// Draws a heatmap: the cells on one canvas, which changes with the view; axis, selection and crosshair on another above it.

import { niceTicks, tickTexts } from '#explore/scene/nice-ticks';
import { color, type scheme } from '../shell/theme.ts';
import { boxesOf, xOf, type HeatmapLayout } from './heatmap-layout.ts';
import { paintLooks } from './heatmap-paint.ts';
import { heatmapColors, type HeatmapColors } from './heatmap-ramp.ts';
import type { HeatmapScene } from './heatmap-scene.ts';

export const AXIS_PX = 22;
const FONT = '11px system-ui, sans-serif';
const TICK_PX = 90;
const NAME_PAD_PX = 8;
const NAME_PX = 13;
/** Free beside the border of the page's panel. */
const LEFT_PX = 12;

const palettes = new Map<string, HeatmapColors>();

export function colorsOf(name: typeof scheme.value): HeatmapColors {
  const known = palettes.get(name) ?? heatmapColors(name);
  palettes.set(name, known);
  return known;
}

/** @param image reused from drawing to drawing while the size stays */
export function drawCells(
  canvas: HTMLCanvasElement,
  { layout, table }: HeatmapScene,
  colors: HeatmapColors,
  image: { current: ImageData | null },
): void {
  const width = Math.max(1, Math.round(layout.width * devicePixelRatio));
  const height = Math.max(1, Math.round(layout.height * devicePixelRatio));
  const context = canvas.getContext('2d');
  if (context === null) return;
  if (canvas.width !== width || canvas.height !== height || image.current === null) {
    canvas.width = width;
    canvas.height = height;
    image.current = context.createImageData(width, height);
  }
  const pixels = new Uint32Array(image.current.data.buffer);
  pixels.fill(0);
  paintLooks({ pixels, width, height }, table, layout.range, colors);
  context.putImageData(image.current, 0, 0);
}

export interface Overlay {
  readonly layout: HeatmapLayout;
  readonly names: readonly string[];
  /** Normal, seconds. */
  readonly selection: Float64Array;
  /** What is being dragged over. */
  readonly dragged: Float64Array;
  readonly crosshairS: number | null;
  /** Where phases begin and end. */
  readonly boundaries: readonly number[];
  readonly markersS: readonly number[];
}

export function drawOverlay(canvas: HTMLCanvasElement, overlay: Overlay): void {
  const { layout } = overlay;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const boxPx = layout.left + layout.width;
  const heightPx = layout.height + AXIS_PX;
  const [width, height] = [Math.round(boxPx * devicePixelRatio), Math.round(heightPx * devicePixelRatio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, boxPx, heightPx);
  context.font = FONT;
  drawNames(context, layout, overlay.names);
  drawTimes(context, layout);
  context.save();
  context.beginPath();
  context.rect(layout.left, 0, layout.width, layout.height);
  context.clip();
  drawBoundaries(context, layout, overlay.boundaries);
  drawMarkers(context, layout, overlay.markersS);
  drawRanges(context, layout, overlay.selection, false);
  drawRanges(context, layout, overlay.dragged, true);
  if (overlay.crosshairS !== null) drawCrosshair(context, layout, overlay.crosshairS);
  context.restore();
}

function drawNames(context: CanvasRenderingContext2D, layout: HeatmapLayout, names: readonly string[]): void {
  const { left, height } = layout;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  if (layout.form === 'folded') {
    context.fillStyle = color('--muted');
    for (const [share, word] of [
      [1, '1 s'],
      [0.5, '0.5'],
      [0, '0'],
    ] as const) {
      const y = Math.max(7, Math.min(height - 7, (1 - share) * height));
      context.fillText(word, left - NAME_PAD_PX, y);
    }
    context.textAlign = 'left';
    context.fillText(fitted(context, names[0] ?? '', left - 44), LEFT_PX, 7);
    context.fillText('of a second', LEFT_PX, height / 2);
    return;
  }
  context.fillStyle = color('--text');
  // Of rows lower than a word every so many have their name.
  const every = Math.ceil((NAME_PX * names.length) / height);
  for (const [row, name] of names.entries()) {
    if (row % every !== 0) continue;
    const y = ((row + 0.5) * height) / names.length;
    context.fillText(fitted(context, name, left - 2 * NAME_PAD_PX), left - NAME_PAD_PX, y);
  }
}

function drawTimes(context: CanvasRenderingContext2D, layout: HeatmapLayout): void {
  const { range, left, width, height } = layout;
  const ticks = niceTicks(range.from, range.to, Math.max(2, Math.floor(width / TICK_PX)));
  const texts = tickTexts(ticks);
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const [i, at] of ticks.entries()) {
    const x = xOf(layout, at);
    if (x < left - 0.5 || x > left + width + 0.5) continue;
    context.fillStyle = color('--boundary');
    context.fillRect(Math.round(x), height, 1, 4);
    context.fillStyle = color('--muted');
    const half = context.measureText(texts[i]!).width / 2;
    context.fillText(texts[i]!, Math.max(left + half, Math.min(left + width - half, x)), height + 7);
  }
  context.textAlign = 'left';
  context.fillStyle = color('--muted');
  context.fillText('seconds', LEFT_PX, height + 7);
}

function drawBoundaries(context: CanvasRenderingContext2D, layout: HeatmapLayout, boundaries: readonly number[]): void {
  context.fillStyle = color('--boundary');
  for (const at of boundaries) context.fillRect(Math.round(xOf(layout, at)), 0, 1, layout.height);
}

/** Dashed, as a boundary is not. */
function drawMarkers(context: CanvasRenderingContext2D, layout: HeatmapLayout, markersS: readonly number[]): void {
  context.fillStyle = color('--accent');
  for (const at of markersS) {
    const x = Math.round(xOf(layout, at));
    for (let y = 0; y < layout.height; y += 6) context.fillRect(x, y, 1, 3);
  }
}

/** What is chosen keeps its colours; a frame of two tones is seen on every ground. */
function drawRanges(
  context: CanvasRenderingContext2D,
  layout: HeatmapLayout,
  ranges: Float64Array,
  isDragged: boolean,
): void {
  const boxes = boxesOf(layout, ranges);
  context.fillStyle = color('--marked');
  for (const { x, y, width, height } of boxes) context.fillRect(x, y, width, height);
  // Frames of so many would hide what they frame.
  if (boxes.length > layout.width / 4) return;
  for (const [tone, widthPx] of [
    [color('--surface'), 3],
    [color('--accent'), 1.5],
  ] as const) {
    context.strokeStyle = tone;
    context.lineWidth = widthPx;
    context.setLineDash(isDragged ? [5, 3] : []);
    context.beginPath();
    for (const { x, y, width, height } of boxes) context.rect(x, y + 0.75, width, height - 1.5);
    context.stroke();
  }
  context.setLineDash([]);
}

function drawCrosshair(context: CanvasRenderingContext2D, layout: HeatmapLayout, timeS: number): void {
  context.fillStyle = color('--text');
  if (layout.form === 'linear') {
    context.fillRect(Math.round(xOf(layout, timeS)), 0, 1, layout.height);
    return;
  }
  const column = Math.floor(timeS / layout.columnS) * layout.columnS;
  const x = xOf(layout, column);
  const width = Math.max(2, (layout.columnS * layout.width) / (layout.range.to - layout.range.from));
  const within = Math.floor((timeS - Math.floor(timeS)) / layout.cellS + 1e-6);
  const cellPx = layout.height / layout.rows;
  context.strokeStyle = color('--text');
  context.lineWidth = 1;
  context.globalAlpha = 0.35;
  context.strokeRect(x + 0.5, 0.5, width - 1, layout.height - 1);
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeRect(x - 1, (layout.rows - 1 - within) * cellPx - 1, width + 2, cellPx + 2);
}

/** Cut in the middle: threads of one program differ at their ends. */
function fitted(context: CanvasRenderingContext2D, text: string, widthPx: number): string {
  if (context.measureText(text).width <= widthPx) return text;
  const end = text.slice(-KEPT_END);
  let short = text.slice(0, -KEPT_END);
  while (short.length > 0 && context.measureText(`${short}…${end}`).width > widthPx) short = short.slice(0, -1);
  return `${short}…${end}`;
}

const KEPT_END = 7;
