// A profile: where CPU time went, as columns. A frame of a video is a "frame" here as everywhere; what stands on a call stack is a function.

/** Of everything in this file, stored and sent. */
export const PROFILE_VERSION = 1;

/** What a function is part of. The index is the code. */
export const FUNCTION_KINDS = ['unknown', 'user', 'kernel', 'jit'] as const;
export type FunctionKind = (typeof FUNCTION_KINDS)[number];

/**
 * Where a function's name is from: `none` an address without any bound, `unwind` an anonymous function bounded by its unwind entry,
 * `dynamic` and `symbols` the symbol tables of its file, `debug` those of its debug file, `map` a map that its process wrote, `given`
 * the profile as it was imported. The index is the code.
 */
export const SYMBOL_SOURCES = ['none', 'unwind', 'dynamic', 'symbols', 'debug', 'map', 'given'] as const;
export type SymbolSource = (typeof SYMBOL_SOURCES)[number];

/** What kind of instruction a sample found, from its bytes: `vex` is AVX and AVX2, `evex` AVX-512, without what is coded so and works on general or mask registers. The index is the code. */
export const INSTRUCTION_KINDS = ['unknown', 'scalar', 'sse', 'vex', 'evex'] as const;
export type InstructionKind = (typeof INSTRUCTION_KINDS)[number];

/** Why a thread left its CPU: `running` it was preempted. The index is the code. */
export const LEAVING_REASONS = ['unknown', 'running', 'sleeping', 'disk', 'stopped', 'dead'] as const;
export type LeavingReason = (typeof LEAVING_REASONS)[number];

/** Distinct functions. Arrays have one length; a position in them is a function. */
export interface FunctionTable {
  readonly name: readonly string[];
  /** Position in `libraries` of the profile. */
  readonly library: Uint32Array;
  /** Code in FUNCTION_KINDS. */
  readonly kind: Uint8Array;
  /** Code in SYMBOL_SOURCES. */
  readonly source: Uint8Array;
}

/** A trie of stacks: node i is a stack that ends in `function[i]`, called from the stack `parent[i]`, which stands before it. */
export interface StackTable {
  /** -1: nobody is known to have called it. */
  readonly parent: Int32Array;
  readonly function: Uint32Array;
}

/** Threads; a number that was used again by another thread is another row. A CPU's idle thread has thread 0. */
export interface ThreadTable {
  readonly process: Int32Array;
  readonly thread: Int32Array;
  readonly processName: readonly string[];
  readonly name: readonly string[];
}

/** Samples by time, ascending; those of idle CPUs among them where the profile has them. */
export interface SampleTable {
  /** Nanoseconds on the profile's clock. */
  readonly timeNs: Float64Array;
  /** -1 where it is not known. */
  readonly cpu: Int16Array;
  /** Position in `threads`. */
  readonly thread: Uint32Array;
  /** The innermost node in `stacks`; -1 where no stack was taken. */
  readonly stack: Int32Array;
  /** Code in INSTRUCTION_KINDS. */
  readonly instruction: Uint8Array;
  /** What each stands for, in the header's `weightUnit`; null where all are equal: `sampleNs` of the header. */
  readonly weight: Float64Array | null;
}

/** From the scheduler: each stay of a thread on a CPU, by its start, ascending. Idle threads have none. */
export interface SpanTable {
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly cpu: Int16Array;
  readonly thread: Uint32Array;
  /** Why it left; code in LEAVING_REASONS. */
  readonly left: Uint8Array;
  /** Where it left: what it waited for from then on; -1 where that is not known. */
  readonly stack: Int32Array;
  /** When it could have run: from here to its start it stood in the run queue. NaN where that is not known. */
  readonly readyNs: Float64Array;
  /** Position in `threads` of who woke it; -1 where nobody did or that is not known. */
  readonly waker: Int32Array;
}

/** Samples that the kernel could not keep, by time. */
export interface LossTable {
  readonly timeNs: Float64Array;
  readonly cpu: Int16Array;
  readonly samples: Float64Array;
}

/** How far the stacks and names of a library can be trusted; samples are those whose innermost function lies in it. */
export interface LibraryQuality {
  readonly library: string;
  readonly samples: number;
  /** Of those, with a name that is not just an address or a bound. */
  readonly named: number;
  /** Of those, whose stack goes back to where a thread or program begins. */
  readonly rooted: number;
  /** What would help, in a sentence; null where nothing is wrong. */
  readonly todo: string | null;
}

export interface ProfileHeader {
  readonly version: number;
  /** What took it: `perf 6.1.192`, `Node inspector`, `folded stacks`. */
  readonly tool: string;
  /** The file's name where it was imported; null where we took it. */
  readonly file: string | null;
  /** `monotonic`: the clock of the recording's own times. `own`: times that are only right among each other. `none`: no times at all. */
  readonly clock: 'monotonic' | 'own' | 'none';
  /** From the first moment that was watched to the last, nanoseconds on that clock; both 0 without one. */
  readonly startNs: number;
  readonly endNs: number;
  /** Samples a second on each CPU, as asked; null where that is not known. */
  readonly frequencyHz: number | null;
  readonly weightUnit: 'ns' | 'samples' | 'bytes';
  /** What one sample stands for, nanoseconds of CPU time; null where that is not known. */
  readonly sampleNs: number | null;
  /** Numbers of the CPUs that were watched; empty where that is not known. */
  readonly cpus: readonly number[];
  /** `system`: all that ran, and idle CPUs were sampled too. `processes`: chosen processes only; nothing is known of the rest. */
  readonly scope: 'system' | 'processes';
  /** Numbers of the processes that it was taken of, with all that they started; absent where that is not known. */
  readonly processes?: readonly number[];
  /** How stacks were taken. */
  readonly stacks: 'frame-pointers' | 'dwarf' | 'branch-records' | 'given' | 'none';
  /** Samples that the tool says it lost, with scheduler events where those were watched and `lostEvents` is absent; null where it does not tell. */
  readonly lost: number | null;
  /** Scheduler events and the like that it lost beside them; absent where it does not tell them apart. */
  readonly lostEvents?: number;
  /** How often the kernel slowed the sampling down; null where it does not tell. */
  readonly throttled: number | null;
  /** CPU seconds that the taking of the profile used itself; null where that is not known. */
  readonly overheadCpuS: number | null;
  /** What is missing, and why, with the line that would allow it. */
  readonly absent: readonly string[];
  readonly quality: readonly LibraryQuality[];
  /** The same of the samples of `processes` alone, where there are those of others too; absent where it was not counted. */
  readonly ownQuality?: readonly LibraryQuality[];
}

export interface Profile {
  readonly header: ProfileHeader;
  readonly libraries: readonly string[];
  readonly functions: FunctionTable;
  readonly stacks: StackTable;
  readonly threads: ThreadTable;
  readonly samples: SampleTable;
  /** Null where the scheduler was not watched. */
  readonly spans: SpanTable | null;
  readonly losses: LossTable;
}

/** How a profile of a run is taken. */
export interface ProfileWanted {
  /** Samples a second on each CPU. */
  readonly frequencyHz: number;
  readonly stacks: 'frame-pointers' | 'dwarf';
  /** Whether the scheduler is watched too. */
  readonly switches: boolean;
  /** Whether Node's inspector watches the JavaScript of the bundled engine's process too. */
  readonly javascript: boolean;
}

export const USUAL_PROFILE: ProfileWanted = {
  frequencyHz: 999,
  stacks: 'frame-pointers',
  switches: true,
  javascript: false,
};

/** Samples a second that can be asked for: more than the most disturb what they measure. */
export const PROFILE_HZ = { min: 1, max: 10_000 } as const;

/** Part of a profile. What is null is not narrowed. */
export interface ProfileSelection {
  /** Pairs [from, to) on the profile's clock, nanoseconds, ascending and apart: from at 2i, to at 2i + 1. */
  readonly rangesNs: Float64Array | null;
  readonly cpus: ReadonlySet<number> | null;
  /** Positions in `threads`. */
  readonly threads: ReadonlySet<number> | null;
}

export const WHOLE_PROFILE: ProfileSelection = { rangesNs: null, cpus: null, threads: null };

/** Of a finding in a profile. */
export const DIAGNOSES = [
  'idle',
  'serial',
  'bursts',
  'saturated',
  'oversubscribed',
  'throttled',
  'missing-data',
  'slow-frames',
] as const;
export type Diagnosis = (typeof DIAGNOSES)[number];

/** What is to be seen in a profile, with what it is based on. */
export interface ProfileFinding {
  readonly diagnosis: Diagnosis;
  /** One sentence: what is the case, with its numbers. */
  readonly what: string;
  /** Pairs [from, to) of the times that it is about, nanoseconds. */
  readonly rangesNs: Float64Array;
  /** Share of the profile's time that it is about, 0 to 1. */
  readonly share: number;
  /** How sure it is, 0 to 1, from the number of samples and the coverage. */
  readonly confidence: number;
  /** Facts behind it, a sentence each: threads, functions, what was waited for. */
  readonly evidence: readonly string[];
  /** What to try. */
  readonly todo: readonly string[];
}
