// What keys do on a heatmap while it has the focus; the `?` sheet tells of them.

import { lengthOf, mapRanges, NO_RANGES, normalRanges, uniteRanges } from '#profile/selection-ranges';
import type { TimeRange } from '../chart/chart-group.ts';
import { useShortcuts } from '../shell/keyboard.ts';
import type { HeatmapLayout } from './heatmap-layout.ts';

/** What of a heatmap keys change. */
export interface HeatmapHandle {
  readonly layout: HeatmapLayout;
  readonly whole: TimeRange;
  readonly crosshairS: number | null;
  /** Normal, seconds. */
  readonly selection: Float64Array;
  /** Where Shift and the arrows began; null where nothing is extended yet. */
  readonly anchorS: number | null;
  readonly moveTo: (timeS: number, anchorS: number | null) => void;
  readonly select: (ranges: Float64Array) => void;
  readonly zoomTo: (range: TimeRange | null) => void;
  readonly play: () => void;
}

type KeyPress = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

const DIRECTIONS: Readonly<Record<string, readonly [columns: number, cells: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Does what a key stands for. False where it stands for nothing here. */
export function pressKey(heatmap: HeatmapHandle, press: KeyPress): boolean {
  if (press.altKey || press.metaKey) return false;
  const { layout, whole, selection, select, zoomTo } = heatmap;
  const now = heatmap.crosshairS ?? layout.range.from;
  const direction = DIRECTIONS[press.key];
  if (direction !== undefined) {
    const next = moved(heatmap, now, direction);
    if (next === null) return false;
    const anchorS = press.shiftKey ? (heatmap.anchorS ?? now) : null;
    heatmap.moveTo(next, anchorS);
    if (anchorS !== null) select(normalRanges([Math.min(anchorS, next), Math.max(anchorS, next) + layout.cellS]));
    return true;
  }
  switch (press.key) {
    case 'Enter':
      // With Ctrl beside what was chosen before.
      select(uniteRanges(press.ctrlKey ? selection : NO_RANGES, normalRanges([now, now + layout.cellS])));
      return true;
    case 'Escape':
      if (selection.length === 0) return false;
      select(NO_RANGES);
      return true;
    case ',':
    case '.':
      select(steppedSelection(selection, now, press.key === '.' ? 1 : -1, whole));
      return true;
    case 'p':
      heatmap.play();
      return true;
    case '+':
    case '=':
      zoomTo(zoomed(layout.range, now, 0.5));
      return true;
    case '-':
      zoomTo(zoomed(layout.range, now, 2));
      return true;
    case '0':
      zoomTo(null);
      return true;
    default:
      return false;
  }
}

/** A second aside or a cell up and down in a folded heatmap; a cell aside in a line of time. */
function moved(
  { layout, whole }: HeatmapHandle,
  now: number,
  [columns, cells]: readonly [number, number],
): number | null {
  if (layout.form === 'linear' && cells !== 0) return null;
  const step = layout.form === 'linear' ? columns * layout.cellS : columns * layout.columnS + cells * layout.cellS;
  // Onto the next cell's beginning: sums of steps drift.
  const next = Math.round((now + step) / layout.cellS) * layout.cellS;
  return Math.max(whole.from, Math.min(whole.to - layout.cellS, next));
}

/**
 * The selection as far on as it is long, from its first moment to its last; a rectangle by its columns. Without one, the second at the
 * crosshair. It stays within the whole.
 */
export function steppedSelection(selection: Float64Array, nowS: number, steps: number, whole: TimeRange): Float64Array {
  if (selection.length === 0) return normalRanges([Math.floor(nowS), Math.floor(nowS) + 1]);
  const extent = selection[selection.length - 1]! - selection[0]!;
  const holds = lengthOf(selection);
  // With holes it goes on by whole seconds, so that a rectangle keeps its rows.
  return shiftedSelection(selection, steps * (holds < extent * (1 - 1e-9) ? Math.ceil(extent - 1e-9) : extent), whole);
}

/** As it is where it would leave the whole. */
export function shiftedSelection(selection: Float64Array, byS: number, whole: TimeRange): Float64Array {
  const first = (selection[0] ?? 0) + byS;
  const last = (selection[selection.length - 1] ?? 0) + byS;
  return last <= whole.from || first >= whole.to ? selection : mapRanges(selection, 1, byS);
}

function zoomed({ from, to }: TimeRange, at: number, factor: number): TimeRange {
  const centre = Math.max(from, Math.min(to, at));
  return { from: centre - (centre - from) * factor, to: centre + (to - centre) * factor };
}

/** For the sheet. Arrows, Enter and Escape work where the heatmap has the focus, and belong to the charts elsewhere. */
export function useHeatmapKeys(press: (key: string) => void): void {
  useShortcuts('Heatmap, where it has the focus', [
    { keys: ['← → ↑ ↓'], does: 'cursor to the next cell', run: nothing },
    { keys: ['Shift ←→↑↓'], does: 'choose from here on', run: nothing },
    { keys: ['Enter', 'Ctrl+Enter'], does: 'choose the cell, or it as well', run: nothing },
    { keys: ['Esc'], does: 'choose nothing', run: nothing },
  ]);
  useShortcuts('Heatmap', [
    { keys: [','], does: 'selection one step back', run: () => press(',') },
    { keys: ['.'], does: 'selection one step on', run: () => press('.') },
    { keys: ['p'], does: 'play, or stop', run: () => press('p') },
  ]);
}

const nothing = () => undefined;
