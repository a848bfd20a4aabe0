// Samples of a JavaScript engine that waited, in formats that know no idle thread.

import type { Profile } from '#core/profile';

/** How V8 calls it (Chrome DevTools Protocol, Profiler), whatever a profile went through since. */
const IDLE = '(idle)';

/** The same profile, in which those samples are of a thread 0, as those of idle CPUs are. */
export function idleApart(profile: Profile): Profile {
  const { functions, stacks, threads, samples } = profile;
  if (!functions.name.includes(IDLE)) return profile;
  const isIdle = (sample: number) => {
    const stack = samples.stack[sample]!;
    return (
      stack >= 0 && functions.name[stacks.function[stack]!] === IDLE && threads.thread[samples.thread[sample]!] !== 0
    );
  };
  if (!samples.thread.some((_, sample) => isIdle(sample))) return profile;
  const idleThread = threads.thread.length;
  return {
    ...profile,
    threads: {
      process: Int32Array.of(...threads.process, -1),
      thread: Int32Array.of(...threads.thread, 0),
      processName: [...threads.processName, ''],
      name: [...threads.name, 'idle'],
    },
    samples: {
      ...samples,
      thread: samples.thread.map((thread, sample) => (isIdle(sample) ? idleThread : thread)),
    },
  };
}
