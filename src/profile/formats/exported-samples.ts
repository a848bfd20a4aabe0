// What exporters read of a profile: the samples of a selection, what each stands for, and their stacks.

import { FUNCTION_KINDS, SYMBOL_SOURCES, type Profile, type ProfileSelection } from '#core/profile';
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

const NO_NAME = '[unknown]';
const NONE = SYMBOL_SOURCES.indexOf('none');

/**
 * What each function is called in other tools' formats. Code without a name has that of its library, `[libx264.so.164]`, as
 * stackcollapse-perf.pl and pprof have it: they know functions by their names alone.
 */
export function exportedNames({ functions, libraries }: Pick<Profile, 'functions' | 'libraries'>): string[] {
  return functions.name.map((name, i) => {
    const library = libraries[functions.library[i]!]!;
    if (name !== NO_NAME || functions.source[i] !== NONE || library === '') return name;
    return library.startsWith('[') ? library : `[${library}]`;
  });
}

/** The FlameGraph scripts' marks. */
const MARKS = FUNCTION_KINDS.map((kind) => ({ unknown: '', user: '', kernel: '_[k]', jit: '_[j]' })[kind]);

/** `exportedNames`, with the mark of its kind behind a function of the kernel or JIT whose name one of another kind has too. */
export function markedNames(profile: Pick<Profile, 'functions' | 'libraries'>): string[] {
  const { kind } = profile.functions;
  const names = exportedNames(profile);
  const firstKind = new Map<string, number>();
  const shared = new Set<string>();
  for (const [i, name] of names.entries()) {
    const first = firstKind.get(name);
    if (first === undefined) firstKind.set(name, kind[i]!);
    else if (first !== kind[i]) shared.add(name);
  }
  return names.map((name, i) => (shared.has(name) ? name + MARKS[kind[i]!]! : name));
}
