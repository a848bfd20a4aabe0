// Writes folded stacks, as the FlameGraph scripts read them.

import type { Profile, ProfileSelection } from '#core/profile';
import { countStacks, functionsOf, markedNames } from './exported-samples.ts';

const NO_STACK = '[no stack]';

/**
 * A line for each different stack, its thread's name first as stackcollapse-perf.pl has it; none where threads are not known. Behind
 * it the number of samples, or where each has a weight of its own their sum: nanoseconds or bytes.
 */
export function* foldedLines(profile: Profile, selection: ProfileSelection): Generator<string> {
  const { samples, threads } = profile;
  const names = markedNames(profile).map(foldedName);
  const counts = new Map<string, number>();
  for (const { thread, stack, samples: count, weight } of countStacks(profile, selection)) {
    const called = functionsOf(profile, stack).map((each) => names[each]!);
    const name = threads.thread[thread] === -1 && threads.name[thread] === '' ? [] : [threadName(profile, thread)];
    const path = [...called, ...name].toReversed();
    const line = (path.length === 0 ? [NO_STACK] : path).join(';');
    counts.set(line, (counts.get(line) ?? 0) + (samples.weight === null ? count : weight));
  }
  const isWhole = profile.header.weightUnit !== 'samples';
  for (const [line, count] of counts) yield `${line} ${isWhole ? Math.round(count) : count}\n`;
}

function threadName({ threads }: Profile, thread: number): string {
  const name = threads.name[thread]!;
  return foldedName(name === '' ? `thread ${threads.thread[thread]}` : name.replaceAll(' ', '_'));
}

/** What separates functions and lines may not stand in a name. */
function foldedName(name: string): string {
  return name.replaceAll(';', ':').replaceAll(/[\r\n]+/g, ' ');
}
