// The one gain that brings a whole track to a loudness, as far as its peaks allow.

import type { Loudness } from './audio-job.ts';

/** Highest true peak that a made track may have, dBTP (EBU R 128). */
const PEAK_CEILING = -1;

export interface Gain {
  /** Decibels. */
  readonly gain: number;
  /** False where the peaks forbid the gain that the target needs; null where there is no target. */
  readonly reached: boolean | null;
}

/**
 * @param target LUFS; null leaves the track as it is, unless mixing it down made peaks that were not there
 * @param mixedDown several channels were added into fewer
 */
export function loudnessGain(measured: Loudness, target: number | null, mixedDown: boolean): Gain {
  const room = measured.truePeak === null ? Infinity : PEAK_CEILING - measured.truePeak;
  if (target === null) return { gain: mixedDown ? Math.min(0, room) : 0, reached: null };
  // Silence has no loudness: nothing is louder for being amplified.
  if (measured.integrated === null) return { gain: 0, reached: false };
  const wanted = target - measured.integrated;
  return { gain: Math.min(wanted, room), reached: wanted <= room };
}
