// What the catalogue of a lab answers: benchmarks, their cells, runs, and who is at work. Narrow, asynchronous and
// batched, so that another store can take its place.

import type { Threshold } from './benchmark.ts';
import type { Metrics } from './metric.ts';
import type { Outcome, RunKind, RunRecord } from './run.ts';
import type { Settings } from './settings.ts';

export interface BenchmarkRecord {
  /** Unique in a lab; running a changed file of the same name replaces its cells and keeps its runs. */
  readonly name: string;
  /** Path of its file, relative to the lab where it lies inside, else absolute. */
  readonly file: string;
  /** Properties that vary, in the file's order, with the names of their values. */
  readonly properties: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly repeat: number;
  /** The seed that the order was drawn with; null where the order is the file's. */
  readonly seed: number | null;
  readonly thresholds: readonly Threshold[];
  /** UTC, ISO 8601: when it was last started. */
  readonly startedAt: string;
}

/** A cell of a benchmark; its runs are all runs with the same key, whichever benchmark made them. */
export interface CellRecord {
  readonly index: number;
  readonly label: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly settings: Settings;
  readonly sameKey: string;
}

/** How far a bench at work has come; absent once it has ended. */
export interface Progress {
  readonly benchmark: string;
  readonly pid: number;
  /** `measuring`, or what it is doing before that. */
  readonly stage: 'checking' | 'measuring' | 'stopping';
  readonly runsDone: number;
  readonly runsTotal: number;
  /** Of those done, recorded before this start. */
  readonly runsSkipped: number;
  readonly failed: number;
  /** Label of the cell at work; null between cells. */
  readonly cell: string | null;
  readonly repeat: number | null;
  /** Share of the run at work that is done, 0 to 1; null where it is not known. */
  readonly runShare: number | null;
  /** Seconds left with an interval of 80 %; null while nothing is known. */
  readonly leftS: { readonly low: number; readonly middle: number; readonly high: number } | null;
  /** UTC, ISO 8601. */
  readonly updatedAt: string;
}

export interface RunEnd {
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly interrupted: boolean;
  readonly durationS: number | null;
  readonly metrics: Metrics;
}

export interface RunFilter {
  readonly benchmark?: string | undefined;
  readonly cell?: string | undefined;
  readonly outcome?: Outcome | undefined;
  /** Only runs with one of these keys. */
  readonly sameKeys?: readonly string[] | undefined;
  /** Only runs that have a metric of this name. */
  readonly metric?: string | undefined;
  /** Newest first; 1000 where it is left out. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** Where and with what a run was made, by name: `machine`, `host`, `kernel`, `build`. */
export type RunFacts = Readonly<Record<string, string>>;

/** A run, and where its recording lies. */
export type RunPlace = Pick<RunRecord, 'id' | 'recording'>;

/** A result as the catalogue keeps it, for whoever reads very many: what is JSON is text still. */
export interface RunText extends RunPlace {
  readonly kind: RunKind;
  readonly benchmark: string | null;
  readonly repeat: number;
  readonly sameKey: string;
  readonly outcome: Outcome;
  /** Its beginning. */
  readonly reason: string | null;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  /** JSON of Settings, of a list of names, of Metrics. */
  readonly settings: string;
  readonly labels: string;
  readonly metrics: string;
  /** Null where nobody has looked them up yet; empty where the recording tells none. */
  readonly facts: RunFacts | null;
}

/** Runs that a person left out of every statistic. */
export interface Exclusions {
  /** Why, by id. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Another text whenever it is another list. */
  readonly stamp: string;
}

/** The process that holds a lock: a pid alone may be another process by now, its start time tells. */
export interface LockHolder {
  readonly pid: number;
  readonly startTicks: number;
  readonly what: string;
}

export interface Catalogue {
  saveBenchmark(benchmark: BenchmarkRecord, cells: readonly CellRecord[]): Promise<void>;
  benchmarks(): Promise<BenchmarkRecord[]>;
  benchmark(name: string): Promise<BenchmarkRecord | null>;
  cells(benchmark: string): Promise<CellRecord[]>;

  startRun(run: RunRecord): Promise<void>;
  endRun(id: string, end: RunEnd): Promise<void>;
  runs(filter: RunFilter): Promise<RunRecord[]>;
  countRuns(filter: RunFilter): Promise<number>;
  run(id: string): Promise<RunRecord | null>;
  /** Ids that begin with this text, at most ten: for the short ids that people type. */
  runsByPrefix(prefix: string): Promise<string[]>;
  /** Runs that began and have no outcome yet. */
  openRuns(): Promise<RunRecord[]>;
  /** Those of them whose process is gone. */
  abandonedRuns(): Promise<RunRecord[]>;
  /** Ids of these that are not in the catalogue, in their order. */
  missingRuns(ids: readonly string[]): Promise<string[]>;
  /** Results (not interrupted, repeat 1 and up, not left out by a person) of every cell of a benchmark, by cell key. */
  results(benchmark: string): Promise<Map<string, RunRecord[]>>;
  /**
   * Ids of runs, ascending: of these benchmarks (made by them, or the same as one of their cells), or of the whole lab where there
   * are none. Some may be no results.
   */
  runIds(benchmarks: readonly string[]): Promise<string[]>;
  /** Results among these ids, by id; what is none, or is gone, is left out. */
  runTexts(ids: readonly string[]): Promise<RunText[]>;
  /** Runs with these ids, by id; those that are gone are left out. */
  runsById(ids: readonly string[]): Promise<RunRecord[]>;
  /** Which runs a person left out, and why. */
  exclusions(): Promise<Exclusions>;
  /** Results whose facts nobody has looked up yet, the newest first; none where facts can't be kept. */
  runsWithoutFacts(limit: number): Promise<RunPlace[]>;
  /** Keeps facts; where nothing can be written nothing is, and they are looked up again. */
  saveFacts(facts: ReadonlyMap<string, RunFacts>): Promise<void>;
  deleteRuns(ids: readonly string[]): Promise<number>;

  setProgress(progress: Progress): Promise<void>;
  clearProgress(benchmark: string): Promise<void>;
  progress(): Promise<Progress[]>;

  /** Takes a named lock, or returns who holds it. A lock of a process that is gone is taken over. */
  lock(name: string, holder: LockHolder): Promise<LockHolder | null>;
  unlock(name: string, holder: LockHolder): Promise<void>;

  /** A number that changes whenever anything was written, by any process: for polling. */
  changeCounter(): Promise<number>;
  close(): Promise<void>;
}
