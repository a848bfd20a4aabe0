// Adds a raw tree up, leaves out what has no samples, orders siblings and numbers the nodes as they are drawn: a few passes over columns,
// nothing else is allocated.

import {
  INSTRUCTION_CODES,
  type CallCounted,
  type CallLabels,
  type CallOrder,
  type CallTree,
  type CallUnit,
  type RawCallTree,
} from './call-tree.ts';

/** Groups of siblings that are longer are sorted by the engine. */
const SHORT_GROUP = 16;

/**
 * Column after column, so that each lies in the cache while it is worked on; what has no samples is left out before anything is added up.
 */
export function finishTree(
  raw: RawCallTree,
  labels: CallLabels,
  order: CallOrder,
  unit: CallUnit,
  counted: CallCounted = 'samples',
): CallTree {
  const { sums, baseline } = raw;
  const size = sizes(raw, sums.samples, baseline?.samples ?? null);
  const isInOrder = raw.isByName === true && order === 'name';
  const { places, nodes } = isInOrder
    ? keptNodes(size)
    : numberNodes(raw, size, orderSiblings(raw, size, labels, order));
  const shape = structure(raw.parent, size, places, nodes);
  const { parent } = shape;
  const floats = (values: Float64Array) => taken(values, nodes, new Float64Array(nodes.length));
  const counts = (values: Uint32Array) => taken(values, nodes, new Uint32Array(nodes.length));
  const self = floats(sums.weight);
  const selfSamples = counts(sums.samples);
  const baselineSelf = baseline && floats(baseline.weight);
  return {
    counted,
    innermost: raw.innermost === undefined ? 'leaves' : raw.innermost,
    labels,
    unit,
    ...shape,
    label: counts(raw.label),
    self,
    total: addedUp(parent, self.slice()),
    selfSamples,
    samples: addedUp(parent, selfSamples.slice()),
    instructions: sums.instructions && addedInstructions(parent, nodes, sums.instructions),
    baseline: baselineSelf && {
      self: baselineSelf,
      total: addedUp(parent, baselineSelf.slice()),
      samples: addedUp(parent, counts(baseline.samples)),
    },
    cut: raw.cut,
  };
}

/**
 * The same tree with all its nodes, siblings by name.
 * @returns its parents and labels, and its node for each of the raw ones
 */
export function orderedByName(raw: RawCallTree, labels: CallLabels) {
  const size = sizes(raw, new Uint32Array(raw.parent.length).fill(1), null);
  const { places, nodes } = numberNodes(raw, size, orderSiblings(raw, size, labels, 'name'));
  const { parent } = structure(raw.parent, size, places, nodes);
  return { parent, label: taken(raw.label, nodes, new Uint32Array(nodes.length)), places };
}

/** What each node has itself becomes what its subtree has: from the last to the first, as parents stand before their children. */
function addedUp<A extends Float64Array | Uint32Array>(parent: Int32Array, values: A): A {
  for (let node = parent.length - 1; node > 0; node--) values[parent[node]!]! += values[node]!;
  return values;
}

function addedInstructions(parent: Int32Array, nodes: Uint32Array, values: Uint32Array): Uint32Array {
  const added = new Uint32Array(nodes.length * INSTRUCTION_CODES);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const from = nodes[at]! * INSTRUCTION_CODES;
    const own = at * INSTRUCTION_CODES;
    const above = at === 0 ? -1 : parent[at]! * INSTRUCTION_CODES;
    for (let kind = 0; kind < INSTRUCTION_CODES; kind++) {
      const sum = (added[own + kind]! += values[from + kind]!);
      if (above >= 0) added[above + kind]! += sum;
    }
  }
  return added;
}

/** How many nodes of each subtree stay: those with samples, and node 0. */
function sizes({ parent }: RawCallTree, samples: Uint32Array, others: Uint32Array | null): Uint32Array {
  const size = new Uint32Array(parent.length);
  for (let node = parent.length - 1; node > 0; node--) {
    if (samples[node] === 0 && size[node] === 0 && (others === null || others[node] === 0)) continue;
    size[node]!++;
    size[parent[node]!]! += size[node]!;
  }
  size[0]!++;
  return size;
}

/** The number of each raw node, and the raw node of each number: a node, then the subtrees of its children. */
function numberNodes({ parent }: RawCallTree, size: Uint32Array, siblings: Siblings) {
  const places = new Uint32Array(parent.length);
  const nodes = new Uint32Array(size[0]!);
  for (let node = 0; node < parent.length; node++) {
    if (size[node] === 0) continue;
    nodes[places[node]!] = node;
    let next = places[node]! + 1;
    for (let i = siblings.start[node]!; i < siblings.start[node + 1]!; i++) {
      const child = siblings.nodes[i]!;
      places[child] = next;
      next += size[child]!;
    }
  }
  return { places, nodes };
}

/** As `numberNodes`, where they stand in that order already. */
function keptNodes(size: Uint32Array) {
  const places = new Uint32Array(size.length);
  const nodes = new Uint32Array(size[0]!);
  let count = 0;
  for (let node = 0; node < size.length; node++) {
    if (size[node] === 0) continue;
    places[node] = count;
    nodes[count++] = node;
  }
  return { places, nodes };
}

function structure(rawParent: Int32Array, size: Uint32Array, places: Uint32Array, nodes: Uint32Array) {
  const parent = new Int32Array(nodes.length);
  const end = new Uint32Array(nodes.length);
  const depth = new Uint32Array(nodes.length);
  parent[0] = -1;
  end[0] = nodes.length;
  for (let at = 1; at < nodes.length; at++) {
    const node = nodes[at]!;
    const its = places[rawParent[node]!]!;
    parent[at] = its;
    end[at] = at + size[node]!;
    depth[at] = depth[its]! + 1;
  }
  return { parent, end, depth };
}

function taken<A extends Float64Array | Uint32Array>(values: A, nodes: Uint32Array, into: A): A {
  for (let at = 0; at < nodes.length; at++) into[at] = values[nodes[at]!]!;
  return into;
}

interface Siblings {
  /** Children of node n stand from `start[n]` up to `start[n + 1]`. */
  readonly start: Uint32Array;
  readonly nodes: Uint32Array;
}

function orderSiblings(raw: RawCallTree, size: Uint32Array, { rank }: CallLabels, order: CallOrder): Siblings {
  const { parent, label, sums } = raw;
  const start = new Uint32Array(parent.length + 1);
  for (let node = 1; node < parent.length; node++) if (size[node] !== 0) start[parent[node]! + 1]!++;
  for (let node = 0; node < parent.length; node++) start[node + 1]! += start[node]!;
  const nodes = new Uint32Array(start[parent.length]!);
  const next = start.slice(0, -1);
  for (let node = 1; node < parent.length; node++) if (size[node] !== 0) nodes[next[parent[node]!]!++] = node;
  const byName = (a: number, b: number) => rank[label[a]!]! - rank[label[b]!]!;
  const first = order === 'time' && sums.first !== null ? earliest(parent, sums.first.slice()) : null;
  const weight = order === 'weight' ? addedUp(parent, sums.weight.slice()) : null;
  if (weight !== null) sortGroups({ start, nodes }, (a, b) => weight[b]! - weight[a]! || byName(a, b));
  // What is only in the baseline has no time: last.
  else if (first !== null)
    sortGroups({ start, nodes }, (a, b) => ((first[a]! - 1) >>> 0) - ((first[b]! - 1) >>> 0) || byName(a, b));
  else sortGroups({ start, nodes }, byName);
  return { start, nodes };
}

/** The first sample of each subtree. 0 is none: as an unsigned number it is behind all others once 1 is taken away. */
function earliest(parent: Int32Array, first: Uint32Array): Uint32Array {
  for (let node = parent.length - 1; node > 0; node--) {
    const its = parent[node]!;
    if ((first[node]! - 1) >>> 0 < (first[its]! - 1) >>> 0) first[its] = first[node]!;
  }
  return first;
}

function sortGroups({ start, nodes }: Siblings, compare: (a: number, b: number) => number): void {
  for (let node = 0; node + 1 < start.length; node++) {
    const from = start[node]!;
    const to = start[node + 1]!;
    if (to - from < 2) continue;
    if (to - from > SHORT_GROUP) {
      nodes.subarray(from, to).sort(compare);
      continue;
    }
    for (let i = from + 1; i < to; i++) {
      const moved = nodes[i]!;
      let at = i;
      while (at > from && compare(nodes[at - 1]!, moved) > 0) {
        nodes[at] = nodes[at - 1]!;
        at--;
      }
      nodes[at] = moved;
    }
  }
}
