// What is known of a profile's run beside the profile itself; a diagnosis is better with it and works without.

import type { ProfileSelection } from '#core/profile';
import type { NamedRange } from '../heatmap-rows.ts';

/** When each frame of a video was encoded. Arrays have one length; frames may overlap. */
export interface DiagnosisFrames {
  readonly frame: Int32Array;
  /** Nanoseconds on the profile's clock, as all times here. */
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
}

/** Something measured of the host over time: `cpu.steal` in cores, `cpu.frequency[0]` in Hz. */
export interface DiagnosisSeries {
  readonly name: string;
  /** The end of the interval that a value covers. */
  readonly timeNs: Float64Array;
  readonly value: Float64Array;
}

export interface DiagnosisContext {
  /** What to look at; all of it where it is left out. Threads that are not chosen are "others". */
  readonly selection?: ProfileSelection;
  readonly phases?: readonly NamedRange[];
  /** CPUs that the run could use; null where that is not known. */
  readonly cores?: number | null;
  /** CPUs that a quota of its container allows; null where there is none. */
  readonly quota?: number | null;
  readonly frames?: DiagnosisFrames;
  readonly series?: readonly DiagnosisSeries[];
  /** Vector features of the CPU, named as in /proc/cpuinfo. */
  readonly features?: readonly string[];
}
