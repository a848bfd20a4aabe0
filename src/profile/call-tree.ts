// A call tree as columns: what a flame graph draws. Nodes stand in the order in which they are drawn, each before what it calls, so that
// what a node has called, all of it, is a range of positions.

import { FUNCTION_KINDS, INSTRUCTION_KINDS } from '#core/profile';

/** What weights are counted in. */
export type CallUnit = 'ns' | 'samples' | 'bytes';

/** Code of a label that is no function: all, a thread, a library. It follows those of FUNCTION_KINDS. */
export const GROUPING_KIND = FUNCTION_KINDS.length;

/** Numbers of a node in `CallTree.instructions`: one for each code of INSTRUCTION_KINDS. */
export const INSTRUCTION_CODES = INSTRUCTION_KINDS.length;

/** What nodes are called. The first `functions` of them are the functions of the profile, by their positions. */
export interface CallLabels {
  readonly name: readonly string[];
  /** Empty where it is no function. */
  readonly library: readonly string[];
  /** Code in FUNCTION_KINDS, or GROUPING_KIND. */
  readonly kind: Uint8Array;
  /** Position by name. */
  readonly rank: Uint32Array;
  readonly functions: number;
}

/** What another selection has at each node. */
export interface CallBaseline {
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly samples: Uint32Array;
}

/** Where in a tree the innermost functions stand, those that samples were taken in; null for the callers of one function, which has none of them. */
export type InnermostAt = 'leaves' | 'roots' | null;

/** What `samples` counts: samples, each of which stands for about as much, or stays off the CPU, whose lengths are told exactly. */
export type CallCounted = 'samples' | 'stays';

export interface CallTree {
  readonly counted: CallCounted;
  readonly innermost: InnermostAt;
  readonly labels: CallLabels;
  readonly unit: CallUnit;
  /** Node 0 is everything and has no parent: -1. */
  readonly parent: Int32Array;
  /** Nodes from i + 1 up to this one, exclusive, stand on node i. */
  readonly end: Uint32Array;
  /** Position in `labels`. */
  readonly label: Uint32Array;
  /** 0 of node 0. */
  readonly depth: Uint32Array;
  /** In `unit`, of what ends at a node: of a function's own time call-self.ts tells. total = self + the totals of the children. */
  readonly self: Float64Array;
  readonly total: Float64Array;
  readonly selfSamples: Uint32Array;
  readonly samples: Uint32Array;
  /** Samples by kind of instruction, INSTRUCTION_CODES numbers a node; null where no sample tells. */
  readonly instructions: Uint32Array | null;
  /** Null where nothing is compared. */
  readonly baseline: CallBaseline | null;
  /** Samples that are only counted at the root, as the tree would have become too large. */
  readonly cut: number;
}

/** How siblings follow each other; `time` is that of their first sample. */
export type CallOrder = 'name' | 'weight' | 'time';

/** Samples and weights of their own of some stacks, before they are added up. */
export interface CallSums {
  readonly weight: Float64Array;
  readonly samples: Uint32Array;
  readonly instructions: Uint32Array | null;
  /** Number of the first sample + 1, 0 where there is none; null where nobody asks. */
  readonly first: Uint32Array | null;
}

/** A tree whose nodes have their own samples only. Parents stand before their children; node 0 is everything. */
export interface RawCallTree {
  readonly parent: Int32Array;
  readonly label: Uint32Array;
  readonly sums: CallSums;
  readonly baseline: CallSums | null;
  /** `leaves` where it is left out. */
  readonly innermost?: InnermostAt;
  /** A node is followed by what stands on it, siblings by name: it is numbered as it is drawn. */
  readonly isByName?: boolean;
  /** As `CallTree` has it. */
  readonly cut: number;
}

export function emptySums(length: number, hasInstructions: boolean, hasFirst: boolean): CallSums {
  return {
    weight: new Float64Array(length),
    samples: new Uint32Array(length),
    instructions: hasInstructions ? new Uint32Array(length * INSTRUCTION_CODES) : null,
    first: hasFirst ? new Uint32Array(length) : null,
  };
}

/** Adds what stands at one place to another place, of the same sums or of others of the same shape. */
export function addSums(from: CallSums, source: number, to: CallSums, target: number): void {
  to.weight[target]! += from.weight[source]!;
  to.samples[target]! += from.samples[source]!;
  if (from.instructions !== null && to.instructions !== null) {
    const a = source * INSTRUCTION_CODES;
    const b = target * INSTRUCTION_CODES;
    for (let kind = 0; kind < INSTRUCTION_CODES; kind++) to.instructions[b + kind]! += from.instructions[a + kind]!;
  }
  if (from.first !== null && to.first !== null) {
    const first = from.first[source]!;
    const known = to.first[target]!;
    if (first !== 0 && (known === 0 || first < known)) to.first[target] = first;
  }
}
