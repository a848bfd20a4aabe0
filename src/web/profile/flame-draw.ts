// Draws what can be seen of a flame graph. A node that is narrower than a third of a pixel is not looked at by itself.

import { isChangeSure, nodeChange } from '#profile/call-difference';
import { shareInterval } from '#profile/call-node';
import { GROUPING_KIND } from '#profile/call-tree';
import { visitRow, type FlameLayout } from '#profile/flame-layout';
import type { FlameWindow } from '#profile/flame-window';
import { color } from '../shell/theme.ts';
import type { FlamePaint } from './flame-colors.ts';

export const ROW_PX = 18;
const GAP_PX = 1;
/** Narrower nodes become one mark. */
const LEAST_PX = 1 / 3;
const MARK_PX = 1;
/** Room that two letters and the dots need. */
const LEAST_TEXT_PX = 24;
const TEXT_INSET_PX = 4;
/** An interval that is narrower than this says nothing. */
const LEAST_INTERVAL_PX = 5;
const FONT = '11px ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace';

export interface FlameDrawing {
  readonly layout: FlameLayout;
  readonly window: FlameWindow;
  /** Pixels of the style sheet. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen for one of the style sheet. */
  readonly ratio: number;
  readonly form: 'icicle' | 'flame';
  readonly paint: FlamePaint;
  /** 1 for each label that is searched for; null where nothing is. */
  readonly found: Uint8Array | null;
  /** The node that was zoomed to: its callers are only hinted at. */
  readonly zoomed: number;
  /** How differences are told on nodes; null where nothing is compared. */
  readonly difference: { readonly isNormalised: boolean } | null;
}

/** Colours of the page that a drawing needs: read once for many pictures. */
export interface FlameTheme {
  readonly merged: string;
  readonly dimmed: string;
  readonly dimmedInk: string;
  readonly text: string;
  readonly accent: string;
}

export function flameTheme(): FlameTheme {
  return {
    merged: color('--flame-merged'),
    dimmed: color('--flame-dimmed'),
    dimmedInk: color('--muted'),
    text: color('--text'),
    accent: color('--accent'),
  };
}

/** Top of a row, pixels. */
export function rowTop(
  { form, height, window }: Pick<FlameDrawing, 'form' | 'height' | 'window'>,
  row: number,
): number {
  const offset = (row - window.top) * ROW_PX;
  return form === 'icicle' ? offset : height - offset - ROW_PX;
}

/** Row at a pixel. */
export function rowAt({ form, height, window }: Pick<FlameDrawing, 'form' | 'height' | 'window'>, y: number): number {
  return Math.floor((form === 'icicle' ? y : height - y) / ROW_PX + window.top);
}

export function drawFlame(context: CanvasRenderingContext2D, drawing: FlameDrawing, theme: FlameTheme): void {
  const { layout, window, width, height, ratio, paint, found } = drawing;
  const { tree } = layout;
  const scale = width / (window.to - window.from);
  const least = LEAST_PX / scale;
  const mark = MARK_PX / scale;
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = 'middle';
  const letterPx = context.measureText('m').width;
  const firstRow = Math.max(0, Math.floor(window.top));
  const lastRow = Math.min(layout.rows - 1, Math.ceil(window.top + height / ROW_PX));
  let y = 0;
  let fill = '';
  /** The pixels of this row up to here are drawn. */
  let drawn = 0;
  // Marks that touch are one.
  let markFrom = 0;
  let markTo = 0;
  const onPixel = (place: number) => Math.round((place - window.from) * scale * ratio) / ratio;
  const setFill = (wanted: string) => {
    // Setting a fill costs more than most rectangles.
    if (wanted !== fill) context.fillStyle = fill = wanted;
  };
  const drawNode = (node: number, from: number, to: number) => {
    const left = Math.max(0, onPixel(from));
    const right = Math.min(width, Math.max(onPixel(to), left + 1 / ratio));
    // Of several nodes on one pixel the first is seen.
    if (right <= drawn) return;
    drawn = right;
    const isFound = found === null || found[tree.label[node]!] === 1;
    const isCaller = drawing.zoomed > node && tree.end[node]! > drawing.zoomed;
    const position = paint.fillOf(node);
    setFill(isFound && !isCaller ? paint.fills[position]! : theme.dimmed);
    const gap = right - left > 3 ? GAP_PX : 0;
    context.fillRect(left, y, right - left - gap, ROW_PX - GAP_PX);
    if (right - left < LEAST_TEXT_PX) return;
    setFill(isFound && !isCaller ? paint.inks[position]! : theme.dimmedInk);
    const letters = Math.floor((right - left - 2 * TEXT_INSET_PX) / letterPx);
    context.fillText(shortened(wordsOf(drawing, node), letters), left + TEXT_INSET_PX, y + ROW_PX / 2);
  };
  const flushMark = () => {
    if (markTo <= markFrom) return;
    setFill(theme.merged);
    context.fillRect(markFrom, y, markTo - markFrom, ROW_PX - GAP_PX);
    markFrom = markTo = 0;
  };
  const drawMark = (from: number, to: number) => {
    const left = Math.max(drawn, onPixel(from));
    const right = Math.max(onPixel(to), left + 1 / ratio);
    if (left > markTo) {
      flushMark();
      markFrom = left;
    }
    markTo = Math.max(markTo, right);
    drawn = markTo;
  };
  for (let row = firstRow; row <= lastRow; row++) {
    y = rowTop(drawing, row);
    drawn = markFrom = markTo = 0;
    visitRow(layout, row, window, least, mark, drawNode, drawMark);
    flushMark();
  }
  drawIntervals(context, drawing, theme, scale, firstRow, lastRow);
}

/** What is below the pointer, and where the keys are; -1 for none. */
export interface FlameOutlines {
  readonly hovered: number;
  readonly active: number;
}

/** On a canvas of their own above the graph: pointing at a function draws nothing else. */
export function drawOutlines(
  context: CanvasRenderingContext2D,
  drawing: FlameDrawing,
  theme: FlameTheme,
  { hovered, active }: FlameOutlines,
): void {
  context.clearRect(0, 0, drawing.width, drawing.height);
  if (hovered >= 0) outline(context, drawing, hovered, theme.text, 1);
  if (active >= 0) outline(context, drawing, active, theme.accent, 2);
}

/** The name, what kind of code it is where that is not a program's own, and the difference. */
function wordsOf({ layout: { tree }, difference }: FlameDrawing, node: number): string {
  const name = tree.labels.name[tree.label[node]!]!;
  if (difference === null) return name;
  const change = 100 * nodeChange(tree, node, difference.isNormalised);
  if (Math.abs(change) < 0.05) return `= ${name}`;
  if (!isChangeSure(tree, node, difference.isNormalised)) return `? ${name}`;
  return `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} % ${name}`;
}

const shortened = (text: string, letters: number) =>
  text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`;

/**
 * A hatched band about the right edge of nodes whose share is uncertain: from where it would end at the low end of its interval to where
 * it would at the high end. Only of nodes that are wide enough for their band.
 */
function drawIntervals(
  context: CanvasRenderingContext2D,
  drawing: FlameDrawing,
  theme: FlameTheme,
  scale: number,
  firstRow: number,
  lastRow: number,
): void {
  const { layout, window, width } = drawing;
  const { tree } = layout;
  const whole = tree.total[0]!;
  if (tree.counted === 'stays') return;
  // The widest interval there is, that of one half: 1 / sqrt(n). Most graphs have none that could be seen.
  if ((whole * scale) / Math.sqrt(tree.samples[0]!) < LEAST_INTERVAL_PX) return;
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  for (let row = Math.max(1, firstRow); row <= lastRow; row++) {
    const y = rowTop(drawing, row);
    visitRow(
      layout,
      row,
      window,
      LEAST_TEXT_PX / scale,
      LEAST_TEXT_PX / scale,
      (node, from, to) => {
        if (tree.labels.kind[tree.label[node]!] === GROUPING_KIND) return;
        const { low, high } = shareInterval(tree, node);
        if ((high - low) * whole * scale < LEAST_INTERVAL_PX) return;
        const left = Math.max((from + low * whole - window.from) * scale, (from - window.from) * scale + TEXT_INSET_PX);
        // Beyond the node lies its neighbour: the half that is drawn tells the other.
        const right = Math.min(width, (to - window.from) * scale - 2);
        const begin = Math.max(left, 0);
        for (let x = begin; x + 4 <= right; x += 5) {
          context.moveTo(x, y + ROW_PX - 2);
          context.lineTo(x + 4, y + ROW_PX - 6);
        }
        if (begin < right) {
          context.moveTo(begin, y + ROW_PX - 7);
          context.lineTo(begin, y + ROW_PX - 1);
        }
      },
      () => undefined,
    );
  }
  context.stroke();
  context.globalAlpha = 1;
}

function outline(
  context: CanvasRenderingContext2D,
  drawing: FlameDrawing,
  node: number,
  stroke: string,
  line: number,
): void {
  const { layout, window, width } = drawing;
  const scale = width / (window.to - window.from);
  const from = layout.edge[node]!;
  const left = Math.max(-4, (from - window.from) * scale);
  const right = Math.min(width + 4, (from + layout.tree.total[node]! - window.from) * scale);
  if (right < 0 || left > width) return;
  context.strokeStyle = stroke;
  context.lineWidth = line;
  const y = rowTop(drawing, layout.tree.depth[node]!);
  context.strokeRect(left + line / 2, y + line / 2, Math.max(2, right - left - line - GAP_PX), ROW_PX - GAP_PX - line);
}
