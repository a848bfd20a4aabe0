// The command line of `perf record` (perf-record(1)).

import type { ProfileWanted } from '#core/profile';

/** All that runs and idle CPUs, or some processes with all that they start. */
export type PerfScope = 'system' | { readonly pids: readonly number[] };

/** Descriptors of the child: commands for perf come in by the first, its answers go out by the second. */
const CONTROL = ['--control', 'fd:0,3'];
/** Pages of 4 KiB for each CPU: a quarter of a second of a busy scheduler with its stacks. Only the privileged may have as many. */
const SYSTEM_PAGES = ['--mmap-pages', '1024'];

/** Scheduler events: a stack where a thread leaves, none where it is woken. */
const SWITCH_EVENTS = [
  'sched:sched_switch/call-graph=fp/',
  'sched:sched_wakeup/call-graph=no/',
  'sched:sched_wakeup_new/call-graph=no/',
];

/**
 * What is recorded, on the monotonic clock. The frequency belongs to the samples alone: given for all events it would
 * thin the scheduler's as well.
 */
export function eventArguments(wanted: ProfileWanted, system: boolean): string[] {
  const stacks = wanted.stacks === 'dwarf' ? 'dwarf' : 'fp';
  const events = [`cpu-clock/freq=${wanted.frequencyHz},call-graph=${stacks},name=cpu-clock/`];
  if (wanted.switches) events.push(...SWITCH_EVENTS);
  return [
    'record',
    '--clockid',
    'CLOCK_MONOTONIC',
    // Build ids would be looked for in all the data at the end, and files copied: the symbols are read here and now.
    '--no-buildid',
    '--no-buildid-cache',
    ...(system ? ['--all-cpus', ...SYSTEM_PAGES] : []),
    ...events.flatMap((event) => ['--event', event]),
  ];
}

/**
 * Waits for a word before it records, and takes it by `--control`.
 * @param output path of a file; null for standard output
 * @param maxBytes of the file
 */
export function recordArguments(
  wanted: ProfileWanted,
  scope: PerfScope,
  output: string | null,
  maxBytes: number,
): string[] {
  return [
    ...eventArguments(wanted, scope === 'system'),
    ...(scope === 'system' ? [] : ['--pid', scope.pids.join(',')]),
    ...CONTROL,
    '--delay=-1',
    ...(output === null ? ['--output', '-'] : ['--output', output, `--max-size=${maxBytes}B`]),
  ];
}
