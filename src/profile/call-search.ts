// Finds functions in a call tree by their name or library, and how much of the whole they are.

import { GROUPING_KIND, type CallLabels, type CallTree } from './call-tree.ts';

export type CallSearch =
  | { readonly matches: (text: string) => boolean; readonly problem: null }
  | { readonly matches: null; readonly problem: string };

/** Text is found anywhere, in either case; `/…/` is a regular expression, `/…/i` one for either case. */
export function parseSearch(text: string): CallSearch {
  const expression = /^\/(.+)\/(i?)$/.exec(text);
  if (expression === null) {
    const wanted = text.toLowerCase();
    return { matches: (name) => name.toLowerCase().includes(wanted), problem: null };
  }
  try {
    const pattern = new RegExp(expression[1]!, expression[2]);
    return { matches: (name) => pattern.test(name), problem: null };
  } catch (error) {
    return { matches: null, problem: (error as Error).message };
  }
}

/** 1 for each label that is found by its name or its library. */
export function matchLabels(labels: CallLabels, matches: (text: string) => boolean): Uint8Array {
  const found = new Uint8Array(labels.name.length);
  const libraries = new Map<string, boolean>();
  for (let label = 0; label < found.length; label++) {
    const library = labels.library[label]!;
    let isLibrary = libraries.get(library);
    if (isLibrary === undefined) libraries.set(library, (isLibrary = library !== '' && matches(library)));
    found[label] = isLibrary || matches(labels.name[label]!) ? 1 : 0;
  }
  // Everything is never what is looked for.
  found[labels.functions] = 0;
  return found;
}

export interface CallMatches {
  /** Nodes that were found. */
  readonly nodes: number;
  readonly weight: number;
  readonly samples: number;
  /** Of the weight of the tree, 0 to 1; NaN of an empty one. */
  readonly share: number;
}

/** What the nodes of some labels have together: what stands on one that was counted is not counted again. */
export function sumMatches(tree: CallTree, found: Uint8Array): CallMatches {
  let nodes = 0;
  let weight = 0;
  let samples = 0;
  let counted = 0;
  for (let node = 0; node < tree.label.length; node++) {
    if (found[tree.label[node]!] === 0) continue;
    nodes++;
    if (node < counted) continue;
    weight += tree.total[node]!;
    samples += tree.samples[node]!;
    counted = tree.end[node]!;
  }
  return { nodes, weight, samples, share: tree.total[0]! > 0 ? weight / tree.total[0]! : Number.NaN };
}

/** The next node of some labels behind another one, from the beginning again; -1 where there is none. */
export function nextMatch(tree: CallTree, found: Uint8Array, after: number): number {
  const count = tree.label.length;
  for (let i = 1; i <= count; i++) {
    const node = (after + i) % count;
    if (found[tree.label[node]!] === 1) return node;
  }
  return -1;
}

/** Whether a label is a function. */
export const isFunction = (labels: CallLabels, label: number) => labels.kind[label] !== GROUPING_KIND;
