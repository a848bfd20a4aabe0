// The flame graph of any part of a profile, from its columns alone: selected samples are counted into the stacks where they were taken, and
// one pass from the last stack to the first adds them up, since a stack stands behind the one that it was called from.

import type { Profile, ProfileSelection } from '#core/profile';
import { addEvent, countByStack, eventsByGroup } from './call-counts.ts';
import { sampleEvents, waitEvents, type CallEvents } from './call-events.ts';
import { finishTree } from './call-finish.ts';
import { groupEvents, type CallGrouping } from './call-groups.ts';
import { allLabel, firstGroupLabel, noStackLabel, profileLabels, withGroups } from './call-labels.ts';
import { orderedStacks } from './call-stacks.ts';
import { addSums, emptySums, type CallOrder, type CallSums, type CallTree, type RawCallTree } from './call-tree.ts';
import { StackTrie } from './stack-trie.ts';

export interface CallTreeRequest {
  readonly selection: ProfileSelection;
  /** `waiting`: times off the CPU in place of samples on it. */
  readonly weights?: 'samples' | 'waiting';
  /** `callers`: reversed, innermost functions at the root. */
  readonly direction?: 'callees' | 'callers';
  /** Position of a function: only what it has called or, by `direction`, who has called it, from its outermost call on. */
  readonly focus?: number | null;
  /** What stands between everything and the outermost functions. */
  readonly group?: CallGrouping | null;
  readonly order?: CallOrder;
  /** Samples of idle CPUs count too. */
  readonly withIdle?: boolean;
  /** Of a tree that is reversed or grouped: what would go beyond is only counted at the root. */
  readonly maxNodes?: number;
}

/** About 250 MB of columns. */
const MAX_NODES = 4_000_000;

/**
 * The call tree of a part of a profile. Recursion is kept.
 * @returns null where waits are asked for and the scheduler was not watched
 */
export function callTree(profile: Profile, request: CallTreeRequest): CallTree | null {
  const { selection, weights = 'samples', direction = 'callees', focus = null, group = null } = request;
  const { order = 'name', withIdle = false, maxNodes = MAX_NODES } = request;
  const events = weights === 'waiting' ? waitEvents(profile, selection) : sampleEvents(profile, selection);
  if (events === null) return null;
  const counted = weights === 'waiting' ? 'stays' : 'samples';
  const labels = profileLabels(profile);
  const withFirst = order === 'time';
  if (group === null) {
    const ordered = orderedStacks(profile);
    const { parent, label, stack } = ordered;
    const sums = countByStack(profile, ordered, events, selection, withIdle, withFirst);
    if (focus === null && direction === 'callees')
      return finishTree(
        { parent, label, sums, baseline: null, isByName: true, cut: 0 },
        labels,
        order,
        events.unit,
        counted,
      );
    return finishTree(
      walked(profile, [{ label: -1, stacks: stack, sums }], direction, focus, maxNodes),
      labels,
      order,
      events.unit,
      counted,
    );
  }
  const { names, groupOf } = groupEvents(profile, events, group);
  const { start, events: ordered } = eventsByGroup(profile, events, selection, withIdle, names.length, groupOf);
  const rows = new Int32Array(profile.stacks.parent.length + 1);
  const batches = names.map((_, its) =>
    countGroup(events, ordered.subarray(start[its]!, start[its + 1]!), rows, firstGroupLabel(labels) + its, withFirst),
  );
  return finishTree(
    walked(profile, batches, direction, focus, maxNodes),
    withGroups(labels, names),
    order,
    events.unit,
    counted,
  );
}

/** Stacks of one group with their samples. */
interface Batch {
  /** Of the group; -1 where there are no groups. */
  readonly label: number;
  /** Stack of each row, -1 for none. */
  readonly stacks: Int32Array;
  readonly sums: CallSums;
}

/** @param rows row + 1 of each stack + 1: all 0 before and after */
function countGroup(
  events: CallEvents,
  chosen: Uint32Array,
  rows: Int32Array,
  label: number,
  withFirst: boolean,
): Batch {
  const stacks: number[] = [];
  for (const event of chosen) {
    const stack = events.stack[event]!;
    if (rows[stack + 1] === 0) rows[stack + 1] = stacks.push(stack);
  }
  const sums = emptySums(stacks.length, events.instruction !== null, withFirst);
  for (const event of chosen) addEvent(events, event, sums, rows[events.stack[event]! + 1]! - 1);
  for (const stack of stacks) rows[stack + 1] = 0;
  return { label, stacks: Int32Array.from(stacks), sums };
}

/** Each stack is walked once for each group that it is in, and what is the same on the way is the same node. */
function walked(
  profile: Profile,
  batches: readonly Batch[],
  direction: 'callees' | 'callers',
  focus: number | null,
  maxNodes: number,
): RawCallTree {
  const { stacks } = profile;
  const labels = profileLabels(profile);
  const outermost = focus === null ? null : outermostCalls(profile, focus);
  const trie = new StackTrie(batches.reduce((sum, { stacks: chosen }) => sum + chosen.length, 0));
  trie.add(-1, allLabel(labels));
  const targets = batches.map(() => new Uint32Array(0));
  /** Node of each stack in the group at hand: nodes below `firstOfGroup` are those of groups before it. */
  const placeOf = new Int32Array(stacks.parent.length).fill(-1);
  const path: number[] = [];
  let cut = 0;
  for (const [its, { label, stacks: chosen, sums }] of batches.entries()) {
    const firstOfGroup = trie.size;
    const root = label < 0 ? 0 : -1;
    let group = root;
    const places = (targets[its] = new Uint32Array(sums.samples.length));
    for (let row = 0; row < places.length; row++) {
      if (sums.samples[row] === 0) continue;
      const stack = chosen[row]!;
      const top = outermost === null ? stack : stack < 0 ? -1 : outermost[stack]!;
      if (outermost !== null && top < 0) continue;
      if (group < 0) group = trie.add(0, label);
      if (trie.size >= maxNodes) {
        places[row] = group + 1;
        cut += sums.samples[row]!;
      } else if (stack < 0) places[row] = trie.add(group, noStackLabel(labels)) + 1;
      else if (direction === 'callers') places[row] = reversedPlace(top) + 1;
      else places[row] = place(stack, top) + 1;
    }

    /** Climbs to what is known already, and comes down again. */
    function place(stack: number, top: number): number {
      path.length = 0;
      let at = stack;
      while (at >= 0 && placeOf[at]! < firstOfGroup) {
        path.push(at);
        at = outermost !== null && at === top ? -1 : stacks.parent[at]!;
      }
      let node = at < 0 ? group : placeOf[at]!;
      for (let i = path.length - 1; i >= 0; i--) placeOf[path[i]!] = node = trie.add(node, stacks.function[path[i]!]!);
      return node;
    }

    function reversedPlace(from: number): number {
      if (placeOf[from]! >= firstOfGroup) return placeOf[from]!;
      let node = group;
      for (let at = from; at >= 0; at = stacks.parent[at]!) node = trie.add(node, stacks.function[at]!);
      return (placeOf[from] = node);
    }
  }
  const table = trie.table();
  const [first] = batches;
  const hasFirst = first !== undefined && first.sums.first !== null;
  const sums = emptySums(table.parent.length, first !== undefined && first.sums.instructions !== null, hasFirst);
  for (const [its, places] of targets.entries()) {
    for (let row = 0; row < places.length; row++) {
      if (places[row] !== 0) addSums(batches[its]!.sums, row, sums, places[row]! - 1);
    }
  }
  const innermost = direction === 'callees' ? 'leaves' : focus === null ? 'roots' : null;
  return { parent: table.parent, label: table.function, sums, baseline: null, innermost, cut };
}

/** Of each stack the outermost stack on its way that ends in a function; -1 where it isn't on it. */
function outermostCalls({ stacks }: Profile, called: number): Int32Array {
  const outermost = new Int32Array(stacks.parent.length);
  for (let stack = 0; stack < outermost.length; stack++) {
    const its = stacks.parent[stack]!;
    const above = its < 0 ? -1 : outermost[its]!;
    outermost[stack] = above >= 0 ? above : stacks.function[stack] === called ? stack : -1;
  }
  return outermost;
}
