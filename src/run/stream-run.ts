// The recording of a stream that goes on by itself: agents bring batches, each is kept once, and at the end it is a run.

import type { RunEnd } from '#core/catalogue';
import type { Environment } from '#core/environment';
import type { Indicator } from '#core/indicator';
import type { Metrics } from '#core/metric';
import type { QualityHeader } from '#core/quality';
import type {
  ClockRow,
  FrameBatch,
  MessageRow,
  QualityBatch,
  RecordingAgent,
  SeriesBatch,
  StepBatch,
} from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import type { BatchMark, FrameWindow } from '#recording/live-file';
import { startRecording, type Recorder } from '#recording/recorder';
import { newStreamState, writeStreamState, type StreamEnding, type StreamState } from '#recording/stream-state';
import { monotonicUs, newId } from '#system/clock';
import type { RunIdentity } from './execute-run.ts';
import { endFinished, endStreamRun } from './stream-end.ts';
import { KeptSlices } from './stream-profile.ts';
import { framesInside, IndicatorPlaces, stepsInside } from './stream-rows.ts';

/** Agents wait for acknowledgements, and keep what is not acknowledged: rows are on disk soon. */
export const FLUSH_AFTER_MS = 200;

export interface StreamRunStart {
  readonly lab: Lab;
  readonly identity: RunIdentity;
  readonly environment: Environment;
  readonly agents: readonly StreamAgent[];
  /** Wanted end, microseconds on the reference clock; null where it is not known (yet). */
  readonly endUs: number | null;
  readonly absent: readonly string[];
  /** Anything that JSON can hold: found again by whoever goes on with the recording. */
  readonly memo: unknown;
  /** From a batch to its rows on disk, milliseconds. */
  readonly flushAfterMs?: number;
  /** Rows that may wait for the disk before batches are refused. */
  readonly maxWaitingRows?: number;
}

export interface StreamAgent {
  readonly agent: RecordingAgent;
  /** Its own list: rows of its batches point into that. */
  readonly indicators: readonly Indicator[];
}

/** What an agent brings at once. Times are its own. */
export interface StreamRows {
  readonly series: readonly SeriesBatch[];
  readonly frames: readonly FrameBatch[];
  readonly steps: readonly StepBatch[];
}

/**
 * `waiting`: it is told by `onCommitted` when it may be acknowledged; `committed`: it was kept before, and may be acknowledged
 * again; `full`: nothing of it was taken, for the disk is behind (or broken). Then no later batch of that instance may be added before
 * this one was taken: it is not acknowledged, the agent keeps it and brings it again.
 */
export type BatchFate = 'waiting' | 'committed' | 'full';

/** Tells that all batches of this instance up to the number are on disk. */
export type CommitListener = (agent: string, instance: string, number: number) => void;

export interface StreamRunEnd {
  readonly outcome: RunEnd['outcome'];
  readonly reason: string | null;
  /** True where it is no result: it was ended before its time. */
  readonly interrupted: boolean;
  /** Values in force, by the names of the settings. */
  readonly actual?: Readonly<Record<string, string>> | undefined;
  readonly quality?: QualityHeader | undefined;
  /** Of the pictures; joined with those that are computed from the recording. */
  readonly metrics?: Metrics | undefined;
  readonly scarce?: StreamEnding['scarce'];
}

/**
 * Begins a run of the kind `stream` in lab and catalogue. Its reference clock is this host's monotonic clock.
 * @throws UserError where the lab can't be written
 */
export async function startStreamRun(start: StreamRunStart): Promise<StreamRun> {
  const { lab, identity, environment } = start;
  const id = newId();
  const places = new IndicatorPlaces();
  for (const { agent, indicators } of start.agents) places.set(agent.name, indicators);
  const run: RunRecord = {
    id,
    kind: 'stream',
    ...identity,
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: null,
    metrics: {},
    recording: lab.recordingPath(id),
  };
  const commits = new Commits();
  const folder = lab.recordingFolder(id);
  const agents = start.agents.map(({ agent }) => agent);
  const open = async () => {
    const recorder = await startRecording(
      folder,
      {
        run: id,
        kind: 'stream',
        settings: identity.settings,
        environment,
        agents,
        indicators: places.list,
        anchor: { monotonicUs: monotonicUs(), utc: run.startedAt },
        absent: start.absent,
        accounting: 'none',
      },
      {
        flushAfterMs: start.flushAfterMs ?? FLUSH_AFTER_MS,
        maxWaitingRows: start.maxWaitingRows,
        onMarked: (marks) => commits.tell(marks),
      },
    );
    const state = newStreamState(start.endUs, start.memo);
    await writeStreamState(folder, state);
    return new StreamRun({ lab, run, recorder, state, places, agents, commits });
  };
  // First: whoever is killed from now on leaves no folder that belongs to nobody.
  await lab.catalogue.startRun(run);
  try {
    return await open();
  } catch (error) {
    const reason = error instanceof UserError ? error.problems[0]!.what : String(error);
    await lab.catalogue.endRun(id, { outcome: 'failed', reason, interrupted: true, durationS: null, metrics: {} });
    throw error;
  }
}

/** Which batches are on disk. */
export class Commits {
  readonly #numbers = new Map<string, number>();
  listener: CommitListener = () => {};

  constructor(marks: readonly BatchMark[] = []) {
    for (const mark of marks) this.#numbers.set(keyOf(mark.agent, mark.instance), mark.number);
  }

  tell(marks: readonly BatchMark[]): void {
    for (const { agent, instance, number } of marks) {
      this.#numbers.set(keyOf(agent, instance), number);
      this.listener(agent, instance, number);
    }
  }

  number(agent: string, instance: string): number | null {
    return this.#numbers.get(keyOf(agent, instance)) ?? null;
  }
}

function keyOf(agent: string, instance: string): string {
  return JSON.stringify([agent, instance]);
}

/** Everything of which a StreamRun is made, begun anew or gone on with. */
export interface StreamRunParts {
  readonly lab: Lab;
  readonly run: RunRecord;
  readonly recorder: Recorder;
  readonly state: StreamState;
  readonly places: IndicatorPlaces;
  readonly agents: readonly RecordingAgent[];
  readonly commits: Commits;
}

/** The writing end of a stream's recording. */
export class StreamRun {
  readonly run: RunRecord;
  readonly #lab: Lab;
  readonly #recorder: Recorder;
  readonly #places: IndicatorPlaces;
  readonly #commits: Commits;
  #agents: readonly RecordingAgent[];
  #state: StreamState;
  readonly #slices: KeptSlices;
  #isFinished = false;
  /** Changes of the state are written one after the other. */
  #lastWrite: Promise<void> = Promise.resolve();
  /** By agent and instance: the last batch that was taken, on disk or on its way there. */
  readonly #taken = new Map<string, number>();
  /** By agent: how far its clock is ahead, as it was told last. */
  readonly #offsetUs = new Map<string, number>();

  constructor(parts: StreamRunParts) {
    this.run = parts.run;
    this.#lab = parts.lab;
    this.#recorder = parts.recorder;
    this.#places = parts.places;
    this.#commits = parts.commits;
    this.#agents = parts.agents;
    this.#state = parts.state;
    this.#slices = new KeptSlices(parts.recorder.folder);
  }

  /** Absolute: files of the run (what was received) are put there. */
  get folder(): string {
    return this.#recorder.folder;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** What went wrong on the disk; null while all is well. From then on every batch is `full`: end the run. */
  get failure(): Error | null {
    return this.#recorder.failure;
  }

  /** Called for every instance after each commit; the last one that was given hears it. */
  onCommitted(listener: CommitListener): void {
    this.#commits.listener = listener;
  }

  /** Number of the last batch of that instance that is on disk; null where none is. */
  knownBatch(agent: string, instance: string): number | null {
    return this.#commits.number(agent, instance);
  }

  /** An agent that came, or whose list of indicators grew: before its first batch that points at them. */
  setAgent({ agent, indicators }: StreamAgent): void {
    if (this.#places.set(agent.name, indicators)) this.#recorder.setIndicators(this.#places.list);
    const known = this.#agents.find(({ name }) => name === agent.name);
    if (known !== undefined && known.role === agent.role && known.host === agent.host) return;
    this.#agents = [...this.#agents.filter(({ name }) => name !== agent.name), agent];
    this.#recorder.setAgents(this.#agents);
  }

  /**
   * Takes a batch with what of it belongs into the recording. Batches of an instance come in the order of their numbers, and any
   * of them may come again. Copies what it keeps, and waits for nothing.
   */
  add(agent: string, instance: string, number: number, rows: StreamRows): BatchFate {
    const key = keyOf(agent, instance);
    const committed = this.#commits.number(agent, instance) ?? -1;
    if (number <= committed) return 'committed';
    if (number <= (this.#taken.get(key) ?? -1)) return this.failure === null ? 'waiting' : 'full';
    if (!this.#recorder.hasRoom(countRows(rows))) return 'full';

    const { windows } = this.#state;
    for (const batch of rows.frames) this.#recorder.addFrames(framesInside(batch, windows));
    for (const batch of rows.steps) this.#recorder.addSteps(stepsInside(batch, windows));
    const isWanted = this.#spanOf(agent);
    for (const batch of rows.series) this.#recorder.addSeries(this.#places.mapped(agent, batch, isWanted));
    this.#recorder.addMark({ agent, instance, number });
    this.#taken.set(key, number);
    return 'waiting';
  }

  /** Whether a time of that agent lies in what is recorded; while its clock is not known all of it does. */
  #spanOf(agent: string): (timeUs: number) => boolean {
    const offsetUs = this.#offsetUs.get(agent);
    const { fromUs, toUs } = this.#state;
    if (offsetUs === undefined) return () => true;
    const first = (fromUs ?? -Infinity) + offsetUs;
    const last = (toUs ?? Infinity) + offsetUs;
    return (timeUs) => timeUs >= first && timeUs <= last;
  }

  /** Rows of `clocks`. */
  addClocks(rows: readonly ClockRow[]): void {
    for (const { agent, offsetUs } of rows) this.#offsetUs.set(agent, offsetUs);
    this.#recorder.addClocks(rows);
  }

  /** Lines of the feed; times on the reference clock. */
  addMessages(rows: readonly MessageRow[]): void {
    this.#recorder.addMessages(rows);
  }

  addQuality(batch: QualityBatch): void {
    this.#recorder.addQuality(batch);
  }

  /** A packed profile of the next second; see `ProfileSlices`. Waits for nothing. */
  addProfileSlice(packed: Uint8Array): void {
    this.#slices.add(packed);
  }

  /** What is missing, and why. */
  absent(text: string): void {
    this.#recorder.addAbsent(text);
  }

  /** Which frames of a stream belong: a stream without a window has none. A window that is given again replaces the one before. */
  window(window: FrameWindow): Promise<void> {
    const others = this.#state.windows.filter(({ stream }) => stream !== window.stream);
    return this.#change({ windows: [...others, window] });
  }

  /** From where to where the recording goes, and when it is wanted to end: microseconds on the reference clock. */
  span(change: { readonly fromUs?: number; readonly toUs?: number; readonly endUs?: number | null }): Promise<void> {
    return this.#change(change);
  }

  memo(memo: unknown): Promise<void> {
    return this.#change({ memo });
  }

  /** Holds in this process at once; resolves when it would survive it. */
  #change(change: Partial<StreamState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const state = this.#state;
    // One that failed has told so itself.
    this.#lastWrite = this.#lastWrite.catch(() => {}).then(() => writeStreamState(this.folder, state));
    return this.#lastWrite;
  }

  /** Everything that was taken until now is on disk. @throws UserError where the disk does not take it */
  async flush(): Promise<void> {
    await this.#recorder.flush();
  }

  /**
   * Finishes the recording, computes the metrics from it and ends the run. A disk that does not take it makes a failed run.
   * @throws UserError where not even that can be written: it may be tried again
   */
  async end(end: StreamRunEnd): Promise<RunRecord> {
    const fromUs = this.#state.fromUs ?? monotonicUs();
    const toUs = this.#state.toUs ?? monotonicUs();
    const durationS = Math.max(0, toUs - fromUs) / 1e6;
    const { outcome, reason, interrupted, actual, quality, metrics, scarce } = end;
    const known = { ...(actual === undefined ? {} : { actual }), ...(quality === undefined ? {} : { quality }) };
    const ending = { outcome, reason, interrupted, durationS, metrics: metrics ?? {}, known, scarce };
    return this.endAs(ending, { fromUs, toUs });
  }

  /** The same with an ending that is known already: of a collector that was killed while it ended the run. */
  async endAs(
    ending: StreamEnding,
    span: { readonly fromUs?: number; readonly toUs?: number } = {},
  ): Promise<RunRecord> {
    await this.#change({ ...span, ending });
    // A recorder ends once: what it could not write then is completed from what is on disk.
    if (this.#isFinished) return endFinished(this.#lab, this.run, ending);
    this.#isFinished = true;
    const problem = await this.#slices.settled();
    if (problem !== null) this.absent(`profile: ${problem}`);
    return endStreamRun(this.#lab, this.run, this.#recorder, { ...this.#state, ending });
  }
}

function countRows({ series, frames, steps }: StreamRows): number {
  let rows = 0;
  for (const { timeUs } of series) rows += timeUs.length;
  for (const { frame } of frames) rows += frame.length;
  for (const { frame } of steps) rows += frame.length;
  return rows;
}
