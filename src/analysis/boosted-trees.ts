// Gradient-boosted regression trees (Friedman, "Greedy function approximation: a gradient boosting machine", 2001) on histograms, leaf by leaf
// (Ke et al., "LightGBM", 2017): squared loss, shrinkage, random rows and columns from a seed, missing values with a direction of their own.

import { binColumn, binEdges, binOf, MISSING_BIN } from './boosted-trees-bins.ts';
import { type TreeLimits, TreeGrower, type TreeNodes } from './boosted-trees-grow.ts';
import { randomBelow, seededRandom } from './random.ts';

/** Numbers to learn from, column by column; NaN where there is none. All columns are equally long. */
export type Columns = readonly Float64Array[];

export interface BoostOptions extends TreeLimits {
  /** Trees at most. */
  readonly trees: number;
  /** So many trees without a gain on the held-out rows end it. */
  readonly patience: number;
  /** Bins of a column, 2 to 255. */
  readonly bins: number;
  /** Shares of groups, of the rows of these and of columns that each tree sees, above 0 to 1. */
  readonly groupShare: number;
  readonly rowShare: number;
  readonly columnShare: number;
  /** Residuals count as no larger than this, so that single rows far off don't draw the rest (after Huber's loss, 1964). Infinity: as large as they are. */
  readonly clip: number;
  readonly seed: number;
}

/** What is learned from. */
export interface BoostTable {
  readonly columns: Columns;
  /** Of each row, finite. */
  readonly target: Float64Array;
  /** Of each row, 0 or above: rows of a group resemble each other, and are drawn for a tree together. */
  readonly groups: Int32Array;
}

/** Trees as they are stored: plain lists. */
export interface BoostedTrees extends TreeNodes {
  /** What all trees add to. */
  readonly base: number;
  /** Of each column, the edges between its bins. */
  readonly edges: readonly (readonly number[])[];
  /** The first node of each tree. */
  readonly roots: readonly number[];
}

/**
 * Fits trees to some rows of a table. The same input and seed give the same trees.
 * @param rows those to learn from, at least one
 * @param held rows of other groups: the trees end where the mean absolute error on these is least; empty: all trees are kept
 * @returns the trees, and their values of the held rows
 */
export function boostTrees(
  table: BoostTable,
  rows: Int32Array,
  held: Int32Array,
  options: BoostOptions,
): { trees: BoostedTrees; heldValues: Float64Array } {
  const random = seededRandom(options.seed);
  const { columns, target, groups } = table;
  const edges = columns.map((column) => binEdges(gathered(column, rows), options.bins));
  const bins = columns.map((column, index) => binColumn(gathered(column, rows), edges[index]!));
  const heldBins = columns.map((column, index) => binColumn(gathered(column, held), edges[index]!));
  const nodes: TreeNodes = { column: [], bin: [], missingLeft: [], left: [], value: [] };
  const roots: number[] = [];
  const residuals = gathered(target, rows);
  let base = 0;
  for (const value of residuals) base += value / residuals.length;
  for (let i = 0; i < residuals.length; i++) residuals[i]! -= base;
  const heldTarget = gathered(target, held);
  const heldValues = new Float64Array(held.length).fill(base);
  const present = [...new Set(Array.from(rows, (row) => groups[row]!))];
  const drawnGroups = new Uint8Array(present.reduce((most, group) => Math.max(most, group), 0) + 1);
  const clipped = new Float64Array(rows.length);
  const pool = new Int32Array(rows.length);
  const grower = new TreeGrower(
    bins,
    edges.map((each) => each.length + 1),
    rows.length,
    options,
  );
  const rowLimit = options.rowShare * 2 ** 32;
  let best = { error: meanAbsolute(heldTarget, heldValues), trees: 0, nodes: 0, values: heldValues.slice() };
  for (let tree = 0; tree < options.trees; tree++) {
    drawnGroups.fill(0);
    for (const group of drawn(present, options.groupShare, random)) drawnGroups[group] = 1;
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      const residual = residuals[i]!;
      clipped[i] = Math.max(-options.clip, Math.min(options.clip, residual));
      if (drawnGroups[groups[rows[i]!]!] === 1 && random() < rowLimit) pool[count++] = i;
    }
    const seen = drawn([...columns.keys()], options.columnShare, random);
    const root = grower.grow(nodes, clipped, pool.subarray(0, count), seen);
    roots.push(root);
    for (let i = 0; i < rows.length; i++) residuals[i]! -= leafValue(nodes, root, bins, i);
    if (held.length === 0) continue;
    for (let i = 0; i < held.length; i++) heldValues[i]! += leafValue(nodes, root, heldBins, i);
    const error = meanAbsolute(heldTarget, heldValues);
    if (error < best.error) best = { error, trees: tree + 1, nodes: nodes.column.length, values: heldValues.slice() };
    else if (tree + 1 - best.trees >= options.patience) break;
  }
  if (held.length > 0) cutBack(nodes, roots, best);
  const stored = { base, edges: edges.map((each) => [...each]), roots, ...nodes };
  return { trees: stored, heldValues: best.values };
}

/** Forgets the trees past the best. */
function cutBack(nodes: TreeNodes, roots: number[], best: { trees: number; nodes: number }): void {
  roots.length = best.trees;
  for (const list of [nodes.column, nodes.bin, nodes.missingLeft, nodes.left, nodes.value]) list.length = best.nodes;
}

function gathered(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]!);
}

function meanAbsolute(target: Float64Array, values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < target.length; i++) sum += Math.abs(target[i]! - values[i]!);
  return sum / target.length;
}

function leafValue(nodes: TreeNodes, root: number, bins: readonly Uint8Array[], row: number): number {
  let node = root;
  for (;;) {
    const column = nodes.column[node]!;
    if (column === -1) return nodes.value[node]!;
    const bin = bins[column]![row]!;
    const goesLeft = bin === MISSING_BIN ? nodes.missingLeft[node] === 1 : bin <= nodes.bin[node]!;
    node = nodes.left[node]! + (goesLeft ? 0 : 1);
  }
}

/** So large a share of them, at least one, in random order. */
function drawn(all: readonly number[], share: number, random: () => number): number[] {
  const pool = [...all];
  const count = Math.max(1, Math.round(share * pool.length));
  for (let i = 0; i < count; i++) {
    const j = i + randomBelow(pool.length - i, random);
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, count);
}

/** Values of single rows; the trees are made ready once. */
export function treeValues(trees: BoostedTrees): (row: ArrayLike<number>) => number {
  const cells = new Uint8Array(trees.edges.length);
  return (row) => {
    for (let i = 0; i < cells.length; i++) cells[i] = binOf(row[i]!, trees.edges[i]!);
    let value = trees.base;
    for (const root of trees.roots) {
      let node = root;
      for (;;) {
        const column = trees.column[node]!;
        if (column === -1) break;
        const bin = cells[column]!;
        const goesLeft = bin === MISSING_BIN ? trees.missingLeft[node] === 1 : bin <= trees.bin[node]!;
        node = trees.left[node]! + (goesLeft ? 0 : 1);
      }
      value += trees.value[node]!;
    }
    return value;
  };
}
