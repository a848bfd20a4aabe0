// Red with a run queue: more threads want to run than there are CPUs. They wait for each other's turns and throw each other out of the caches.

import { LEAVING_REASONS, type Profile, type ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import { OVERSUBSCRIBED } from './limits.ts';
import { finding, isTold } from './make-finding.ts';
import { normalCdf } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import { areEnough, cellsOf, meanOver, rangesOf, stretchesOf, type Stretch } from './stretches.ts';
import { threadShares } from './thread-time.ts';
import type { Timeline } from './timeline.ts';
import { waitsIn } from './waits.ts';
import { duration, othersBusy, percent, threadName } from './words.ts';

export function findOversubscribed(profile: Profile, chosen: Chosen, timeline: Timeline): ProfileFinding[] {
  const { waiting, busy } = timeline;
  const { capacity } = chosen;
  if (waiting === null || capacity === null) return [];
  const enter = Math.max(OVERSUBSCRIBED.enter * capacity, OVERSUBSCRIBED.minThreads);
  const stay = (enter * OVERSUBSCRIBED.stay) / OVERSUBSCRIBED.enter;
  const stretches = stretchesOf(
    timeline,
    (cell) => waiting[cell]! > enter,
    (cell) => waiting[cell]! > stay,
  );
  if (!areEnough(stretches, timeline)) return [];
  const mean = meanOver(stretches, waiting);
  const confidence = normalCdf((mean - stay) / standardError(stretches, waiting, mean));
  if (!isTold(confidence)) return [];
  const ranges = rangesOf(stretches, timeline);
  const set = new RangeSet(ranges);
  const ran = meanOver(stretches, busy);
  const others = meanOver(stretches, timeline.others);
  const siblings = meanOver(stretches, timeline.siblings);
  const waits = waitsIn(profile, set, (thread) => chosen.threads[thread] === 1);
  const longest = waits.toSorted((a, b) => b.readyNs - a.readyNs).filter(({ readyNs }) => readyNs > 0);
  const preempted = preemptions(profile, chosen, set) / (lengthOf(ranges) / 1e9);
  const least = ran / 4;
  return [
    finding(chosen, 'oversubscribed', {
      what: `for ${duration(lengthOf(ranges))} more threads wanted to run than there were CPUs: ${ran.toFixed(2)} ran and ${mean.toFixed(2)} were ready and waited, on ${capacity} CPUs`,
      ranges,
      confidence,
      evidence: [
        `threads that could run did not for ${percent(mean / (mean + ran))} of their time`,
        `${preempted.toFixed(0)} times a second a thread was put off its CPU by another`,
        ...othersBusy(profile, others, siblings, least).map((fact) => `${fact} meanwhile`),
        ...longest
          .slice(0, 4)
          .map(({ thread, readyNs }) => `${threadName(profile, thread)} stood ready for ${duration(readyNs)}`),
        ...threadShares(profile, chosen, set)
          .slice(0, 3)
          .map(({ thread, share }) => `${percent(share)} of the CPU time had ${threadName(profile, thread)}`),
      ],
      todo: [
        ...(others - siblings > least ? ['other programs took the CPUs: run them elsewhere, or at another time'] : []),
        'fewer workers for this machine, or fewer threads for each encode (threads, pools, lp)',
        'for latency: leave a CPU free, so that a frame needs not wait for its turn',
      ],
    }),
  ];
}

/** Of a mean over cells; never so small that a handful of equal cells looks certain. */
function standardError(stretches: readonly Stretch[], values: Float64Array, mean: number): number {
  const count = cellsOf(stretches);
  let squares = 0;
  for (const { from, to } of stretches) for (let cell = from; cell < to; cell++) squares += (values[cell]! - mean) ** 2;
  return Math.max(0.02 * mean, Math.sqrt(squares / Math.max(1, count - 1) / count));
}

function preemptions({ spans }: Profile, chosen: Chosen, ranges: RangeSet): number {
  const running = LEAVING_REASONS.indexOf('running');
  let count = 0;
  for (let span = 0; span < spans!.endNs.length; span++) {
    if (spans!.left[span] === running && chosen.threads[spans!.thread[span]!] === 1 && ranges.has(spans!.endNs[span]!))
      count++;
  }
  return count;
}
