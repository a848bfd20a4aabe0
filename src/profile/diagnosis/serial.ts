// Serial stretches: one thread works and all others wait for it. Short bursts of others in between are a picture of their own.

import type { Profile, ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import { findBursts } from './bursts.ts';
import type { Chosen } from './chosen.ts';
import type { DiagnosisContext } from './context.ts';
import { hotSentences, selfTimes } from './hot-functions.ts';
import { SERIAL } from './limits.ts';
import { finding, isTold } from './make-finding.ts';
import { phaseSentence } from './phase-sentence.ts';
import { probablyBelow } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import { SERIAL_REMEDIES } from './serial-remedies.ts';
import { areEnough, cellsOf, meanOver, rangesOf, stretchesOf, type Stretch } from './stretches.ts';
import { threadShares } from './thread-time.ts';
import type { Timeline } from './timeline.ts';
import { waitSentences, waitsIn } from './waits.ts';
import { duration, percent, threadName } from './words.ts';

/** With fewer CPUs one busy thread is all that there can be. */
const MIN_CAPACITY = 1.5;
/** Threads that findings are made for: those that are in front most often. */
const MAX_GROUPS = 8;

export function findSerial(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline,
  context: DiagnosisContext,
): ProfileFinding[] {
  if (chosen.capacity !== null && chosen.capacity < MIN_CAPACITY) return [];
  if (chosen.isPartOfProcess || isOnlyThread(chosen)) return [];
  const groups = threadGroups(profile, timeline);
  return groups.leading.flatMap((group) => {
    const { wanted, top, topWanted } = timeline;
    const holds = (cell: number, [low, high]: readonly [number, number], share: number) =>
      wanted[cell]! >= low &&
      wanted[cell]! <= high &&
      groups.of[top[cell]!] === group &&
      topWanted[cell]! >= share * wanted[cell]!;
    const enters = (cell: number) => holds(cell, SERIAL.enter, SERIAL.enterTop);
    const stays = (cell: number) => holds(cell, SERIAL.stay, SERIAL.stayTop);
    const stretches = stretchesOf(timeline, enters, stays);
    const bursts = findBursts(profile, chosen, timeline, context, stretches);
    const plain = stretches.filter(({ from }) => !bursts.chains.some((chain) => chain.from <= from && from < chain.to));
    return [...bursts.findings, ...serialFinding(profile, chosen, timeline, context, plain)];
  });
}

/** Of a profile of one thread, as JavaScript engines take it, nobody knows whether others worked meanwhile. */
function isOnlyThread({ capacity, idle }: Chosen): boolean {
  return capacity === null && idle.reduce((count, isIdle) => count + 1 - isIdle, 0) === 1;
}

function serialFinding(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline,
  context: DiagnosisContext,
  stretches: readonly Stretch[],
): ProfileFinding[] {
  if (!areEnough(stretches, timeline)) return [];
  const wanted = meanOver(stretches, timeline.wanted);
  const busy = meanOver(stretches, timeline.busy);
  const topShare = meanOver(stretches, timeline.topWanted) / wanted;
  // As many observations as there were with a CPU busy.
  const observations = (cellsOf(stretches) * timeline.observations * busy) / (chosen.watched ?? Math.max(1, busy));
  const confidence = probablyBelow(1 - topShare, 1 - SERIAL.stayTop, observations);
  if (!isTold(confidence)) return [];
  const ranges = rangesOf(stretches, timeline);
  const set = new RangeSet(ranges);
  const first = threadShares(profile, chosen, set)[0]!;
  const name = threadName(profile, first.thread);
  return [
    finding(chosen, 'serial', {
      what: `for ${duration(lengthOf(ranges))} one thread worked alone: ${name} had ${percent(topShare)} of the work, with ${busy.toFixed(2)}${ofCapacity(chosen)} CPUs busy`,
      ranges,
      confidence,
      evidence: [
        ...(busy < 0.8 * wanted
          ? [
              `it could have run more: for ${percent(1 - busy / wanted)} of its time it was ready and others had the CPU`,
            ]
          : []),
        ...phaseSentence(context.phases, set),
        ...whoWaits(profile, set, first.thread),
        ...hotSentences(profile, selfTimes(profile, chosen, set)),
      ],
      todo: SERIAL_REMEDIES,
    }),
  ];
}

function ofCapacity({ capacity }: Chosen): string {
  return capacity === null ? '' : ` of ${capacity}`;
}

/** Other threads of the same process, and what they wait for. */
function whoWaits(profile: Profile, ranges: RangeSet, thread: number): string[] {
  const { process } = profile.threads;
  const waits = waitsIn(profile, ranges, (other) => other !== thread && process[other] === process[thread]);
  const ns = lengthOf(ranges.pairs);
  if (waits.length > 0) return waitSentences(profile, waits, ns);
  return profile.spans === null ? [] : ['no other thread of its process waited: it has none that works'];
}

/** Threads by name: a program that is started again and again, or a pool that takes turns, is told once. */
function threadGroups({ threads }: Profile, { top }: Timeline): { of: Int32Array; leading: number[] } {
  const numbers = new Map<string, number>();
  const of = Int32Array.from(threads.name, (name, i) => {
    const key = `${threads.processName[i]}\0${name}`;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  });
  const cells = new Float64Array(numbers.size);
  for (const thread of top) if (thread >= 0) cells[of[thread]!]! += 1;
  const leading = Array.from(cells, (count, group) => ({ count, group }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_GROUPS)
    .map(({ group }) => group);
  return { of, leading };
}
