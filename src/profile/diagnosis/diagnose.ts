// What is to be seen in a profile, made into findings with evidence; docs/diagnosis.md tells the rules and how often they err.

import { DIAGNOSES, type Profile, type ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import { choose } from './chosen.ts';
import type { DiagnosisContext } from './context.ts';
import { coverageOf } from './coverage.ts';
import { findIdle } from './idle.ts';
import { MIN_PROFILE_NS, MIN_PROFILE_SAMPLES } from './limits.ts';
import { findMissingData } from './missing-data.ts';
import { findOversubscribed } from './oversubscribed.ts';
import { findSaturated } from './saturated.ts';
import { findSerial } from './serial.ts';
import { findSlowFrames } from './slow-frames.ts';
import { findThrottled } from './throttled.ts';
import { timelineOf } from './timeline.ts';
import { duration } from './words.ts';

/**
 * Pure, and a pass over the samples and spans for each finding. Findings come in the order of DIAGNOSES, of one kind the one that is about most time
 * first; none below a minimum of time, samples and confidence. Empty where {@link tooThin} says why.
 */
export function diagnose(profile: Profile, context: DiagnosisContext = {}): readonly ProfileFinding[] {
  if (tooThin(profile, context) !== null) return [];
  const chosen = choose(profile, context);
  const coverage = coverageOf(profile, chosen);
  const timeline = timelineOf(profile, chosen, coverage);
  const found = [
    ...(timeline === null
      ? []
      : [
          ...findIdle(profile, chosen, timeline, coverage),
          ...findSerial(profile, chosen, timeline, context),
          ...findSaturated(profile, chosen, timeline, context),
          ...findOversubscribed(profile, chosen, timeline),
        ]),
    ...findThrottled(chosen, timeline, context),
    ...findMissingData(profile, chosen, coverage, context),
    ...findSlowFrames(profile, chosen, timeline, context),
  ];
  const rank = (each: ProfileFinding) => DIAGNOSES.indexOf(each.diagnosis);
  return found.toSorted((a, b) => rank(a) - rank(b) || b.share - a.share);
}

/** Why nothing can be said about a profile or a selection of it; null where it is enough. */
export function tooThin(profile: Profile, context: DiagnosisContext = {}): string | null {
  const { header, samples, spans } = profile;
  if (header.clock === 'none') return 'it has no times: only a flame graph can be made of it';
  if (header.weightUnit === 'bytes') return 'its samples are bytes, not CPU time';
  const { ranges } = choose(profile, context);
  const ns = lengthOf(ranges);
  if (ns < MIN_PROFILE_NS) return `${duration(ns)} is too short: it takes ${duration(MIN_PROFILE_NS)} at least`;
  let count = 0;
  for (let pair = 0; pair < ranges.length; pair += 2) {
    count += countWithin(samples.timeNs, ranges[pair]!, ranges[pair + 1]!);
    if (spans !== null) count += countWithin(spans.startNs, ranges[pair]!, ranges[pair + 1]!);
  }
  if (count >= MIN_PROFILE_SAMPLES) return null;
  return `${count} samples are too few: it takes ${MIN_PROFILE_SAMPLES} at least (a higher frequency, or a longer time)`;
}

function countWithin(times: Float64Array, from: number, to: number): number {
  let count = 0;
  for (const time of times) if (time >= from && time < to) count++;
  return count;
}
