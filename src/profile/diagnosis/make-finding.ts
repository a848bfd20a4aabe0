// A finding, with the share of the time that it is about.

import type { Diagnosis, ProfileFinding } from '#core/profile';
import { lengthOf } from '../selection-ranges.ts';
import type { Chosen } from './chosen.ts';
import { MIN_CONFIDENCE } from './limits.ts';

interface Draft {
  readonly what: string;
  readonly ranges: Float64Array;
  readonly confidence: number;
  readonly evidence: readonly string[];
  readonly todo: readonly string[];
}

export function finding(chosen: Chosen, diagnosis: Diagnosis, draft: Draft): ProfileFinding {
  const { what, ranges, confidence, evidence, todo } = draft;
  const share = Math.min(1, lengthOf(ranges) / lengthOf(chosen.ranges));
  return { diagnosis, what, rangesNs: ranges, share, confidence: Math.min(1, confidence), evidence, todo };
}

export function isTold(confidence: number): boolean {
  return confidence >= MIN_CONFIDENCE;
}
