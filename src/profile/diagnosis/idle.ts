// Idle columns: nearly nothing ran although the data is there. What the threads waited for tells what to do.

import type { Profile, ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import type { Coverage } from './coverage.ts';
import { CELL_NS, IDLE, MIN_SHARE, SAMPLES_A_CELL } from './limits.ts';
import { finding, isTold } from './make-finding.ts';
import { ownIdle, tellsOwnIdle } from './own-idle.ts';
import { probablyBelow } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import { areEnough, cellsOf, meanOver, rangesOf, stretchesOf } from './stretches.ts';
import type { Timeline } from './timeline.ts';
import type { WaitKind } from './wait-kinds.ts';
import { waitSentences, waitsIn } from './waits.ts';
import { duration, listed, othersBusy, percent } from './words.ts';
import { workingThreads } from './working-threads.ts';

export function findIdle(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline,
  coverage: Coverage | null,
): ProfileFinding[] {
  if (tellsOwnIdle(profile, chosen)) return findOwnIdle(profile, chosen);
  const capacity = chosen.single ? 1 : chosen.capacity;
  if (capacity === null) return [];
  const isKnown = coverage !== null || timeline.exact || chosen.single;
  const { busy, wanted } = timeline;
  const enter = Math.min(IDLE.enter * capacity, IDLE.maxCpus);
  const stay = (enter * IDLE.stay) / IDLE.enter;
  const stretches = stretchesOf(
    timeline,
    (cell) => wanted[cell]! < enter,
    (cell) => wanted[cell]! < stay,
  );
  if (!areEnough(stretches, timeline)) return [];
  const mean = meanOver(stretches, busy);
  const ranges = rangesOf(stretches, timeline);
  const observations = cellsOf(stretches) * timeline.observations;
  const confidence = probablyBelow(mean / capacity, stay / capacity, observations) * (isKnown ? 1 : NOT_KNOWN_COVERAGE);
  if (!isTold(confidence)) return [];

  const ns = lengthOf(ranges);
  const others = meanOver(stretches, timeline.others);
  const siblings = meanOver(stretches, timeline.siblings);
  const working = workingThreads(profile, chosen, timeline);
  const waits = waitsIn(profile, new RangeSet(ranges), (thread) => working.has(thread));
  const evidence = [
    ...waitSentences(profile, waits, ns),
    ...(profile.spans === null
      ? [`the scheduler was not watched: nobody knows what the ${chosen.single ? 'thread' : 'threads'} waited for`]
      : []),
    ...(isKnown ? [] : ['idle CPUs were not sampled: what looks idle may also be time without data']),
    inStretches(stretches.length, othersBusy(profile, others, siblings, 0.05 * capacity)),
  ];
  const kinds = new Set(waits.filter(({ waitNs }) => waitNs > ns / 10).map(({ kind }) => kind));
  return [
    finding(chosen, 'idle', {
      what: chosen.single
        ? `for ${duration(ns)} the thread was idle: it ran for ${percent(mean)} of the time`
        : `for ${duration(ns)} ${others > enter ? 'the chosen threads hardly ran' : 'the CPUs were idle'}: ${mean.toFixed(2)} of ${capacity} CPUs busy`,
      ranges,
      confidence,
      evidence,
      todo: chosen.single ? SINGLE : remedies(kinds),
    }),
  ];
}

/** Of a thread that tells of its idle time: nothing tells what it waited for. */
function findOwnIdle(profile: Profile, chosen: Chosen): ProfileFinding[] {
  const { ranges, busyNs } = ownIdle(profile, chosen);
  const ns = lengthOf(ranges);
  if (ns === 0 || ns < MIN_SHARE * lengthOf(chosen.ranges)) return [];
  const share = busyNs / ns;
  return [
    finding(chosen, 'idle', {
      what: `for ${duration(ns)} the thread was idle: it ran for ${percent(share)} of the time`,
      ranges,
      confidence: probablyBelow(share, IDLE.stay, (ns / CELL_NS) * SAMPLES_A_CELL),
      evidence: [
        'the scheduler was not watched: nobody knows what the thread waited for',
        inStretches(ranges.length / 2, []),
      ],
      todo: SINGLE,
    }),
  ];
}

/** A finding that rests on missing samples alone is less sure. */
const NOT_KNOWN_COVERAGE = 0.8;

function inStretches(count: number, meanwhile: readonly string[]): string {
  const parts = `in ${count} ${count === 1 ? 'stretch' : 'stretches'}`;
  return meanwhile.length === 0 ? parts : `${parts}; meanwhile ${listed(meanwhile)}`;
}

const REMEDIES: Readonly<Partial<Record<WaitKind, string>>> = {
  input: 'faster input: read the source ahead, or from memory or a local disk, before the encode begins',
  pipe: 'the program at the other end of the pipe is the slow one: profile it too',
  network: 'the other end of the socket, or the network, is slow: measure it, or fetch the source first',
  output: 'faster output: write to a local disk, or in larger pieces',
  lock: 'threads wait for each other: fewer threads for each encode and more encodes at once',
  queue:
    'the thread that fills the queue is too slow: encode chunks in parallel, or give decoding and scaling threads of their own',
  futex:
    'threads wait for each other, or for work that comes too slowly: encode chunks in parallel; a profiling build tells which it is',
  timer: 'the program sleeps on purpose: a pause, a rate limit, or polling; a real-time stream does so between frames',
  child: 'the program waits for another one: profile that one',
  thread: 'it waits for its last thread: cut the work into smaller pieces',
};

const SINGLE = [
  'it waits for timers, input or other threads: perf sees all of them (encodelab profile record -- COMMAND)',
  'start what it waits for earlier, or more of it at once',
];

function remedies(kinds: ReadonlySet<WaitKind>): string[] {
  const told = [...kinds].flatMap((kind) => REMEDIES[kind] ?? []);
  return [...told, 'work on more chunks or titles at once while this one waits'];
}
