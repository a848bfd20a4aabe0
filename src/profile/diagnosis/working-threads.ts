// The threads that a person would ask about: those that did a fair part of the work.

import type { Profile } from '#core/profile';
import type { Chosen } from './chosen.ts';
import type { Timeline } from './timeline.ts';

/** Of the CPU time of all chosen threads. */
const WORKING_SHARE = 0.02;
/** Where nobody did that much these are told. */
const FEW = 3;
const MAX = 64;
/** Threads of the kernel, and the profiler itself. */
const NOT_WORK = /^(kworker|ksoftirqd|rcu_|migration|kcompactd|kswapd|perf$|perf-exec$)/;

export function workingThreads(profile: Profile, chosen: Chosen, { cpuNs }: Timeline): ReadonlySet<number> {
  const all = Array.from(cpuNs, (ns, thread) => ({ ns, thread })).filter(
    ({ ns, thread }) => ns > 0 && chosen.threads[thread] === 1 && !NOT_WORK.test(profile.threads.processName[thread]!),
  );
  const sum = all.reduce((total, { ns }) => total + ns, 0);
  const sorted = all.toSorted((a, b) => b.ns - a.ns);
  const working = sorted.filter(({ ns }) => ns >= WORKING_SHARE * sum).slice(0, MAX);
  return new Set((working.length > 0 ? working : sorted.slice(0, FEW)).map(({ thread }) => thread));
}
