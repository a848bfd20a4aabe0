// CPU time by thread in some ranges of time.

import type { Profile } from '#core/profile';
import type { Chosen } from './chosen.ts';
import type { RangeSet } from './ranges.ts';

/** Shares of all CPU time of the chosen threads there, the largest first: from scheduler events, else from samples. */
export function threadShares(
  { spans, samples, threads }: Profile,
  chosen: Chosen,
  ranges: RangeSet,
): { readonly thread: number; readonly share: number }[] {
  const time = new Float64Array(threads.thread.length);
  const isOurs = (thread: number, cpu: number) =>
    chosen.threads[thread] === 1 && (chosen.cpus === null || chosen.cpus.has(cpu));
  if (spans !== null && spans.startNs.length > 0) {
    for (let i = 0; i < spans.startNs.length; i++) {
      if (isOurs(spans.thread[i]!, spans.cpu[i]!))
        time[spans.thread[i]!]! += ranges.overlapNs(spans.startNs[i]!, spans.endNs[i]!);
    }
  } else {
    for (let i = 0; i < samples.timeNs.length; i++) {
      if (isOurs(samples.thread[i]!, samples.cpu[i]!) && ranges.has(samples.timeNs[i]!))
        time[samples.thread[i]!]! += samples.weight === null ? 1 : samples.weight[i]!;
    }
  }
  const sum = time.reduce((a, b) => a + b, 0);
  return Array.from(time, (ns, thread) => ({ thread, share: ns / sum }))
    .filter(({ share }) => share > 0)
    .toSorted((a, b) => b.share - a.share);
}
