// One regression tree, grown leaf by leaf: the leaf whose split gains most is split next. Sums of each bin (histograms) stand for the rows.

import { MISSING_BIN } from './boosted-trees-bins.ts';

/** Nodes of trees one after the other, as columns; the two children of a node follow each other. */
export interface TreeNodes {
  /** The column whose bin decides; -1 for a leaf. */
  readonly column: number[];
  /** Rows of this bin or a lower one go left. */
  readonly bin: number[];
  /** 1 where rows without a value go left. */
  readonly missingLeft: number[];
  /** Index of the left child; the right one is next. 0 for a leaf. */
  readonly left: number[];
  /** What a leaf adds; 0 elsewhere. */
  readonly value: number[];
}

/** How far a tree is grown. */
export interface TreeLimits {
  readonly leaves: number;
  /** A leaf holds no fewer rows. */
  readonly leafRows: number;
  /** Shrinks the values of small leaves: so many rows of residual zero are added to each. */
  readonly ridge: number;
  /** What leaves add is multiplied by it. */
  readonly shrinkage: number;
}

/** Leaves are whole steps of it, as they are stored. */
const VALUE_STEPS = 1e6;

interface Leaf {
  readonly node: number;
  /** Its rows are `rows[from..to-1]`. */
  readonly from: number;
  readonly to: number;
  readonly sum: number;
  readonly histogram: Float64Array;
  split: Split | null;
}

interface Split {
  readonly gain: number;
  readonly column: number;
  readonly bin: number;
  readonly missingLeft: boolean;
}

/** Grows trees on rows of the same table; its buffers are used again for each tree. */
export class TreeGrower {
  readonly #bins: readonly Uint8Array[];
  /** Where each column begins in a histogram (a sum and a count for each bin), and where the last one ends. */
  readonly #starts: Int32Array;
  readonly #limits: TreeLimits;
  readonly #ordered: Float64Array;
  readonly #moved: Int32Array;
  readonly #histograms: Float64Array[] = [];

  /**
   * @param bins of each row, column by column
   * @param highest bin of each column
   */
  constructor(bins: readonly Uint8Array[], highest: readonly number[], rows: number, limits: TreeLimits) {
    this.#bins = bins;
    this.#starts = new Int32Array(bins.length + 1);
    for (const [column, bin] of highest.entries()) this.#starts[column + 1] = this.#starts[column]! + 2 * (bin + 1);
    this.#limits = limits;
    this.#ordered = new Float64Array(rows);
    this.#moved = new Int32Array(rows);
  }

  /**
   * Appends a tree that fits the residuals (squared loss).
   * @param rows those to grow it on; their order is changed
   * @param columns those that it may look at
   * @returns the tree's root
   */
  grow(nodes: TreeNodes, residuals: Float64Array, rows: Int32Array, columns: readonly number[]): number {
    const root = addNode(nodes);
    let sum = 0;
    for (const row of rows) sum += residuals[row]!;
    const histogram = this.#takeHistogram();
    this.#fill(histogram, residuals, rows, 0, rows.length, columns);
    const open: Leaf[] = [this.#leaf({ node: root, from: 0, to: rows.length, sum, histogram }, columns)];
    for (let leaves = 1; leaves < this.#limits.leaves; leaves++) {
      const best = bestLeaf(open);
      if (best === -1) break;
      const [parent] = open.splice(best, 1);
      open.push(...this.#divide(nodes, parent!, residuals, rows, columns));
    }
    for (const leaf of open) {
      const value = (this.#limits.shrinkage * leaf.sum) / (leaf.to - leaf.from + this.#limits.ridge);
      // Zero is added so that none is stored as -0, which JSON has not.
      nodes.value[leaf.node] = Math.round(value * VALUE_STEPS) / VALUE_STEPS + 0;
      this.#histograms.push(leaf.histogram);
    }
    return root;
  }

  /** Splits a leaf in two: the smaller child is counted anew, the larger is what is left of the parent. */
  #divide(nodes: TreeNodes, parent: Leaf, residuals: Float64Array, rows: Int32Array, columns: readonly number[]) {
    const { column, bin, missingLeft } = parent.split!;
    const middle = this.#part(rows, parent, this.#bins[column]!, bin, missingLeft);
    const left = addNode(nodes);
    const right = addNode(nodes);
    nodes.column[parent.node] = column;
    nodes.bin[parent.node] = bin;
    nodes.missingLeft[parent.node] = missingLeft ? 1 : 0;
    nodes.left[parent.node] = left;
    let leftSum = 0;
    for (let i = parent.from; i < middle; i++) leftSum += residuals[rows[i]!]!;
    const leftIsSmall = middle - parent.from < parent.to - middle;
    const small = this.#takeHistogram();
    if (leftIsSmall) this.#fill(small, residuals, rows, parent.from, middle, columns);
    else this.#fill(small, residuals, rows, middle, parent.to, columns);
    const large = parent.histogram;
    for (const each of columns) {
      const end = this.#starts[each + 1]!;
      for (let i = this.#starts[each]!; i < end; i++) large[i]! -= small[i]!;
    }
    const sides = leftIsSmall ? [small, large] : [large, small];
    return [
      this.#leaf({ node: left, from: parent.from, to: middle, sum: leftSum, histogram: sides[0]! }, columns),
      this.#leaf(
        { node: right, from: middle, to: parent.to, sum: parent.sum - leftSum, histogram: sides[1]! },
        columns,
      ),
    ];
  }

  #leaf(leaf: Omit<Leaf, 'split'>, columns: readonly number[]): Leaf {
    return { ...leaf, split: this.#bestSplit(leaf, columns) };
  }

  #takeHistogram(): Float64Array {
    return this.#histograms.pop() ?? new Float64Array(this.#starts.at(-1)!);
  }

  #fill(
    histogram: Float64Array,
    residuals: Float64Array,
    rows: Int32Array,
    from: number,
    to: number,
    columns: readonly number[],
  ) {
    const ordered = this.#ordered;
    for (let i = from; i < to; i++) ordered[i] = residuals[rows[i]!]!;
    for (const column of columns) {
      const bins = this.#bins[column]!;
      const start = this.#starts[column]!;
      histogram.fill(0, start, this.#starts[column + 1]!);
      for (let i = from; i < to; i++) {
        const at = start + 2 * bins[rows[i]!]!;
        histogram[at]! += ordered[i]!;
        histogram[at + 1]! += 1;
      }
    }
  }

  /** Rows that go left to the front, both sides in their former order. */
  #part(rows: Int32Array, leaf: Leaf, bins: Uint8Array, bin: number, missingLeft: boolean): number {
    const moved = this.#moved;
    let left = leaf.from;
    let right = 0;
    for (let i = leaf.from; i < leaf.to; i++) {
      const row = rows[i]!;
      const value = bins[row]!;
      if (value === MISSING_BIN ? missingLeft : value <= bin) rows[left++] = row;
      else moved[right++] = row;
    }
    for (let i = 0; i < right; i++) rows[left + i] = moved[i]!;
    return left;
  }

  /** The split that lowers the squared error most, with the rows without a value on either side; null where none does. */
  #bestSplit(leaf: Omit<Leaf, 'split'>, columns: readonly number[]): Split | null {
    const { leafRows, ridge } = this.#limits;
    const { sum, histogram } = leaf;
    const count = leaf.to - leaf.from;
    if (count < 2 * leafRows) return null;
    const whole = (sum * sum) / (count + ridge);
    let gain = 1e-9;
    let best: Split | null = null;
    for (const column of columns) {
      const start = this.#starts[column]!;
      const bins = (this.#starts[column + 1]! - start) / 2;
      const missingSum = histogram[start + 2 * MISSING_BIN]!;
      const missingCount = histogram[start + 2 * MISSING_BIN + 1]!;
      let lowSum = 0;
      let lowCount = 0;
      for (let bin = MISSING_BIN + 1; bin < bins; bin++) {
        const here = histogram[start + 2 * bin + 1]!;
        if (here === 0) continue;
        lowSum += histogram[start + 2 * bin]!;
        lowCount += here;
        // Past the last bin with rows, the split parts those with a value from those without.
        for (let side = missingCount > 0 ? 0 : 1; side < 2; side++) {
          const leftCount = side === 0 ? lowCount + missingCount : lowCount;
          const rightCount = count - leftCount;
          if (leftCount < leafRows || rightCount < leafRows) continue;
          const leftSum = side === 0 ? lowSum + missingSum : lowSum;
          const rightSum = sum - leftSum;
          const gained =
            (leftSum * leftSum) / (leftCount + ridge) + (rightSum * rightSum) / (rightCount + ridge) - whole;
          if (gained <= gain) continue;
          gain = gained;
          const missingLeft = missingCount > 0 ? side === 0 : leftCount > rightCount;
          best = { gain, column, bin, missingLeft };
        }
      }
    }
    return best;
  }
}

function bestLeaf(open: readonly Leaf[]): number {
  let best = -1;
  let gain = 0;
  for (const [index, { split }] of open.entries()) {
    if (split === null || split.gain <= gain) continue;
    best = index;
    gain = split.gain;
  }
  return best;
}

function addNode(nodes: TreeNodes): number {
  nodes.column.push(-1);
  nodes.bin.push(0);
  nodes.missingLeft.push(0);
  nodes.left.push(0);
  nodes.value.push(0);
  return nodes.column.length - 1;
}
