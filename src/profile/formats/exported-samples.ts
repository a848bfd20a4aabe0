// What exporters read of a profile: the samples of a selection, what each stands for, and their stacks.

import type { Profile, ProfileSelection } from '#core/profile';
import { isSelected, sampleRowsWithin } from '../selection.ts';

/** Visits the rows of the samples that are selected, by time. */
export function eachSelected(profile: Profile, selection: ProfileSelection, visit: (row: number) => void): void {
  const { samples } = profile;
  sampleRowsWithin(samples, selection.rangesNs, (from, to) => {
    for (let row = from; row < to; row++) if (isSelected(selection, samples, row)) visit(row);
  });
}

/** What a sample stands for, in the profile's unit; 1 where nobody knows. */
export function weightOf({ header, samples }: Profile, row: number): number {
  if (samples.weight !== null) return samples.weight[row]!;
  return header.weightUnit === 'ns' ? (header.sampleNs ?? 1) : 1;
}

/** Samples of one thread with one stack. */
export interface StackCount {
  readonly thread: number;
  /** -1 where no stack was taken. */
  readonly stack: number;
  samples: number;
  /** In the profile's unit. */
  weight: number;
}

/** The samples of a selection by thread and stack, in the order in which they were first seen. */
export function countStacks(profile: Profile, selection: ProfileSelection): StackCount[] {
  const { samples, stacks } = profile;
  const places = stacks.parent.length + 1;
  const counts = new Map<number, StackCount>();
  eachSelected(profile, selection, (row) => {
    const [thread, stack] = [samples.thread[row]!, samples.stack[row]!];
    const key = thread * places + stack + 1;
    let count = counts.get(key);
    if (count === undefined) counts.set(key, (count = { thread, stack, samples: 0, weight: 0 }));
    count.samples++;
    count.weight += weightOf(profile, row);
  });
  return [...counts.values()];
}

/** Functions of a stack, the innermost first. */
export function functionsOf({ stacks }: Profile, stack: number): number[] {
  const functions: number[] = [];
  for (let node = stack; node >= 0; node = stacks.parent[node]!) functions.push(stacks.function[node]!);
  return functions;
}
