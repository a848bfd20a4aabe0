// What travels between the server and the page, as types. Bulk data is columnar: arrays of one length, a row an index.

import type { BenchmarkRecord, Progress } from '#core/catalogue';
import type { Better, Unit } from '#core/metric';
import type { Outcome, RunRecord } from '#core/run';
import type { RecordingHeader } from '#core/recording';
import type { Threshold } from '#core/benchmark';

/** Version of everything in this file. */
export const WIRE_VERSION = 1;

export interface BenchmarkSummary {
  readonly name: string;
  readonly file: string;
  readonly startedAt: string;
  readonly cells: number;
  readonly repeat: number;
  readonly properties: BenchmarkRecord['properties'];
  readonly runsDone: number;
  readonly runsTotal: number;
  readonly failed: number;
  /** Thresholds that some cell misses; not known, and zero, while a bench is at work on it. */
  readonly thresholdsMissed: number;
  readonly progress: Progress | null;
}

/** Runs of a benchmark, one row each. `cell` points into the benchmark's cells. */
export interface ResultColumns {
  readonly id: readonly string[];
  readonly cell: readonly number[];
  readonly repeat: readonly number[];
  /** Null while it runs. */
  readonly outcome: readonly (Outcome | null)[];
  readonly reason: readonly (string | null)[];
  /** UTC, milliseconds since 1970. */
  readonly startedAtMs: readonly number[];
  readonly durationS: readonly (number | null)[];
  readonly metrics: readonly MetricColumn[];
}

export interface MetricColumn {
  readonly name: string;
  readonly unit: Unit;
  readonly better: Better;
  /** By row, null where the run has no such metric; all null where the metric was not asked for. */
  readonly values: readonly (number | null)[] | null;
}

export interface CellColumns {
  readonly label: readonly string[];
  /** For each property of the benchmark, the value by cell; null where the cell does not have it. */
  readonly properties: readonly (readonly (string | null)[])[];
}

export interface BenchmarkPage {
  readonly version: typeof WIRE_VERSION;
  readonly benchmark: BenchmarkRecord;
  readonly thresholds: readonly Threshold[];
  /** Its cells are encodes: which metrics they will have is known before the first run. */
  readonly encodes: boolean;
  readonly cells: CellColumns;
  readonly results: ResultColumns;
  readonly progress: Progress | null;
}

/**
 * The axis that frames are shown on: `run`, the seconds of the run at which each went into the encoder; `video`, its
 * presentation time, where the encoder's times are not known.
 */
export type TimeAxis = 'run' | 'video';

/** Times are seconds from the beginning of the run. */
export interface RunPage {
  readonly version: typeof WIRE_VERSION;
  readonly run: RunRecord;
  /** Null where there is no recording (yet); `noRecording` says why. */
  readonly header: RecordingHeader | null;
  readonly noRecording: string | null;
  /** Streams that were encoded at once, the first one first; empty where no frame was recorded. */
  readonly streams: readonly string[];
  readonly phases: readonly {
    readonly phase: string;
    readonly startS: number;
    readonly endS: number;
    readonly cpuS: number | null;
  }[];
  /** The other runs of its cell, oldest first. */
  readonly siblings: readonly { readonly id: string; readonly repeat: number; readonly outcome: Outcome | null }[];
}

/** A moment that somebody has marked while a run went on: a message that began with `!`, without it. */
export interface RunMarker {
  /** Seconds from the beginning of the run. */
  readonly timeS: number;
  /** Who said it. */
  readonly source: string;
  readonly text: string;
}

/** Frames of one stream, ascending by their time; null where something is not known. */
export interface FrameColumns {
  readonly stream: string;
  readonly axis: TimeAxis;
  /** Seconds on that axis. */
  readonly timeS: readonly number[];
  readonly frame: readonly number[];
  /** Presentation time, seconds; of a stream the capture's, from the beginning of the run, null where its clock is not known. */
  readonly ptsS: readonly (number | null)[];
  /** Code in FRAME_TYPES. */
  readonly type: readonly number[];
  readonly key: readonly number[];
  readonly bytes: readonly number[];
  readonly quantizer: readonly (number | null)[];
  readonly encodeBusyMs: readonly (number | null)[];
  readonly encodeDelayMs: readonly (number | null)[];
  /** Frames in the selection; more than there are rows where it was thinned out. */
  readonly total: number;
}

export interface SeriesColumn {
  readonly name: string;
  readonly unit: Unit;
  readonly agent: string;
  readonly description: string;
  /** Seconds from the beginning of the run, ascending. */
  readonly timeS: readonly number[];
  readonly value: readonly (number | null)[];
  readonly total: number;
}

/** A file in LAB/benchmarks. */
export interface ScriptFile {
  /** Name without folder, with its ending: what actions take. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
  /** Name of the benchmark that it was last run as; null before its first run. */
  readonly benchmark: string | null;
}

export const SCRIPT_ACTIONS = ['test', 'run', 'stop'] as const;
export type ScriptAction = (typeof SCRIPT_ACTIONS)[number];

export interface ScriptState {
  readonly script: string;
  readonly action: 'test' | 'run';
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly stopping: boolean;
  /** Exit status; null while it works or where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly log: string;
  readonly truncated: boolean;
}

/** What a page looks at; the server sends changes of that alone. Each request replaces the one before. */
export interface LiveRequest {
  readonly version: typeof WIRE_VERSION;
  readonly list?: boolean | undefined;
  readonly benchmark?: string | undefined;
  readonly run?: string | undefined;
  readonly script?: boolean | undefined;
}

export type LiveMessage =
  | { readonly type: 'hello'; readonly version: typeof WIRE_VERSION }
  | { readonly type: 'progress'; readonly progress: readonly Progress[] }
  /** Rows that are new or have changed, by run id. */
  | { readonly type: 'results'; readonly benchmark: string; readonly results: ResultColumns }
  /** What is shown is no longer what is there: read it again. */
  | { readonly type: 'stale'; readonly what: 'list' | 'benchmark' | 'run' }
  | { readonly type: 'script'; readonly state: ScriptState | null };
