// The functions of a call tree with what each has in all, wherever it was called from.

import { selfColumn } from './call-self.ts';
import { GROUPING_KIND, type CallTree } from './call-tree.ts';

/** Columns of one length: a position is a function that has samples. */
export interface CallFunctions {
  /** Position in the tree's labels. */
  readonly label: Uint32Array;
  /** In the tree's unit; of a recursive function's total each sample counts once. */
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly selfSamples: Uint32Array;
  readonly samples: Uint32Array;
  /** What the baseline has; null where nothing is compared. */
  readonly baselineSelf: Float64Array | null;
  readonly baselineTotal: Float64Array | null;
}

export function callFunctions(tree: CallTree): CallFunctions {
  const { labels, baseline } = tree;
  const count = labels.name.length;
  const self = new Float64Array(count);
  const total = new Float64Array(count);
  const selfSamples = new Uint32Array(count);
  const samples = new Uint32Array(count);
  const isThere = new Uint8Array(count);
  const baselineSelf = baseline && new Float64Array(count);
  const baselineTotal = baseline && new Float64Array(count);
  // Behind which node the outermost call of a label that was begun ends.
  const openTo = new Uint32Array(count);
  for (let node = 1; node < tree.label.length; node++) {
    const label = tree.label[node]!;
    if (labels.kind[label] === GROUPING_KIND) continue;
    isThere[label] = 1;
    const own = selfColumn(tree, node);
    if (own !== null) {
      self[label]! += tree[own][node]!;
      selfSamples[label]! += tree[own === 'self' ? 'selfSamples' : 'samples'][node]!;
      if (baseline !== null) baselineSelf![label]! += baseline[own][node]!;
    }
    if (node < openTo[label]!) continue;
    openTo[label] = tree.end[node]!;
    total[label]! += tree.total[node]!;
    samples[label]! += tree.samples[node]!;
    if (baseline !== null) baselineTotal![label]! += baseline.total[node]!;
  }
  const label = Uint32Array.from(isThere.keys()).filter((one) => isThere[one] === 1);
  const taken = (values: Float64Array) => Float64Array.from(label, (one) => values[one]!);
  return {
    label,
    self: taken(self),
    total: taken(total),
    selfSamples: Uint32Array.from(label, (one) => selfSamples[one]!),
    samples: Uint32Array.from(label, (one) => samples[one]!),
    baselineSelf: baselineSelf && taken(baselineSelf),
    baselineTotal: baselineTotal && taken(baselineTotal),
  };
}
