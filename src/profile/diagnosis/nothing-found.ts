// What it means that nothing was found: no more than could have been seen.

import type { Profile } from '#core/profile';
import { choose } from './chosen.ts';
import type { DiagnosisContext } from './context.ts';
import { coverageOf } from './coverage.ts';
import { COVERAGE, MIN_SHARE, SATURATED } from './limits.ts';
import { leastOwnIdleNs, tellsOwnIdle } from './own-idle.ts';
import { surelySeenNs } from './stretches.ts';
import { timelineOf } from './timeline.ts';
import { duration, percent } from './words.ts';

/** What could not be looked for, so that finding nothing does not mean much; null where all could. */
export function cannotTell(profile: Profile, context: DiagnosisContext = {}): string | null {
  const chosen = choose(profile, context);
  if (chosen.capacity === null && !chosen.single)
    return 'the profile does not tell which CPUs there were: idle and full ones could not be looked for';
  return timelineOf(profile, chosen, null) === null
    ? 'the profile does not tell how much time its samples stand for: idle and full CPUs could not be looked for'
    : null;
}

/** In place of findings: what was looked for and is not there, and how short it could have been without being seen. */
export function nothingFound(profile: Profile, context: DiagnosisContext = {}): string {
  const unknown = cannotTell(profile, context);
  if (unknown !== null) return `Nothing stands out, but ${unknown}.`;
  const chosen = choose(profile, context);
  if (tellsOwnIdle(profile, chosen))
    return `Nothing stands out: the thread was not idle for long. ${notSeen(duration(leastOwnIdleNs(profile)))}`;
  const coverage = coverageOf(profile, chosen);
  const timeline = timelineOf(profile, chosen, coverage)!;
  if (chosen.single)
    return `Nothing stands out: the thread was not idle for long. ${notSeen(duration(surelySeenNs(timeline)))}`;
  const isWhole = profile.header.absent.length === 0 && coverage !== null && coverage.overall >= COVERAGE.enough;
  const full = duration(surelySeenNs(timeline, SATURATED.minNs));
  return `Nothing stands out: for no long time were the CPUs idle, held up by one thread, or all busy${isWhole ? ', and the data is whole' : ''}. ${notSeen(`${duration(surelySeenNs(timeline))} (where all are busy ${full})`)}`;
}

function notSeen(least: string): string {
  return `Stretches below ${least}, and those that are less than ${percent(MIN_SHARE)} of the time together, are not seen.`;
}
