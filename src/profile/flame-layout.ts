// Where the nodes of a call tree are drawn, in its own unit: row by row, so that what can be seen of a row is found by halving.

import type { CallTree } from './call-tree.ts';

export interface FlameLayout {
  readonly tree: CallTree;
  readonly rows: number;
  /** Nodes of a row, a depth, stand from `start[row]` up to `start[row + 1]` in the columns below, from left to right. */
  readonly start: Uint32Array;
  readonly node: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Left edge of each node, by its number. */
  readonly edge: Float64Array;
}

/** Children stand at the left of what they were called from, without gaps: what is left on the right is its own. */
export function flameLayout(tree: CallTree): FlameLayout {
  const count = tree.label.length;
  let rows = 0;
  for (let node = 0; node < count; node++) rows = Math.max(rows, tree.depth[node]! + 1);
  const start = new Uint32Array(rows + 1);
  for (let node = 0; node < count; node++) start[tree.depth[node]! + 1]!++;
  for (let row = 0; row < rows; row++) start[row + 1]! += start[row]!;
  const next = start.slice(0, -1);
  const place = new Uint32Array(count);
  const from = new Float64Array(count);
  const to = new Float64Array(count);
  const edge = new Float64Array(count);
  // Where the next child of each row's newest node begins.
  const free = new Float64Array(rows + 1);
  for (let node = 0; node < count; node++) {
    const depth = tree.depth[node]!;
    const left = free[depth]!;
    const right = left + tree.total[node]!;
    const at = next[depth]!++;
    place[at] = node;
    from[at] = edge[node] = left;
    to[at] = right;
    free[depth] = right;
    free[depth + 1] = left;
  }
  return { tree, rows, start, node: place, from, to, edge };
}

/**
 * Visits what can be seen of a row, from left to right. What is too narrow is told as one mark for all of it that lies within `mark`.
 * @param mark width of a mark, at least `least`; both in the tree's unit
 */
export function visitRow(
  layout: FlameLayout,
  row: number,
  view: { readonly from: number; readonly to: number },
  least: number,
  mark: number,
  visit: (node: number, from: number, to: number) => void,
  merged: (from: number, to: number) => void,
): void {
  const { from, to, node } = layout;
  const end = layout.start[row + 1]!;
  let at = firstEndingAfter(to, view.from, layout.start[row]!, end);
  while (at < end && from[at]! < view.to) {
    const left = from[at]!;
    const right = to[at]!;
    if (right - left >= least) {
      visit(node[at]!, left, right);
      at++;
      continue;
    }
    const next = nextEndingAfter(to, left + mark, at + 1, end);
    // Nothing at all: only the baseline has it.
    if (to[next - 1]! > left) merged(left, to[next - 1]!);
    at = next;
  }
}

/** The node of a row at a place of the tree's unit; -1 where there is none. */
export function nodeAt(layout: FlameLayout, row: number, place: number): number {
  if (row < 0 || row >= layout.rows) return -1;
  const at = firstEndingAfter(layout.to, place, layout.start[row]!, layout.start[row + 1]!);
  return at < layout.start[row + 1]! && layout.from[at]! <= place ? layout.node[at]! : -1;
}

/** Where the keys lead from a node; the node itself where there is nothing. */
export function neighbour(tree: CallTree, node: number, way: 'parent' | 'child' | 'previous' | 'next'): number {
  const parent = tree.parent[node]!;
  switch (way) {
    case 'parent':
      return Math.max(0, parent);
    case 'child':
      return heaviestChild(tree, node);
    case 'next': {
      const next = tree.end[node]!;
      return parent >= 0 && next < tree.end[parent]! ? next : node;
    }
    case 'previous': {
      let before = node;
      for (let child = parent + 1; child < node && parent >= 0; child = tree.end[child]!) before = child;
      return before;
    }
  }
}

function heaviestChild(tree: CallTree, node: number): number {
  let heaviest = node;
  for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!)
    if (heaviest === node || tree.total[child]! > tree.total[heaviest]!) heaviest = child;
  return heaviest;
}

/** As `firstEndingAfter`, where it is near: steps that double, then halves. */
function nextEndingAfter(to: Float64Array, place: number, first: number, end: number): number {
  let step = 1;
  let low = first;
  while (low + step < end && to[low + step]! <= place) {
    low += step;
    step *= 2;
  }
  return firstEndingAfter(to, place, low, Math.min(end, low + step + 1));
}

function firstEndingAfter(to: Float64Array, place: number, first: number, end: number): number {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (to[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
