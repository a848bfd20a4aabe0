// Records a run while it goes on: rows are gathered, and put on disk within a second.

import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Indicator } from '#core/indicator';
import {
  RECORDING_VERSION,
  type ClockRow,
  type FrameBatch,
  type MessageRow,
  type PhaseRow,
  type QualityBatch,
  type RecordingAgent,
  type RecordingHeader,
  type RecordingTable,
  type SeriesBatch,
  type SliceRow,
  type StepBatch,
} from '#core/recording';
import type { ShapeRow } from '#core/shape';
import { UserError } from '#core/user-error';
import { makeFolder } from '#system/make-folder';
import { ownIdentity } from '#system/process-identity';
import {
  checkRecordingPlace,
  LIVE_FILE,
  LiveWriter,
  removeLiveFile,
  type BatchMark,
  type FrameWindow,
} from './live-file.ts';
import { writeParquetFiles } from './parquet-files.ts';
import type { RecordingEnd, RecordingStart } from './recording-ends.ts';
import { HEADER_FILE, readHeader, writeHeader, type StoredHeader } from './recording-header.ts';
import { recordingError } from './recording-error.ts';
import type { RowBatch } from './row-batch.ts';
import { shapeRows } from './shape-rows.ts';
import {
  clockRows,
  frameRows,
  messageRows,
  phaseRows,
  qualityRows,
  runRows,
  seriesRows,
  stepRows,
} from './table-rows.ts';

/** From the first row that is not on disk yet to the flush: with the flush itself, less than a second. */
const FLUSH_AFTER_MS = 900;
/** So many rows are flushed at once. */
const FLUSH_ROWS = 50_000;
/** More are not kept while the disk hangs: about 60 MB. What is dropped is counted, and the recording says so. */
const MAX_WAITING_ROWS = 500_000;

export type { RecordingStart } from './recording-ends.ts';

/** How a recording is written whose rows come from agents, which want to know when they are on disk. */
export interface RecorderOptions {
  /** From the first row that is not on disk yet to the flush, milliseconds. */
  readonly flushAfterMs?: number | undefined;
  /** More rows are not kept while the disk hangs: `hasRoom` tells before. */
  readonly maxWaitingRows?: number | undefined;
  /** Everything up to these marks is on disk now. */
  readonly onMarked?: ((marks: readonly BatchMark[]) => void) | undefined;
}

/**
 * Begins a recording in a new folder.
 * @throws UserError where there is a recording already, or the place can't be written
 */
export async function startRecording(
  folder: string,
  start: RecordingStart,
  options: RecorderOptions = {},
): Promise<Recorder> {
  const path = resolve(folder);
  try {
    checkRecordingPlace(path);
    await makeFolder(path);
    if ((await stat(join(path, HEADER_FILE)).catch(() => null)) !== null)
      throw new UserError({ what: 'there is a recording already', where: path, todo: 'Record into another folder.' });
    const header: StoredHeader = {
      version: RECORDING_VERSION,
      state: 'recording',
      ...start,
      indicators: start.indicators ?? [],
      rows: {},
      owner: ownIdentity(),
    };
    await writeHeader(path, header);
    return new Recorder(path, header, await LiveWriter.open(path), options);
  } catch (error) {
    throw recordingError("the recording can't be begun", path, error);
  }
}

/**
 * Goes on with a recording whose writer died: this process is its owner from now on. Nobody else may be at work on it.
 * @returns the recorder, what is in its header, and the last batch of each instance that was written
 * @throws Error where the live file can't be read; `completeRecording` rescues what there is then
 */
export async function resumeRecording(
  folder: string,
  options: RecorderOptions = {},
): Promise<{ readonly recorder: Recorder; readonly header: RecordingHeader; readonly marks: readonly BatchMark[] }> {
  const path = resolve(folder);
  try {
    const header: StoredHeader = { ...(await readHeader(path)), owner: ownIdentity() };
    if (header.state !== 'recording') throw new UserError({ what: 'the recording has ended already', where: path });
    await stat(join(path, LIVE_FILE));
    const live = await LiveWriter.open(path);
    await writeHeader(path, header);
    return { recorder: new Recorder(path, header, live, options), header, marks: await live.marks() };
  } catch (error) {
    throw recordingError("the recording can't be gone on with", path, error);
  }
}

/** True while this very process records into the folder. */
export function isRecordedHere(folder: string): boolean {
  return openFolders.has(resolve(folder));
}

const openFolders = new Set<string>();

/**
 * The writing end of a recording. The `add` functions copy what they are given and never throw or wait: the first
 * failure of the disk is kept in `failure`, ends the recording of rows, and is thrown by `flush` and `finish`.
 */
export class Recorder {
  readonly folder: string;
  #header: StoredHeader;
  readonly #live: LiveWriter;
  readonly #flushAfterMs: number;
  readonly #maxWaitingRows: number;
  readonly #onMarked: ((marks: readonly BatchMark[]) => void) | undefined;
  /** By agent and instance: the last of those that are not on disk yet. */
  #marks = new Map<string, BatchMark>();
  #waiting = new Map<RecordingTable, RowBatch[]>();
  #waitingRows = 0;
  #droppedRows = 0;
  #headerChanged = false;
  #timer: NodeJS.Timeout | null = null;
  /** Flushes run one after the other. */
  #lastFlush: Promise<void> = Promise.resolve();
  #failure: Error | null = null;
  #ended = false;

  constructor(folder: string, header: StoredHeader, live: LiveWriter, options: RecorderOptions = {}) {
    this.folder = folder;
    this.#header = header;
    this.#live = live;
    this.#flushAfterMs = options.flushAfterMs ?? FLUSH_AFTER_MS;
    this.#maxWaitingRows = options.maxWaitingRows ?? MAX_WAITING_ROWS;
    this.#onMarked = options.onMarked;
    openFolders.add(folder);
  }

  /** What went wrong on the disk; null while all is well. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Rows that are not on disk yet. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /** False where so many rows more would be dropped. */
  hasRoom(rows: number): boolean {
    return this.#failure === null && this.#waitingRows + rows <= this.#maxWaitingRows;
  }

  /** Written in one transaction with everything that was added since the control came here last: add its rows just before. */
  addMark(mark: BatchMark): void {
    this.#marks.set(JSON.stringify([mark.agent, mark.instance]), mark);
    this.#flushLater();
  }

  /** @param run that they belong to, in a recording of many */
  addFrames(batch: FrameBatch, run = this.#header.run): void {
    this.#add('frames', frameRows(batch, run));
  }

  addSteps(batch: StepBatch, run = this.#header.run): void {
    this.#add('steps', stepRows(batch, run));
  }

  addSeries(batch: SeriesBatch): void {
    this.#add('series', seriesRows(batch));
  }

  addPhases(rows: readonly PhaseRow[], run = this.#header.run): void {
    this.#add('phases', phaseRows(rows, run));
  }

  addQuality(batch: QualityBatch): void {
    this.#add('quality', qualityRows(batch, this.#header.run));
  }

  /** A run that has ended, in a recording of many. */
  addRuns(rows: readonly SliceRow[]): void {
    this.#add('runs', runRows(rows));
  }

  addMessages(rows: readonly MessageRow[]): void {
    this.#add('messages', messageRows(rows));
  }

  addClocks(rows: readonly ClockRow[]): void {
    this.#add('clocks', clockRows(rows));
  }

  /** Phases of pieces of work that have ended, the whole piece among them. */
  addShapes(rows: readonly ShapeRow[]): void {
    this.#add('shapes', shapeRows(rows));
  }

  /** Replaces the list of indicators; it may only grow, for rows point into it by position. */
  setIndicators(indicators: readonly Indicator[]): void {
    if (indicators.length < this.#header.indicators.length) throw new RangeError('indicators may not be taken away');
    this.#changeHeader({ indicators: [...indicators] });
  }

  setAgents(agents: readonly RecordingAgent[]): void {
    this.#changeHeader({ agents: [...agents] });
  }

  /** What is missing, and why: kept at once, not only with the end. */
  addAbsent(text: string): void {
    if (!this.#header.absent.includes(text)) this.#changeHeader({ absent: [...this.#header.absent, text] });
  }

  #changeHeader(change: Partial<StoredHeader>): void {
    if (this.#ended) throw new Error('this recording has ended already');
    this.#header = { ...this.#header, ...change };
    this.#headerChanged = true;
    this.#flushLater();
  }

  /**
   * Puts on disk what was added until now.
   * @throws UserError where the disk does not take it
   */
  async flush(): Promise<void> {
    await this.#flushSoon();
    if (this.#failure !== null) throw this.#failure;
  }

  /**
   * Ends the recording: every table becomes a Parquet file, then the live file goes. Where it fails, all that was
   * flushed stays in the live file for `completeRecording`.
   * @param state `complete`, or `partial` where the run itself did not come to its end
   * @param windows frames outside of them are taken away; all stay where it is left out
   * @throws UserError where the disk does not take it
   */
  async finish(
    state: 'complete' | 'partial',
    end: RecordingEnd = {},
    windows?: readonly FrameWindow[],
  ): Promise<RecordingHeader> {
    if (this.#ended) throw new Error('this recording has ended already');
    const flushed = this.#flushSoon();
    this.#ended = true;
    await flushed;
    try {
      if (this.#failure !== null) throw this.#failure;
      if (windows !== undefined) await this.#live.keepOnly(windows);
      const rows = { ...(await writeParquetFiles(this.#live.connection, this.folder)), ...end.profile?.rows };
      const { owner: _, ...header } = this.#header;
      const { profile, ...known } = end;
      const finished: RecordingHeader = {
        ...header,
        ...known,
        ...(profile === undefined ? {} : { profile: profile.header }),
        state,
        rows,
        absent: this.#allAbsent(end.absent ?? []),
      };
      await writeHeader(this.folder, finished);
      this.#live.close();
      await removeLiveFile(this.folder);
      return finished;
    } catch (error) {
      this.#live.close();
      throw recordingError("the recording can't be finished", this.folder, error);
    } finally {
      openFolders.delete(this.folder);
    }
  }

  #add(table: RecordingTable, batch: RowBatch): void {
    if (this.#ended) throw new Error('this recording has ended already');
    if (batch.rows === 0) return;
    if (this.#failure !== null || this.#waitingRows + batch.rows > this.#maxWaitingRows) {
      this.#droppedRows += batch.rows;
      return;
    }
    const list = this.#waiting.get(table);
    if (list === undefined) this.#waiting.set(table, [batch]);
    else list.push(batch);
    this.#waitingRows += batch.rows;
    // Only the crossing starts a flush, for one that is under way takes the rest with the next.
    if (this.#waitingRows >= FLUSH_ROWS && this.#waitingRows - batch.rows < FLUSH_ROWS) void this.#flushSoon();
    else this.#flushLater();
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => void this.#flushSoon(), this.#flushAfterMs).unref();
  }

  /** Never rejects: it runs by itself too, and then nobody would hear. */
  #flushSoon(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#lastFlush = this.#lastFlush.then(() => this.#flushNow());
    return this.#lastFlush;
  }

  async #flushNow(): Promise<void> {
    if (this.#failure !== null || (this.#waitingRows === 0 && this.#marks.size === 0 && !this.#headerChanged)) return;
    const batches = this.#waiting;
    const marks = [...this.#marks.values()];
    const rows = this.#waitingRows;
    this.#waiting = new Map();
    this.#marks = new Map();
    try {
      // The indicators first: rows point at them.
      if (this.#headerChanged) {
        this.#headerChanged = false;
        await writeHeader(this.folder, this.#header);
      }
      if (rows > 0 || marks.length > 0) await this.#live.write(batches, marks);
      if (marks.length > 0) this.#onMarked?.(marks);
    } catch (error) {
      this.#failure = recordingError("the recording can't be written", this.folder, error);
    } finally {
      this.#waitingRows -= rows;
    }
  }

  #allAbsent(more: readonly string[]): readonly string[] {
    const dropped = `${this.#droppedRows} rows: the disk did not take them in time`;
    return [...new Set([...this.#header.absent, ...more, ...(this.#droppedRows > 0 ? [dropped] : [])])];
  }
}
