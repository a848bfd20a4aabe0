// Whether the stays that the scheduler told of are all that there were: the samples tell how long threads ran at least.

import type { Profile } from '#core/profile';
import { isIdleThread } from './heatmap-rows.ts';
import { UNTOLD_REMARK } from './scheduler-spans.ts';

/** With less of the time in stays that samples saw, most of them are missing. Complete recordings had 88 % and more. */
const LEAST_TOLD = 0.6;
/** Fewer samples tell nothing. */
const LEAST_SAMPLES = 100;

/** The same profile; without its stays, and saying so, where the samples saw threads run for much longer than that. */
export function withTrustedSpans(profile: Profile): Profile {
  const { header, samples, spans, threads } = profile;
  if (spans === null || header.sampleNs === null || samples.weight !== null) return profile;
  let busy = 0;
  for (const thread of samples.thread) if (!isIdleThread(threads, thread)) busy++;
  const seenNs = busy * header.sampleNs;
  const toldNs = spans.endNs.reduce((sum, endNs, span) => sum + endNs - spans.startNs[span]!, 0);
  if (busy < LEAST_SAMPLES || toldNs >= LEAST_TOLD * seenNs) return profile;
  const remark = `Scheduler events: they tell of ${seconds(toldNs)} on CPUs, and the samples of ${seconds(seenNs)}. Of a single program perf tells when it leaves a CPU, and not when it comes: record all CPUs (perf record -a).`;
  const absent = [...header.absent.filter((line) => line !== UNTOLD_REMARK), remark];
  return { ...profile, header: { ...header, absent }, spans: null };
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toFixed(2)} s`;
}
