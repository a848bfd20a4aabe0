// Counts the events of a selection into the stacks where they were taken: the only loop that sees each sample.

import type { Profile, ProfileSelection } from '#core/profile';
import { emptySums, INSTRUCTION_CODES, type CallSums } from './call-tree.ts';
import type { CallEvents } from './call-events.ts';
import { rowsOf, type OrderedStacks } from './call-stacks.ts';

/** A row for each of `orderedStacks`: a sample costs one place in one column, whatever is counted of it. */
export function countByStack(
  profile: Profile,
  ordered: OrderedStacks,
  events: CallEvents,
  selection: ProfileSelection,
  withIdle: boolean,
  withFirst: boolean,
): CallSums {
  const { stack, cpu, thread, weight, instruction, pieces, each } = events;
  const rows = ordered.parent.length;
  const rowOf = rowsOf(stack, ordered);
  const sums = emptySums(rows, instruction !== null, withFirst);
  const counts = sums.instructions ?? sums.samples;
  const stride = sums.instructions === null ? 1 : INSTRUCTION_CODES;
  const threadTaken = takenThreads(profile, selection, withIdle);
  const cpuTaken = takenCpus(selection);
  const { first } = sums;
  for (let piece = 0; piece < pieces.length; piece += 2) {
    const to = pieces[piece + 1]!;
    for (let event = pieces[piece]!; event < to; event++) {
      if (threadTaken[thread[event]!] === 0 || (cpuTaken !== null && cpuTaken[cpu[event]! + 1] !== 1)) continue;
      const row = rowOf[event]!;
      counts[row * stride + (instruction === null ? 0 : instruction[event]!)]!++;
      if (weight !== null) sums.weight[row]! += weight[event]!;
      if (first !== null && first[row] === 0) first[row] = event + 1;
    }
  }
  if (sums.instructions !== null) addKinds(sums.instructions, sums.samples);
  if (weight === null) for (let row = 0; row < rows; row++) sums.weight[row] = sums.samples[row]! * each;
  return sums;
}

function addKinds(instructions: Uint32Array, samples: Uint32Array): void {
  for (let row = 0, at = 0; row < samples.length; row++) {
    let sum = 0;
    for (let kind = 0; kind < INSTRUCTION_CODES; kind++) sum += instructions[at++]!;
    samples[row] = sum;
  }
}

/** Events of a selection in the order of their groups, and among those in that of their time. */
export interface GroupedEvents {
  readonly events: Uint32Array;
  /** Those of group g stand from `start[g]` up to `start[g + 1]`. */
  readonly start: Uint32Array;
}

/** @param groupOf group of an event; -1 leaves it out */
export function eventsByGroup(
  profile: Profile,
  events: CallEvents,
  selection: ProfileSelection,
  withIdle: boolean,
  groups: number,
  groupOf: (event: number) => number,
): GroupedEvents {
  const threadTaken = takenThreads(profile, selection, withIdle);
  const cpuTaken = takenCpus(selection);
  const group = new Int32Array(events.stack.length).fill(-1);
  const start = new Uint32Array(groups + 1);
  for (let piece = 0; piece < events.pieces.length; piece += 2) {
    for (let event = events.pieces[piece]!; event < events.pieces[piece + 1]!; event++) {
      if (threadTaken[events.thread[event]!] === 0) continue;
      if (cpuTaken !== null && cpuTaken[events.cpu[event]! + 1] !== 1) continue;
      const its = groupOf(event);
      group[event] = its;
      if (its >= 0) start[its + 1]!++;
    }
  }
  for (let g = 0; g < groups; g++) start[g + 1]! += start[g]!;
  const ordered = new Uint32Array(start[groups]!);
  const next = start.slice();
  for (let event = 0; event < group.length; event++) {
    const its = group[event]!;
    if (its >= 0) ordered[next[its]!++] = event;
  }
  return { events: ordered, start };
}

/** Adds one event to a row. */
export function addEvent(events: CallEvents, event: number, sums: CallSums, row: number): void {
  sums.samples[row]!++;
  sums.weight[row]! += events.weight === null ? events.each : events.weight[event]!;
  if (events.instruction !== null) sums.instructions![row * INSTRUCTION_CODES + events.instruction[event]!]!++;
  if (sums.first !== null && (sums.first[row] === 0 || sums.first[row]! > event + 1)) sums.first[row] = event + 1;
}

/** 1 for each thread whose samples count. Where all that ran was watched, an idle CPU's thread has number 0. */
function takenThreads({ threads, header }: Profile, selection: ProfileSelection, withIdle: boolean): Uint8Array {
  const taken = new Uint8Array(threads.thread.length);
  for (let thread = 0; thread < taken.length; thread++) {
    const isChosen = selection.threads === null || selection.threads.has(thread);
    const isIdle = header.scope === 'system' && threads.thread[thread] === 0;
    taken[thread] = isChosen && (withIdle || !isIdle) ? 1 : 0;
  }
  return taken;
}

/** 1 for each CPU whose samples count, at its number + 1; null for all. */
function takenCpus({ cpus }: ProfileSelection): Uint8Array | null {
  if (cpus === null) return null;
  const taken = new Uint8Array(Math.max(0, ...cpus) + 2);
  for (const cpu of cpus) taken[cpu + 1] = 1;
  return taken;
}
