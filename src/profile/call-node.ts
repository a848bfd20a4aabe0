// What a node of a call tree is about, in numbers.

import { FUNCTION_KINDS, INSTRUCTION_KINDS } from '#core/profile';
import { selfWeight } from './call-self.ts';
import { GROUPING_KIND, INSTRUCTION_CODES, type CallTree } from './call-tree.ts';
import { wilson, type Interval } from './diagnosis/proportion.ts';

export interface CallNodeFacts {
  readonly name: string;
  /** Empty where it is no function. */
  readonly library: string;
  readonly kind: (typeof FUNCTION_KINDS)[number] | 'grouping';
  /** In the tree's unit; null where the tree does not tell it. */
  readonly self: number | null;
  readonly total: number;
  /** Of the weight of the tree, 0 to 1; NaN of an empty one. */
  readonly share: number;
  readonly interval: Interval;
  readonly selfSamples: number;
  readonly samples: number;
  /** Of the samples whose instruction is known, 0 to 1; null where none is. */
  readonly vectorShare: number | null;
  /** Weight and share in what it is compared with; null where nothing is. */
  readonly baseline: { readonly total: number; readonly share: number; readonly samples: number } | null;
}

export function nodeFacts(tree: CallTree, node: number): CallNodeFacts {
  const { labels, baseline } = tree;
  const label = tree.label[node]!;
  const kind = labels.kind[label]!;
  return {
    name: labels.name[label]!,
    library: labels.library[label]!,
    kind: kind === GROUPING_KIND ? 'grouping' : FUNCTION_KINDS[kind]!,
    self: selfWeight(tree, node),
    total: tree.total[node]!,
    share: tree.total[node]! / tree.total[0]!,
    interval: shareInterval(tree, node),
    selfSamples: tree.selfSamples[node]!,
    samples: tree.samples[node]!,
    vectorShare: vectorShare(tree, node),
    baseline: baseline && {
      total: baseline.total[node]!,
      share: baseline.total[node]! / baseline.total[0]!,
      samples: baseline.samples[node]!,
    },
  };
}

/**
 * Between which shares of the whole a node's true share lies, with 95 % confidence: Wilson's score interval over the number of samples of
 * the tree. Samples of unequal weight are taken as equal, which makes it a little too narrow for them. Stays off the CPU are no sample of anything: their share is exact.
 */
export function shareInterval(tree: CallTree, node: number): Interval {
  const whole = tree.total[0]!;
  const share = whole > 0 ? Math.min(1, tree.total[node]! / whole) : 0;
  return tree.counted === 'stays' ? { low: share, high: share } : wilson(share, tree.samples[0]!);
}

/** Share of vector instructions (SSE, AVX, AVX-512) among the samples of a node whose instruction is known, 0 to 1; null where none is. */
export function vectorShare({ instructions }: CallTree, node: number): number | null {
  if (instructions === null) return null;
  const at = node * INSTRUCTION_CODES;
  let known = 0;
  for (let kind = 1; kind < INSTRUCTION_CODES; kind++) known += instructions[at + kind]!;
  return known === 0 ? null : 1 - instructions[at + INSTRUCTION_KINDS.indexOf('scalar')]! / known;
}

/** Nodes from the outermost down to one, that one last, node 0 first. */
export function nodePath(tree: CallTree, node: number): number[] {
  const path: number[] = [];
  for (let at = node; at >= 0; at = tree.parent[at]!) path.push(at);
  return path.toReversed();
}

/** The node of another tree that is reached by the same names, or the last one on the way that is there. */
export function sameNode(tree: CallTree, node: number, other: CallTree): number {
  let found = 0;
  for (const step of nodePath(tree, node).slice(1)) {
    const label = tree.label[step]!;
    let child = found + 1;
    while (child < other.end[found]! && !isSame(tree, label, other, other.label[child]!)) child = other.end[child]!;
    if (child >= other.end[found]!) return found;
    found = child;
  }
  return found;
}

function isSame(one: CallTree, label: number, other: CallTree, otherLabel: number): boolean {
  if (one.labels === other.labels) return label === otherLabel;
  return (
    one.labels.name[label] === other.labels.name[otherLabel] &&
    one.labels.library[label] === other.labels.library[otherLabel]
  );
}
