// The time that was spent in functions themselves, whichever way a call tree stands.

import { GROUPING_KIND, type CallTree } from './call-tree.ts';

/**
 * Which of a node's columns is the time in its function itself. With the innermost functions at the root that is all of a root's total, and
 * a caller has none of it: null.
 */
export function selfColumn({ innermost, labels, label, parent }: CallTree, node: number): 'self' | 'total' | null {
  if (innermost === 'leaves' || node === 0 || labels.kind[label[node]!] === GROUPING_KIND) return 'self';
  const isRoot = labels.kind[label[parent[node]!]!] === GROUPING_KIND;
  return innermost === 'roots' && isRoot ? 'total' : null;
}

/** In the tree's unit; null where the tree does not tell it, as that of a function's callers. */
export function selfWeight(tree: CallTree, node: number): number | null {
  if (tree.innermost === null) return null;
  const column = selfColumn(tree, node);
  return column === null ? 0 : tree[column][node]!;
}
