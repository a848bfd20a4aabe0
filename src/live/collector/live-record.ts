// One recording of the running session: marks its first and last frame, keeps what the client received, and makes it a run.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRecording } from '#core/live';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { StreamRows, StreamRun } from '#run/stream-run';
import { monotonicUs } from '#system/clock';
import type { Batch } from '../agent-wire.ts';
import type { Agent } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import { admittedRows } from './admitted-rows.ts';
import { AwayAgents } from './away-agents.ts';
import type { Director } from './director.ts';
import { DesktopEnds } from './desktop-ends.ts';
import { finishLater } from './finish-later.ts';
import { readAnswer, UNKEPT } from './read-answer.ts';
import { gatherRows, untilBack } from './gather-rows.ts';
import { MAX_KEPT_BYTES, scoreFiles } from './score-files.ts';
import type { RecordMemo } from './record-memo.ts';
import { LEAD_MS, RecordedParts, sourceIsHere } from './recorded-parts.ts';
import type { Scorer } from './score-record.ts';

/** After the last frame was captured: until the client shows it, beside what the network adds. */
const TAIL_MS = 400;
const MAX_TAIL_MS = 3_000;
/** Of a stock SPICE client, which lets pictures wait for its sound and for the worst delay that it saw. */
const SPICE_TAIL_MS = 1_500;
/** A timer may fire so long before its time. */
const EARLY_MS = 20;
/** Lines that tell what is missing; more are counted. */
const MAX_MISSED = 100;

export interface RecordSurroundings {
  readonly hub: AgentHub;
  readonly director: Director;
  readonly epochUs: number;
  readonly changed: () => void;
  readonly tell: (text: string) => void;
  /** Resolves when a profile that is taken has come so far, within a bound. */
  readonly profiledUntil: (timeUs: number) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export class LiveRecord {
  readonly stream: StreamRun;
  readonly finished: Promise<RunRecord>;
  readonly #done = Promise.withResolvers<RunRecord>();
  readonly #around: RecordSurroundings;
  readonly #stop = new AbortController();
  readonly #left = new AbortController();
  #memo: RecordMemo;
  #stage: LiveRecording['stage'] = 'starting';
  #takesRows = true;
  #isClosed = false;
  readonly #rowsAreIn = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | null = null;
  #ending: Promise<void> | null = null;
  readonly #parts: RecordedParts;
  readonly #away = new AwayAgents((name) => this.isRecorded(name));
  #missed = 0;
  #restarts = 0;
  readonly #desktop: DesktopEnds;

  constructor(stream: StreamRun, memo: RecordMemo, around: RecordSurroundings) {
    this.stream = stream;
    this.#memo = memo;
    this.#around = around;
    this.#parts = new RecordedParts(stream, around);
    this.#desktop = new DesktopEnds(around, (timeUs) => this.#at(timeUs));
    this.finished = this.#done.promise;
    // Whoever asks for the run hears of a failure; where nobody asks it is no crash.
    this.finished.catch(() => undefined);
  }

  get memo(): RecordMemo {
    return this.#memo;
  }

  /** False once all rows are there: what comes then is of a later time. */
  get takesRows(): boolean {
    return this.#takesRows;
  }

  /** Resolves when parts are needed no more. */
  get rowsAreIn(): Promise<void> {
    return this.#rowsAreIn.promise;
  }

  /** An agent that was there from the start, or has a part of what is recorded. */
  isRecorded(name: string): boolean {
    return this.#memo.agents.includes(name) || this.#memo.holders.some(({ agent }) => agent === name);
  }

  /** What of a batch may go into it. */
  admitted(agent: Agent, batch: Batch): StreamRows {
    const { director } = this.#around;
    return admittedRows(agent, batch, director.wanted?.id ?? null, this.#memo.holders, director.lead);
  }

  /** Somebody changed settings while it is recorded: a cell of a benchmark is no cell of it any more. */
  settingsChanged(names: readonly string[], operator: string): void {
    if (this.#ending !== null || this.#isClosed) return;
    const isBench = this.stream.run.benchmark !== null;
    const otherPictures = this.#memo.quality !== null && names.some((name) => name === 'source' || name === 'display');
    if (!isBench && !otherPictures) return;
    if (otherPictures) this.#miss('quality: the source was changed while it was recorded');
    const quality = otherPictures ? null : this.#memo.quality;
    const spoilt = isBench ? `${operator} changed ${names.join(', ')} while it was recorded` : null;
    this.#memo = { ...this.#memo, quality, spoilt: this.#memo.spoilt ?? spoilt };
    this.stream.memo(this.#memo).catch((error: unknown) => this.#told(error));
  }

  state(): LiveRecording {
    const { id } = this.stream.run;
    const startedS = ((this.stream.state.fromUs ?? monotonicUs()) - this.#around.epochUs) / 1e6;
    return { run: id, name: this.#memo.name, startedS, forS: this.#memo.forS, stage: this.#stage };
  }

  /** Marks the first frame. @throws UserError where sender or receiver don't work; the run has failed then */
  async begin(): Promise<void> {
    try {
      await this.#join();
      const fromUs = monotonicUs() + LEAD_MS * 1000;
      const { forS } = this.#memo;
      const endUs = forS === null ? null : fromUs + forS * 1e6;
      await this.stream.span({ fromUs, endUs });
      this.#around.tell(`Recording ${this.#memo.name} has begun.`);
      this.#setStage('recording');
      this.#lookAtDesktop();
      this.#endAt(endUs);
    } catch (error) {
      await this.#close({ outcome: 'failed', reason: reasonOf(error), interrupted: true });
      throw error;
    }
  }

  /** Goes on where a collector before us was killed; sender and receiver join when they are here. */
  resume(): void {
    const { endUs } = this.stream.state;
    this.#parts.resume();
    this.#away.expect(this.#memo.agents);
    this.#setStage('recording');
    this.#endAt(endUs);
  }

  lost(agent: Agent): void {
    this.#away.lost(agent);
  }

  arrived(agent: Agent): void {
    const sinceUs = this.#away.arrived(agent);
    if (sinceUs === null) return;
    const span = `${this.#at(sinceUs)} to ${this.#at(monotonicUs())}`;
    this.#miss(`agent ${agent.name}: it was away from ${span}, and is another process now`);
  }

  /** A part works anew: its stream or its receiver belongs to the recording too. */
  parts(): void {
    if (this.#stage !== 'recording' || this.#ending !== null) return;
    this.#lookAtDesktop();
    const who = this.#parts.changed();
    if (who === null) return;
    this.#restarts++;
    this.#miss(`${who}: it was started anew, and works again since ${this.#at(monotonicUs())}`);
    this.#join().catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      this.#miss(`frames since ${this.#at(monotonicUs())}: ${error.message}`);
    });
  }

  /**
   * Ends it, once, however often it is told. Resolves when the run is finished.
   * @param why it ends before its time: a cell of a benchmark is no result then
   */
  end(interrupted: boolean, score: Scorer, why = 'it was ended before its time'): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (interrupted) this.#stop.abort();
    const { endUs } = this.stream.state;
    const isCut = this.stream.run.benchmark !== null && endUs !== null && monotonicUs() < endUs - EARLY_MS * 1000;
    this.#ending ??= this.#end(interrupted, score, isCut ? why : null);
    return this.#ending;
  }

  /** Gives up what the disk did not take: the next start completes it. */
  leave(): void {
    this.#left.abort();
  }

  /** Told when its time is over, and when its run is finished. */
  onTime: () => void = () => undefined;
  onClosed: () => void = () => undefined;
  /** What the disk did not take at its end is there now. */
  onFinishedLate: () => void = () => undefined;

  #endAt(endUs: number | null): void {
    if (endUs === null) return;
    this.#timer = setTimeout(() => this.onTime(), Math.max(0, endUs - monotonicUs()) / 1000);
  }

  #lookAtDesktop(): void {
    const nowUs = monotonicUs();
    const back = this.#desktop.look(nowUs, this.stream.state.fromUs ?? nowUs);
    if (back !== null) this.#miss(back);
  }

  async #join(): Promise<void> {
    this.#memo = await this.#parts.join(() => this.#memo);
    await this.stream.memo(this.#memo);
  }

  async #end(interrupted: boolean, score: Scorer, cut: string | null): Promise<void> {
    let scored: Awaited<ReturnType<Scorer>> = {};
    let problem: unknown = null;
    try {
      await this.#markEnd();
      const { toUs } = this.stream.state;
      await Promise.all([
        gatherRows({
          hub: this.#around.hub,
          stream: this.stream,
          away: this.#away,
          signal: this.#stop.signal,
          at: (timeUs) => this.#at(timeUs),
          miss: (text) => this.#miss(text),
          orMiss: (what, act) => this.#orMiss(what, act),
        }),
        this.#around.profiledUntil(toUs ?? monotonicUs()),
      ]);
      this.#takeNoMore();
      if (!interrupted && cut === null && this.#memo.files.length > 0) scored = await this.#score(score);
    } catch (error) {
      problem = error;
    }
    const failure = problem ?? this.stream.failure;
    const isBench = this.stream.run.benchmark !== null;
    const broken = isBench ? (this.#restarts > 0 ? RESTARTED : this.#desktop.cameBack) : null;
    const reason = failure === null ? (cut ?? this.#memo.spoilt ?? this.#desktop.lost ?? broken) : reasonOf(failure);
    await this.#close({
      outcome: reason === null ? 'ok' : 'failed',
      reason,
      interrupted: interrupted || cut !== null || failure !== null,
      actual: this.#parts.actual,
      scarce: this.#desktop.scarce,
      ...scored,
    });
    if (problem !== null && !(problem instanceof UserError)) throw problem;
  }

  #takeNoMore(): void {
    this.#takesRows = false;
    this.#rowsAreIn.resolve();
  }

  async #markEnd(): Promise<void> {
    const { director } = this.#around;
    await untilBack(
      () => director.holder(director.lead) !== null && (!director.hasReceiver || director.holder('receiver') !== null),
      this.#stop.signal,
    );
    const toUs = monotonicUs();
    await this.stream.span({ toUs });
    const { blind } = this.#desktop;
    if (blind !== null) this.#miss(`at the end: ${blind}`);
    for (const program of this.#desktop.ended) this.#miss(`at the end: ${program}`);
    await this.#orMiss('frames at the end', async () => {
      if (!(await this.#parts.unmark()))
        this.#miss(`frames at the end: the ${director.lead} did not work at ${this.#at(toUs)}`);
    });
    const { delayMs = 0, jitterMs = 0, queueMs = 0 } = director.resolved?.network ?? {};
    const tailMs = director.hasReceiver ? TAIL_MS : SPICE_TAIL_MS;
    await sleep(Math.min(MAX_TAIL_MS, tailMs + delayMs + 3 * jitterMs + queueMs));
    const receiver = director.holder('receiver');
    if (receiver === null || !director.hasReceiver) return;
    await this.#orMiss('what was received', async () => {
      const kept = await receiver.agent.ask({ name: 'part', part: 'receiver', command: 'unkeep', ask: {} });
      if (readAnswer(UNKEPT, kept, receiver.agent).cut)
        this.#miss(`what was received: more than ${MAX_KEPT_BYTES} bytes are not kept`);
    });
  }

  async #score(score: Scorer): Promise<Awaited<ReturnType<Scorer>>> {
    const { quality, keepOutput, files, source } = this.#memo;
    if (quality === null && !keepOutput) return {};
    this.#setStage('scoring');
    return scoreFiles(
      {
        run: this.stream,
        hub: this.#around.hub,
        files,
        quality,
        keepOutput,
        source: sourceIsHere(this.#memo, this.#around.hub) ? source : null,
        miss: (text) => this.#miss(text),
        orMiss: (what, act) => this.#orMiss(what, act),
      },
      score,
      this.#stop.signal,
    );
  }

  async #close(end: Parameters<StreamRun['end']>[0]): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#takeNoMore();
    const { hub } = this.#around;
    const { id } = this.stream.run;
    for (const name of new Set(this.#memo.files.map(({ agent }) => agent)))
      // An agent that is away drops the folder by its own bound.
      void hub
        .agent(name)
        ?.ask({ name: 'drop-folder', run: id })
        .catch(() => undefined);
    if (this.#missed > MAX_MISSED) this.stream.absent(`${this.#missed - MAX_MISSED} more things are missing`);
    this.#isClosed = true;
    try {
      const run = await this.stream.end(end);
      this.#around.tell(`Recording ${this.#memo.name} has ended: run ${run.id}, ${run.outcome ?? 'interrupted'}.`);
      this.onClosed();
      this.#done.resolve(run);
    } catch (error) {
      this.onClosed();
      this.#done.reject(error);
      if (error instanceof UserError)
        finishLater(
          this.stream,
          { ...end, outcome: 'failed', reason: reasonOf(error), interrupted: true },
          {
            signal: this.#left.signal,
            tell: (text) => this.#around.tell(`Recording ${this.#memo.name} ${text}.`),
            onFinished: () => this.onFinishedLate(),
          },
        ).catch(this.#around.onError);
      throw error;
    }
  }

  /** What a person can mend was told; anything else is a fault of ours. */
  #told(error: unknown): void {
    if (error instanceof UserError) this.#around.tell(`Recording ${this.#memo.name}: ${reasonOf(error)}.`);
    else this.#around.onError(error);
  }

  #miss(text: string): void {
    this.#missed++;
    if (this.#missed > MAX_MISSED) return;
    if (!this.#isClosed) this.stream.absent(text);
    this.#around.tell(`Recording ${this.#memo.name}: ${text}.`);
  }

  async #orMiss(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#miss(`${what}: ${error.message}`);
    }
  }

  /** A time of the recording, for people. */
  #at(timeUs: number): string {
    const { fromUs } = this.stream.state;
    return `${(Math.max(0, timeUs - (fromUs ?? timeUs)) / 1e6).toFixed(1)} s`;
  }

  #setStage(stage: LiveRecording['stage']): void {
    this.#stage = stage;
    this.#around.changed();
  }
}

const RESTARTED = 'a part of the session was started anew while it was recorded';

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.problems[0]!.what;
  return error instanceof Error ? error.message : String(error);
}
