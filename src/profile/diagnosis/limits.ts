// The numbers that the rules of the diagnosis begin with; docs/diagnosis.md tells what they find and what they miss.

/** A cell of the timeline, nanoseconds: with scheduler events, which are exact, and at least without them. */
export const CELL_NS = 20e6;
/** Samples that a cell should have where there is nothing but samples: sampling frequency x seconds x CPUs. */
export const SAMPLES_A_CELL = 40;
/** Cells that a profile is cut into at most; longer ones get longer cells. */
export const MAX_CELLS = 500_000;

/** Below this a profile is too short or too thin to say anything. */
export const MIN_PROFILE_NS = 0.2e9;
export const MIN_PROFILE_SAMPLES = 100;

/** A stretch of cells that a rule holds for is at least this long. */
export const MIN_STRETCH_NS = 100e6;
/** And it rests on so many samples, those of idle CPUs among them. */
export const MIN_STRETCH_SAMPLES = 80;
/** A stretch goes on over an interruption that is no longer than this. */
export const BRIDGE_NS = 40e6;
/** All stretches of a finding together are at least this share of the time that was looked at, and hold this many cells. */
export const MIN_SHARE = 0.02;
/** A finding that is less sure than this is not told. */
export const MIN_CONFIDENCE = 0.7;

/** Idle: CPUs busy as a share of capacity, to begin a stretch and to stay in it; never more than so many CPUs. */
export const IDLE = { enter: 0.05, stay: 0.1, maxCpus: 0.3 } as const;
/** Serial: CPUs busy, and the share of them that one thread has. */
export const SERIAL = { enter: [0.8, 1.2], stay: [0.7, 1.3], enterTop: 0.9, stayTop: 0.8 } as const;
/** Bursts between serial stretches: CPUs busy, how long one lasts at most, how many make a finding, and what share of it they are at most. */
export const BURST = { cpus: 1.3, maxNs: 200e6, min: 3, maxShare: 0.5 } as const;
/** Saturated: CPUs busy as a share of capacity; by chance CPUs are all busy now and then, so it takes longer and more than the others. */
export const SATURATED = { enter: 0.9, stay: 0.8, minNs: 300e6, minShare: 0.05 } as const;
/** Oversubscribed: threads that are ready and do not run, for each CPU of the capacity; and at least so many threads. */
export const OVERSUBSCRIBED = { enter: 0.25, stay: 0.15, minThreads: 0.5 } as const;
/**
 * Samples that came, as a share of those that should have: below `enough` it is told; below `usable` nothing is read from a cell. Between the two what
 * came speaks for the rest.
 */
export const COVERAGE = {
  enough: 0.97,
  usable: 0.8,
  windowSamples: 400,
  minWindowNs: 200e6,
  confidence: 0.95,
} as const;
/** CPU time that the hypervisor gave to others, as a share of capacity, and how long together. */
export const STEAL = { share: 0.03, minNs: 0.5e9 } as const;
/** A core's frequency against the highest one that was seen in the profile. */
export const FREQUENCY = { low: 0.85, minNs: 1e9 } as const;
/** Slow frames: how many, how many times the median they take, and how many samples they must hold. */
export const SLOW = {
  share: 0.01,
  /** So that the slowest 1 % are three. */
  minFrames: 201,
  times: 1.5,
  minSamples: 50,
  busyRatio: 0.7,
  confidence: 0.95,
} as const;
