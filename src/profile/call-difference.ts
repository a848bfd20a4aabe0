// Two call trees in one: what changed, and what is only in one of them. Nodes are matched by their functions' names, libraries and ways.

import { finishTree } from './call-finish.ts';
import { joinLabels } from './call-labels.ts';
import {
  addSums,
  emptySums,
  INSTRUCTION_CODES,
  type CallLabels,
  type CallOrder,
  type CallSums,
  type CallTree,
} from './call-tree.ts';
import { differenceInterval, Z95 } from './diagnosis/proportion.ts';
import { StackTrie } from './stack-trie.ts';

/** `tree` with what `baseline` has at the same nodes; nodes that only `baseline` has are there with nothing of their own. */
export function differentialTree(tree: CallTree, baseline: CallTree, order: CallOrder = 'name'): CallTree {
  const joined = join(tree, baseline);
  const ofTree = ownSums(tree, joined.ofTree, joined.count);
  const ofBaseline = ownSums(baseline, joined.ofBaseline, joined.count);
  return finishTree(
    { ...joined, innermost: tree.innermost, sums: ofTree, baseline: ofBaseline, cut: tree.cut + baseline.cut },
    joined.labels,
    order,
    tree.unit,
  );
}

/** Only what `tree` has and `baseline` does not: ways that nothing of the baseline went. */
export function elidedTree(tree: CallTree, baseline: CallTree, order: CallOrder = 'name'): CallTree {
  const joined = join(tree, baseline);
  const isCommon = new Uint8Array(joined.count);
  for (const node of joined.ofBaseline) isCommon[node] = 1;
  const sums = emptySums(joined.count, tree.instructions !== null, false);
  const own = ownSums(tree, joined.ofTree, joined.count);
  for (let node = 0; node < joined.count; node++) if (isCommon[node] === 0) addSums(own, node, sums, node);
  const { innermost } = tree;
  const raw = { ...joined, innermost, sums, baseline: null, cut: tree.cut + baseline.cut };
  return finishTree(raw, joined.labels, order, tree.unit, tree.counted);
}

/**
 * How much more of the whole a node has than in the baseline.
 * @param normalised shares of each whole; else weights, as a share of the larger whole
 * @returns -1 to 1; 0 where nothing is compared
 */
export function nodeChange(tree: CallTree, node: number, normalised: boolean): number {
  if (tree.baseline === null) return 0;
  const whole = tree.total[0]!;
  const before = tree.baseline.total[0]!;
  const value = tree.total[node]!;
  const baseline = tree.baseline.total[node]!;
  if (normalised) return shareOf(value, whole) - shareOf(baseline, before);
  return shareOf(value - baseline, Math.max(whole, before));
}

/** Below so many samples on either side the graphs are not compared: with hundreds of ways, one sample is always on a rare one. */
export const LEAST_COMPARED = 30;

/** Whether a difference from the baseline could be told from chance at all. */
export function isComparable({ samples, baseline }: CallTree): boolean {
  return baseline === null || Math.min(samples[0]!, baseline.samples[0]!) >= LEAST_COMPARED;
}

/**
 * Whether the 95 % interval of a node's change leaves 0 out: Newcombe's of two shares; of weights that of two Poisson counts. Samples of
 * unequal weight are taken as equal.
 */
export function isChangeSure(tree: CallTree, node: number, normalised: boolean): boolean {
  const { baseline } = tree;
  if (baseline === null || !isComparable(tree)) return false;
  if (!normalised) {
    const variance =
      poissonVariance(tree.total[node]!, tree.samples[node]!) +
      poissonVariance(baseline.total[node]!, baseline.samples[node]!);
    return Math.abs(tree.total[node]! - baseline.total[node]!) > Z95 * Math.sqrt(variance);
  }
  const share = Math.min(1, shareOf(tree.total[node]!, tree.total[0]!));
  const before = Math.min(1, shareOf(baseline.total[node]!, baseline.total[0]!));
  const { low, high } = differenceInterval(share, tree.samples[0]!, before, baseline.samples[0]!);
  return low > 0 || high < 0;
}

/** Of a sum of so many equal weights. */
const poissonVariance = (total: number, samples: number) => (samples > 0 ? (total * total) / samples : 0);

const shareOf = (value: number, whole: number) => (whole > 0 ? value / whole : 0);

interface JoinedTrees {
  readonly labels: CallLabels;
  readonly count: number;
  readonly parent: Int32Array;
  readonly label: Uint32Array;
  /** Joined node of each node. */
  readonly ofTree: Uint32Array;
  readonly ofBaseline: Uint32Array;
}

function join(tree: CallTree, baseline: CallTree): JoinedTrees {
  const { labels, ofOther } = joinLabels(tree.labels, baseline.labels);
  const trie = new StackTrie();
  const place = (one: CallTree, labelOf: (label: number) => number) => {
    const places = new Uint32Array(one.parent.length);
    for (let node = 0; node < places.length; node++) {
      const above = node === 0 ? -1 : places[one.parent[node]!]!;
      places[node] = trie.add(above, labelOf(one.label[node]!));
    }
    return places;
  };
  const ofTree = place(tree, (label) => label);
  const ofBaseline = place(baseline, (label) => ofOther[label]!);
  const table = trie.table();
  return { labels, count: table.parent.length, parent: table.parent, label: table.function, ofTree, ofBaseline };
}

function ownSums(tree: CallTree, places: Uint32Array, count: number): CallSums {
  const sums = emptySums(count, tree.instructions !== null, false);
  for (let node = 0; node < places.length; node++) {
    const place = places[node]!;
    sums.weight[place]! += tree.self[node]!;
    sums.samples[place]! += tree.selfSamples[node]!;
    if (tree.instructions === null) continue;
    // A node's instructions are those of its whole subtree: its own are what its children leave.
    for (let kind = 0; kind < INSTRUCTION_CODES; kind++) {
      const known = tree.instructions[node * INSTRUCTION_CODES + kind]!;
      sums.instructions![place * INSTRUCTION_CODES + kind]! += known;
      if (node > 0) sums.instructions![places[tree.parent[node]!]! * INSTRUCTION_CODES + kind]! -= known;
    }
  }
  return sums;
}
