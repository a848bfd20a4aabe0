// Solid red: nearly all CPUs are busy, so only less work makes it faster. The functions that take the time, and how much of it is vector code.

import type { Profile, ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import type { DiagnosisContext } from './context.ts';
import { hotSentences, selfTimes, vectorSentence, type SelfTimes } from './hot-functions.ts';
import { SATURATED } from './limits.ts';
import { finding, isTold } from './make-finding.ts';
import { phaseSentence } from './phase-sentence.ts';
import { probablyBelow } from './proportion.ts';
import { RangeSet } from './ranges.ts';
import { areEnough, cellsOf, meanOver, rangesOf, stretchesOf } from './stretches.ts';
import type { Timeline } from './timeline.ts';
import { duration, percent } from './words.ts';

export function findSaturated(
  profile: Profile,
  chosen: Chosen,
  timeline: Timeline,
  context: DiagnosisContext,
): ProfileFinding[] {
  const { capacity } = chosen;
  if (capacity === null) return [];
  const { busy } = timeline;
  const stretches = stretchesOf(
    timeline,
    (cell) => busy[cell]! > SATURATED.enter * capacity,
    (cell) => busy[cell]! > SATURATED.stay * capacity,
    SATURATED.minNs,
  );
  if (!areEnough(stretches, timeline, SATURATED.minShare)) return [];
  const share = Math.min(1, meanOver(stretches, busy) / capacity);
  const confidence = probablyBelow(1 - share, 1 - SATURATED.stay, cellsOf(stretches) * timeline.observations);
  if (!isTold(confidence)) return [];
  const ranges = rangesOf(stretches, timeline);
  const set = new RangeSet(ranges);
  const times = selfTimes(profile, chosen, set);
  const vector = vectorSentence(times);
  const quota = context.quota ?? null;
  return [
    finding(chosen, 'saturated', {
      what: `for ${duration(lengthOf(ranges))} all CPUs were busy: ${percent(share)} of ${capacity}`,
      ranges,
      confidence,
      evidence: [
        ...(quota !== null && quota <= capacity
          ? [`the quota of its container is ${quota} CPUs: the machine may have more`]
          : []),
        ...phaseSentence(context.phases, set),
        ...hotSentences(profile, times),
        ...(vector === null ? [] : [vector]),
      ],
      todo: remedies(times, context.features ?? []),
    }),
  ];
}

/** Encoders spend most of their time in vector code; with less of it something is missing. */
const LITTLE_VECTOR = 0.3;
/** Of the vector code: with more SSE than this the wider registers of the CPU are hardly used. */
const MUCH_SSE = 0.5;

function remedies({ instructions }: SelfTimes, features: readonly string[]): string[] {
  const todo = ['less work: a faster preset, or a look at the hottest functions and who calls them'];
  if (instructions !== null) {
    const { sse, vex, evex } = instructions.share;
    const vector = sse + vex + evex;
    if (vector < LITTLE_VECTOR)
      todo.push(
        'little of it is vector code: a build with its assembly (nasm), or another decoder or encoder; encodelab doctor tells what builds use',
      );
    else if (sse > MUCH_SSE * vector && features.includes('avx2'))
      todo.push(
        'most vector code is SSE although this CPU has AVX2: a newer build; encodelab doctor tells what builds use',
      );
  }
  todo.push('more machines, or more CPUs: this work can use them');
  return todo;
}
