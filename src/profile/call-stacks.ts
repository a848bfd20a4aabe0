// The stacks of a profile in the order in which a flame graph draws them, made once: then a selection's samples are counted where they are
// drawn, and its tree is passes from one end of columns to the other.

import type { Profile } from '#core/profile';
import { orderedByName } from './call-finish.ts';
import { allLabel, noStackLabel, profileLabels } from './call-labels.ts';
import { emptySums } from './call-tree.ts';

/** Columns of one length: a row for everything, one for what has no stack, and one for each stack. */
export interface OrderedStacks {
  readonly parent: Int32Array;
  readonly label: Uint32Array;
  /** -1 of the two rows that are no stack. */
  readonly stack: Int32Array;
  /** Row of a stack, at its number + 1. */
  readonly row: Uint32Array;
}

const knownStacks = new WeakMap<Profile, OrderedStacks>();
const knownRows = new WeakMap<Int32Array, Uint32Array>();

export function orderedStacks(profile: Profile): OrderedStacks {
  const known = knownStacks.get(profile);
  if (known !== undefined) return known;
  const { stacks } = profile;
  const count = stacks.parent.length;
  const labels = profileLabels(profile);
  const rawParent = new Int32Array(count + 2);
  const rawLabel = new Uint32Array(count + 2);
  rawParent[0] = -1;
  rawLabel[0] = allLabel(labels);
  rawLabel[1] = noStackLabel(labels);
  for (let stack = 0; stack < count; stack++) {
    const its = stacks.parent[stack]!;
    rawParent[stack + 2] = its < 0 ? 0 : its + 2;
  }
  rawLabel.set(stacks.function, 2);
  const raw = { parent: rawParent, label: rawLabel, sums: emptySums(count + 2, false, false), baseline: null, cut: 0 };
  const { parent, label, places } = orderedByName(raw, labels);
  const row = places.slice(1);
  const stackOf = new Int32Array(count + 2).fill(-1);
  for (let stack = 0; stack < count; stack++) stackOf[row[stack + 1]!] = stack;
  const made = { parent, label, stack: stackOf, row };
  knownStacks.set(profile, made);
  return made;
}

/** Row of each of a column of stacks, made once for each column. */
export function rowsOf(column: Int32Array, { row }: OrderedStacks): Uint32Array {
  let rows = knownRows.get(column);
  if (rows === undefined) {
    rows = new Uint32Array(column.length);
    for (let event = 0; event < rows.length; event++) rows[event] = row[column[event]! + 1]!;
    knownRows.set(column, rows);
  }
  return rows;
}
