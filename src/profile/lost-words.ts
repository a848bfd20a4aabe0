// What was lost of a profile, in words: samples, or whatever the kernel counted.

import type { Profile } from '#core/profile';

/** `40 samples and 502 scheduler events`; null where nothing was lost, or nobody tells. */
export function lostWords({ header, spans }: Pick<Profile, 'header' | 'spans'>): string | null {
  const { lost, lostEvents } = header;
  if ((lost ?? 0) + (lostEvents ?? 0) === 0) return null;
  const samples = counted(lost!, 'sample');
  if (lostEvents === undefined)
    return spans === null ? samples : `${counted(lost!, 'record')}, samples or scheduler events`;
  const events = counted(lostEvents, spans === null ? 'other record' : 'scheduler event');
  return lostEvents === 0 ? samples : lost === 0 ? events : `${samples} and ${events}`;
}

/** Of scheduler events that a frequency thinned: stays on CPUs can't be told from them. */
export function someRecorded(events: Iterable<string>): string {
  return `Scheduler events: only some of ${[...events].join(', ')} were recorded. Give the frequency to the samples alone: perf record -e cpu-clock/freq=999/ -e sched:sched_switch`;
}

/** Samples alone; null where nobody tells, or not apart from other records. */
export function lostSamples({ header, spans }: Pick<Profile, 'header' | 'spans'>): number | null {
  return spans !== null && header.lostEvents === undefined && (header.lost ?? 0) > 0 ? null : header.lost;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
