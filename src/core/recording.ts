// The tables of a recording, as columns. Times are an agent's own monotonic clock in integer microseconds.

import type { Environment } from './environment.ts';
import type { Indicator } from './indicator.ts';
import type { ProfileHeader } from './profile.ts';
import type { QualityHeader } from './quality.ts';
import type { RunKind, RunRecord } from './run.ts';
import type { Settings } from './settings.ts';

export const RECORDING_VERSION = 1;

/** What was encoded, beside the tables; kept only where the benchmark asks for it: `output.mkv`, `output-2.mkv` … */
export function outputFile(ending: string, stream: number): string {
  return `output${stream === 0 ? '' : `-${stream + 1}`}.${ending}`;
}

/** How the folder begins that a command has for the time of its run. */
export const COMMAND_FOLDER = 'command-';

/** What a profiler writes while a run goes on; its profile takes its place. */
export const PROFILER_DATA = 'profile.data';

/** How the files begin that Node's inspector writes beside it, one for each of the encodes. */
export const JAVASCRIPT_DATA = `${PROFILER_DATA}.javascript-`;

/** Whether a file of a recording's folder is there for the time of its run only. */
export function isPassing(name: string): boolean {
  return name.startsWith(COMMAND_FOLDER) || name.startsWith(PROFILER_DATA);
}

/** Whether a file of a recording's folder is what was encoded, or there for the time of its run only. */
export function isOutput(name: string): boolean {
  return /^output(-\d+)?\.\w+(\.vstats)?$/.test(name) || isPassing(name);
}

export const RECORDING_TABLES = [
  'series',
  'phases',
  'frames',
  'steps',
  'messages',
  'clocks',
  'quality',
  'runs',
  'shapes',
  'samples',
  'stacks',
  'switches',
  'threads',
  'losses',
] as const;
export type RecordingTable = (typeof RECORDING_TABLES)[number];

/** Those of a run's profile: written at once when the run has ended. */
export const PROFILE_TABLES = ['samples', 'stacks', 'switches', 'threads', 'losses'] as const;
export type ProfileTable = (typeof PROFILE_TABLES)[number];

/** Codes of the `type` column: the index is the code. */
export const FRAME_TYPES = ['unknown', 'I', 'P', 'B'] as const;
export type FrameType = (typeof FRAME_TYPES)[number];

/** What happens to one frame; steps overlap. The index is the code. */
export const STEPS = [
  'capture',
  'decode',
  'scale',
  'upload',
  'encode',
  'download',
  'send',
  'receive',
  'present',
] as const;
export type Step = (typeof STEPS)[number];

/**
 * What became of a frame in a step. All but `ok` end its journey: `late` its time had passed, `full` a queue had no room,
 * `lost` the network lost it, `waiting` it can't be decoded before the next keyframe, `dropped` for a reason that nobody told.
 */
export const STEP_OUTCOMES = ['ok', 'dropped', 'failed', 'late', 'full', 'lost', 'waiting'] as const;
export type StepOutcome = (typeof STEP_OUTCOMES)[number];

/** Stages of an encode, one after the other. */
export const PHASES = ['open', 'encode', 'flush', 'mux', 'check'] as const;

/** Rows of `frames`: one for each frame that came out of an encoder. All arrays have the same length. */
export interface FrameBatch {
  readonly stream: string;
  /** Seconds a tick, as a fraction [numerator, denominator]. */
  readonly timeBase: readonly [number, number];
  /** Number of the frame in the stream, from 0, in presentation order. */
  readonly frame: Int32Array;
  /** Number of the source frame that it shows; -1 where that is not known. */
  readonly sourceFrame: Int32Array;
  /** Presentation time in ticks: exact integers. */
  readonly pts: Float64Array;
  /** Code in FRAME_TYPES. */
  readonly type: Uint8Array;
  /** 1 for a keyframe. */
  readonly key: Uint8Array;
  readonly bytes: Int32Array;
  /** Mean quantizer on the encoder's own scale; NaN where it does not tell. */
  readonly quantizer: Float32Array;
}

/** Rows of `steps`: one for each frame and step. All arrays have the same length. */
export interface StepBatch {
  readonly stream: string;
  readonly role: string;
  readonly frame: Int32Array;
  /** Code in STEPS. */
  readonly step: Uint8Array;
  /** Microseconds, monotonic. */
  readonly startUs: Float64Array;
  /** From the frame's way in to its way out, microseconds; -1 where it is not known. */
  readonly durationUs: Int32Array;
  /** Time spent in calls for this frame, microseconds; -1 where it is not known. */
  readonly busyUs: Int32Array;
  /** Code in STEP_OUTCOMES. */
  readonly outcome: Uint8Array;
}

/** Rows of `series`. All arrays have the same length. */
export interface SeriesBatch {
  readonly agent: string;
  /** Position in the recording's list of indicators. */
  readonly indicator: Uint16Array;
  /** Microseconds, monotonic: the end of the interval that a rate covers. */
  readonly timeUs: Float64Array;
  readonly value: Float64Array;
}

/** Rows of `quality`: one score of each frame. All arrays have the same length. */
export interface QualityBatch {
  readonly stream: string;
  /** A name of QUALITY_COLUMNS: `psnr.y`. */
  readonly metric: string;
  /** Number of the frame in the stream, from 0, in presentation order. */
  readonly frame: Int32Array;
  /** Number of the source frame that it was compared with. */
  readonly sourceFrame: Int32Array;
  /** Infinity where the pictures are the same and the metric has no bound. */
  readonly value: Float64Array;
}

export interface PhaseRow {
  readonly phase: string;
  readonly startUs: number;
  readonly endUs: number;
  /** CPU seconds of all threads; null where it is not known. */
  readonly cpuS: number | null;
}

/** A row of `runs`: a run whose recording is a slice of a worker's. */
export interface SliceRow {
  readonly record: RunRecord;
  /** From its first phase to its last, microseconds, monotonic: series of that time belong to it. */
  readonly startUs: number;
  readonly endUs: number;
}

export interface MessageRow {
  readonly timeUs: number;
  /** guest, client, operator, system … */
  readonly source: string;
  readonly text: string;
}

/** How far an agent's clock is ahead of the reference clock at a time, with the bound of the error. */
export interface ClockRow {
  readonly agent: string;
  readonly timeUs: number;
  readonly offsetUs: number;
  readonly errorUs: number;
}

export interface RecordingAgent {
  readonly name: string;
  readonly role: string;
  readonly host: string;
}

/** The same moment on both clocks, read together. */
export interface UtcAnchor {
  readonly monotonicUs: number;
  /** ISO 8601 with milliseconds. */
  readonly utc: string;
}

/** A profile's header with what its tables can't tell. */
export interface RecordedProfile extends ProfileHeader {
  readonly libraries: readonly string[];
  /** Whether the scheduler was watched, though it may have told nothing. */
  readonly hasSpans: boolean;
  /** Whether its samples have weights of their own. */
  readonly hasWeights: boolean;
}

/** `recording.json`. */
export interface RecordingHeader {
  readonly version: number;
  /** `recording` while it is written, `complete` when every table is whole, `partial` when its writer died. */
  readonly state: 'recording' | 'complete' | 'partial';
  readonly run: string;
  readonly kind: RunKind;
  readonly settings: Settings;
  /** Values that the encoder really used, by the names that were asked for; absent while it is not known. */
  readonly actual?: Readonly<Record<string, string>>;
  readonly environment: Environment;
  readonly agents: readonly RecordingAgent[];
  /** Grows while recording; a series row points into it by position. */
  readonly indicators: readonly Indicator[];
  readonly anchor: UtcAnchor;
  /** What could not be measured, and why: `cgroup: /sys/fs/cgroup is read-only`. */
  readonly absent: readonly string[];
  /** How the run's own CPU and memory were measured. */
  readonly accounting: 'cgroup-v1' | 'cgroup-v2' | 'proc' | 'none';
  /** What stands behind the table `quality`; absent where no quality was measured. */
  readonly quality?: QualityHeader;
  /** What stands behind the tables of PROFILE_TABLES; absent where no profile was taken. */
  readonly profile?: RecordedProfile;
  /** Rows by table, once complete. */
  readonly rows: Readonly<Partial<Record<RecordingTable, number>>>;
  /** The run as it ended, so that a lost catalogue loses no result; absent where it never came to its end. */
  readonly result?: RunRecord;
}
