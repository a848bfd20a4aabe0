// Something that the explorer noticed by itself, with what it rests on.

import type { Unit } from '#core/metric';
import type { View } from '../view.ts';

export const FINDING_KINDS = [
  'matters',
  'interaction',
  'knee',
  'plateau',
  'no-effect',
  'not-honoured',
  'dominated',
  'bimodal',
  'drift',
  'neighbour',
  'change',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Evidence {
  readonly label: string;
  readonly value: number | string;
  /** Null for text. */
  readonly unit: Unit | null;
}

export interface Finding {
  readonly kind: FindingKind;
  /** The same for the same finding on the same runs: for links and tests. */
  readonly id: string;
  /** One sentence with its number: `preset decides 84 % of encode.fps`. */
  readonly title: string;
  /** What it means and what to do about it. */
  readonly advice: string;
  readonly evidence: readonly Evidence[];
  /** Corrected for everything that was tried; null where the finding is no test (an asked 100 Mbit/s, a got 9). */
  readonly p: number | null;
  /** 0 to 1: by it findings are sorted. The share of variance, of range or of runs that it is about. */
  readonly weight: number;
  /** What to change in a view to see it. */
  readonly view: Partial<View>;
  /** Runs to look at, a few. */
  readonly runs: readonly string[];
}
