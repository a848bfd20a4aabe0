// The rolling recording of a worker: rows of many runs in one recording, cut by size and time, so that a quarter of a
// million runs stay a few files.

import { join } from 'node:path';
import type { Environment } from '#core/environment';
import type { Indicator } from '#core/indicator';
import type { FrameBatch, PhaseRow, RecordingAgent, SeriesBatch, SliceRow, StepBatch } from '#core/recording';
import type { ShapeRow } from '#core/shape';
import { monotonicUs, newId } from '#system/clock';
import { startRecording, type Recorder } from './recorder.ts';

/** A recording is cut where it has so many rows of frames and steps, or is so old: then its runs can be looked at. */
const MAX_ROWS = 2_000_000;
const MAX_AGE_MS = 10 * 60_000;
/** A row of `shapes` is as wide as many of the others, and counts for so many: a recording is finished in little memory. */
const SHAPE_ROWS = 200;

export interface RollingStart {
  /** Folder that holds rolling recordings, each in a folder of its own. */
  readonly root: string;
  readonly environment: Environment;
  /** The worker. */
  readonly agent: RecordingAgent;
  readonly indicators: readonly Indicator[];
  readonly maxRows?: number | undefined;
  readonly maxAgeMs?: number | undefined;
}

/** Where the rows of one run go: all of them into the recording in which it began. */
export interface RunSlice {
  /** Name of the recording's folder below the root. */
  readonly recording: string;
  addFrames(batch: FrameBatch): void;
  addSteps(batch: StepBatch): void;
  addPhase(row: PhaseRow): void;
  /** To be called once: with the ended run, or null where nothing is to be kept of it. */
  end(row: SliceRow | null): void;
}

interface Part {
  readonly name: string;
  readonly recorder: Recorder;
  readonly beganAtMs: number;
  rows: number;
  /** Runs that go on. */
  runs: number;
  isCut: boolean;
  isFinished: boolean;
}

export class RollingRecorder {
  readonly #start: RollingStart;
  #current: Part | null = null;
  /** One at a time begins or ends; the first failure is told by `close`. */
  #work: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(start: RollingStart) {
    this.#start = start;
  }

  /** @throws UserError where the disk does not take it */
  async begin(run: string): Promise<RunSlice> {
    const part = await this.#withPart((current) => {
      current.runs++;
      return current;
    });
    let hasEnded = false;
    return {
      recording: part.name,
      addFrames: (batch) => {
        part.rows += batch.frame.length;
        part.recorder.addFrames(batch, run);
      },
      addSteps: (batch) => {
        part.rows += batch.frame.length;
        part.recorder.addSteps(batch, run);
      },
      addPhase: (row) => part.recorder.addPhases([row], run),
      end: (row) => {
        if (hasEnded) throw new Error('this run has ended already');
        hasEnded = true;
        if (row !== null) part.recorder.addRuns([row]);
        part.runs--;
        this.#finishWhereDone(part);
      },
    };
  }

  /**
   * Phases of a piece of work, in the recording that is open now.
   * @throws UserError where the disk does not take it
   */
  addShapes(rows: readonly ShapeRow[]): Promise<void> {
    return this.#withPart((part) => {
      part.rows += rows.length * SHAPE_ROWS;
      part.recorder.addShapes(rows);
    });
  }

  /** Of the whole host, in the recording that is open now. */
  addSeries(batch: SeriesBatch): void {
    this.#current?.recorder.addSeries(batch);
  }

  /**
   * Ends the last recording; runs that have not ended are none.
   * @throws UserError where the disk did not take something
   */
  async close(): Promise<void> {
    const part = this.#current;
    this.#current = null;
    if (part !== null) {
      part.isCut = true;
      part.runs = 0;
      this.#finishWhereDone(part);
    }
    await this.#work;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Uses the recording that is open, before anybody can cut it. */
  #withPart<Result>(use: (part: Part) => Result): Promise<Result> {
    const next = this.#work.then(async () => {
      const { maxRows = MAX_ROWS, maxAgeMs = MAX_AGE_MS } = this.#start;
      const known = this.#current;
      if (known !== null && known.rows < maxRows && performance.now() - known.beganAtMs < maxAgeMs) return use(known);
      if (known !== null) {
        known.isCut = true;
        this.#finishWhereDone(known);
      }
      return use((this.#current = await this.#open()));
    });
    this.#work = next.then(nothing, nothing);
    return next;
  }

  async #open(): Promise<Part> {
    const { root, environment, agent, indicators } = this.#start;
    const name = newId();
    const recorder = await startRecording(join(root, name), {
      run: name,
      kind: 'encode',
      settings: {},
      environment,
      agents: [agent],
      indicators,
      anchor: { monotonicUs: monotonicUs(), utc: new Date().toISOString() },
      absent: [],
      accounting: 'proc',
    });
    return { name, recorder, beganAtMs: performance.now(), rows: 0, runs: 0, isCut: false, isFinished: false };
  }

  #finishWhereDone(part: Part): void {
    if (!part.isCut || part.runs > 0 || part.isFinished) return;
    part.isFinished = true;
    this.#work = this.#work
      .then(() => part.recorder.finish('complete'))
      .then(nothing)
      .catch((error: unknown) => void (this.#failure ??= error));
  }
}

function nothing(): void {}
