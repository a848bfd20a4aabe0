// What part of a flame graph is looked at: from and to in the tree's unit, and the first row.

import type { FlameLayout } from './flame-layout.ts';

export interface FlameWindow {
  readonly from: number;
  readonly to: number;
  /** Rows above what can be seen; not a whole number while it is dragged. */
  readonly top: number;
}

/** Smallest part of the whole that can be looked at. */
const LEAST_SHARE = 1e-9;
/** Rows of callers that are left in sight above a node that was zoomed to. */
const ROWS_ABOVE = 2;

/** All of a node across, and its row in sight. */
export function windowOf(layout: FlameLayout, node: number, visibleRows: number, top = 0): FlameWindow {
  const from = layout.edge[node]!;
  const depth = layout.tree.depth[node]!;
  const last = Math.max(0, layout.rows - visibleRows);
  const isInSight = depth >= top && depth + ROWS_ABOVE < top + visibleRows;
  const first = isInSight ? top : Math.max(0, depth - ROWS_ABOVE);
  return { from, to: from + layout.tree.total[node]!, top: Math.min(first, last) };
}

/**
 * Zoomed about a place that stays where it is.
 * @param factor below 1 to look closer
 */
export function zoomed(window: FlameWindow, place: number, factor: number, whole: number): FlameWindow {
  const width = Math.max(whole * LEAST_SHARE, Math.min(whole, (window.to - window.from) * factor));
  const share = (place - window.from) / (window.to - window.from);
  return inside({ ...window, from: place - share * width, to: place + (1 - share) * width }, whole);
}

/** Moved, as far as there is something. */
export function panned(window: FlameWindow, by: number, rows: number, whole: number, lastTop: number): FlameWindow {
  const top = Math.max(0, Math.min(lastTop, window.top + rows));
  return inside({ from: window.from + by, to: window.to + by, top }, whole);
}

/** Between two windows; at 0 the first, at 1 the second. */
export function between(one: FlameWindow, other: FlameWindow, share: number): FlameWindow {
  const mix = (a: number, b: number) => a + (b - a) * share;
  return { from: mix(one.from, other.from), to: mix(one.to, other.to), top: mix(one.top, other.top) };
}

function inside(window: FlameWindow, whole: number): FlameWindow {
  const width = window.to - window.from;
  const from = Math.max(0, Math.min(window.from, whole - width));
  return { from, to: from + width, top: window.top };
}
