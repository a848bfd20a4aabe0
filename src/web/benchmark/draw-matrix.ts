// A matrix of many cells on a canvas: too small for words, so colour for the metric and a pattern for the state.

import { color } from '../shell/theme.ts';
import type { GridLayout } from './grid-layout.ts';
import type { CellState } from './results.ts';
import { tileShade } from './tile-shade.ts';

export interface MatrixDrawing {
  readonly layout: GridLayout;
  readonly width: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly headWidth: number;
  readonly states: readonly CellState[];
  /** 0 to 1; NaN where there is no value. */
  readonly strength: (cell: number) => number;
  readonly isShown: (cell: number) => boolean;
  readonly marked: number;
}

/** Smallest tile that leaves room for the words of its row. */
export const WORDED_HEIGHT = 11;
/** Steps of colour: more could not be told apart. */
const SHADES = 24;

export function drawMatrix(context: CanvasRenderingContext2D, drawing: MatrixDrawing): void {
  const { layout, tileWidth, tileHeight, headWidth } = drawing;
  const shades = Array.from(
    { length: SHADES },
    (_, i) => tileShade(i / (SHADES - 1), color('--tile'), color('--surface')).fill,
  );
  const waiting = color('--line');
  const bad = color('--bad');
  const accent = color('--accent');
  const gap = tileWidth > 5 && tileHeight > 5 ? 1 : 0;
  context.clearRect(0, 0, drawing.width, layout.cells.length * tileHeight);
  for (const [row, cells] of layout.cells.entries()) {
    const y = row * tileHeight;
    for (const [column, cell] of cells.entries()) {
      if (cell < 0) continue;
      const x = headWidth + column * tileWidth;
      const strength = drawing.strength(cell);
      const state = drawing.states[cell]!;
      context.globalAlpha = drawing.isShown(cell) ? 1 : 0.18;
      context.fillStyle = Number.isNaN(strength) ? waiting : shades[Math.round(strength * (SHADES - 1))]!;
      if (state === 'waiting' || Number.isNaN(strength)) {
        // Waiting is a thin tile, not only a pale one.
        context.fillRect(x + tileWidth * 0.3, y + tileHeight * 0.35, tileWidth * 0.4, tileHeight * 0.3);
      } else {
        context.fillRect(x, y, tileWidth - gap, tileHeight - gap);
      }
      if (state === 'failed') strike(context, bad, x, y, tileWidth - gap, tileHeight - gap);
      if (state === 'running') frame(context, accent, x, y, tileWidth - gap, tileHeight - gap);
      if (cell === drawing.marked) frame(context, color('--text'), x, y, tileWidth - gap, tileHeight - gap);
    }
  }
  context.globalAlpha = 1;
  if (tileHeight >= WORDED_HEIGHT) drawHeads(context, drawing);
}

function drawHeads(context: CanvasRenderingContext2D, { layout, tileHeight, headWidth }: MatrixDrawing): void {
  context.font = `${Math.min(12, tileHeight - 1)}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  context.fillStyle = color('--muted');
  for (const [row, entry] of layout.rows.entries.entries()) {
    context.fillText(entry.map((value) => value ?? '–').join(' '), 0, (row + 0.5) * tileHeight, headWidth - 8);
  }
}

function strike(
  context: CanvasRenderingContext2D,
  style: string,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.strokeStyle = style;
  context.beginPath();
  context.moveTo(x, y + height);
  context.lineTo(x + width, y);
  context.stroke();
}

function frame(
  context: CanvasRenderingContext2D,
  style: string,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.globalAlpha = 1;
  context.strokeStyle = style;
  context.lineWidth = 2;
  context.strokeRect(x, y, width, height);
  context.lineWidth = 1;
}
