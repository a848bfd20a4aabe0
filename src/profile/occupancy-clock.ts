// What one sample stands for, and on how many CPUs a profile could have been busy: what every share in a heatmap is of.

import type { Profile } from '#core/profile';

/** Pairs of samples that are looked at where nothing else tells how often they were taken. */
const MAX_PAIRS = 4096;

export interface Sampling {
  /** Nanoseconds of CPU time; null without samples, or where a single one tells nothing. */
  readonly sampleNs: number | null;
  /** It was guessed from the times of the samples. */
  readonly isGuessed: boolean;
}

/** The header's own value, else that of the frequency, else the median time from a sample of a thread to its next. */
export function samplingOf({ header, samples }: Pick<Profile, 'header' | 'samples'>): Sampling {
  const told = header.sampleNs ?? (header.frequencyHz === null ? null : 1e9 / header.frequencyHz);
  if (told !== null && told > 0) return { sampleNs: told, isGuessed: false };
  const last = new Map<number, number>();
  const steps: number[] = [];
  for (let row = 0; row < samples.timeNs.length && steps.length < MAX_PAIRS; row++) {
    const before = last.get(samples.thread[row]!);
    if (before !== undefined && samples.timeNs[row]! > before) steps.push(samples.timeNs[row]! - before);
    last.set(samples.thread[row]!, samples.timeNs[row]!);
  }
  steps.sort((a, b) => a - b);
  return { sampleNs: steps[steps.length >> 1] ?? null, isGuessed: true };
}

export interface Capacity {
  /** Numbers of the CPUs, ascending; empty where no row of the profile names one. */
  readonly cpus: readonly number[];
  /** How many there are at least: 1 where nothing is known. */
  readonly count: number;
  /** The profile says which CPUs were watched; else they are those that something ran on. */
  readonly isKnown: boolean;
}

export function capacityOf({ header, samples, spans }: Pick<Profile, 'header' | 'samples' | 'spans'>): Capacity {
  if (header.cpus.length > 0)
    return { cpus: header.cpus.toSorted((a, b) => a - b), count: header.cpus.length, isKnown: true };
  const seen = new Set<number>();
  for (const cpus of [samples.cpu, spans?.cpu ?? new Int16Array(0)])
    for (let row = 0; row < cpus.length; row++) if (cpus[row]! >= 0) seen.add(cpus[row]!);
  const cpus = [...seen].sort((a, b) => a - b);
  return { cpus, count: Math.max(1, cpus.length), isKnown: false };
}
