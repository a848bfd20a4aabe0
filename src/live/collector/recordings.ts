// Recordings of the live system: at most one at a time; where there is one, batches are acknowledged when they are on disk.

import { createHash } from 'node:crypto';
import type { FeedMessage, LiveRecording, PartState } from '#core/live';
import type { RunRecord } from '#core/run';
import type { SessionPart } from '#core/session';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { resumeStreamRuns } from '#run/stream-resume';
import { startStreamRun, type StreamRun } from '#run/stream-run';
import { monotonicUs, newId } from '#system/clock';
import type { Batch } from '../agent-wire.ts';
import type { LiveRecordRequest } from '../collector-types.ts';
import type { Agent } from './agent.ts';
import { LiveRecord, type RecordSurroundings } from './live-record.ts';
import { parseRecordMemo, recordMemo, sourceText } from './record-memo.ts';
import type { Scorer } from './score-record.ts';

/** Ended recordings whose runs can still be waited for; older ones are in the catalogue. */
const MAX_ENDED = 100;
/** Seconds: less holds no frame; and longer than a timer of Node.js runs is not waited for. */
const MIN_S = 0.1;
const MAX_S = 20 * 86_400;

export interface RecordingsOptions extends RecordSurroundings {
  readonly lab: Lab;
  readonly score: Scorer;
}

/** What becomes of a batch: acknowledged now, when it is on disk, or not taken at all. */
export type BatchFate = 'kept' | 'waiting' | 'full';

export class Recordings {
  readonly #options: RecordingsOptions;
  #current: LiveRecord | null = null;
  #starting = false;
  readonly #closing = new AbortController();
  /** Length of each agent's list of indicators that the recording knows. */
  readonly #told = new Map<string, number>();
  readonly #runs = new Map<string, Promise<RunRecord>>();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Goes on with what a killed collector left. @throws UserError where the lab can't be written */
  async open(): Promise<void> {
    for (const stream of await resumeStreamRuns(this.#options.lab)) {
      const memo = parseRecordMemo(stream.state.memo);
      // One without a beginning has nothing that could be gone on with.
      if (memo === null || this.#current !== null || stream.state.fromUs === null)
        await stream.end({ outcome: 'killed', reason: 'its collector was killed', interrupted: true });
      else this.#take(new LiveRecord(stream, memo, this.#options)).resume();
    }
  }

  state(): LiveRecording | null {
    return this.#current?.state() ?? null;
  }

  keptBatch(agent: string, instance: string): number {
    return this.#current?.stream.knownBatch(agent, instance) ?? 0;
  }

  batch(agent: Agent, batch: Batch): BatchFate {
    const stream = this.#taking;
    if (stream === null) return 'kept';
    if (this.#told.get(agent.name) !== agent.indicators.length) this.#introduce(stream, agent);
    const rows = this.#current!.admitted(agent, batch);
    const fate = stream.add(agent.name, agent.instance, batch.number, rows);
    if (fate === 'full' && stream.failure !== null) {
      // The disk is broken: the recording ends with what it has, and agents are served without it.
      this.#endSoon(stream.run.id, true);
      return 'kept';
    }
    return fate === 'committed' ? 'kept' : fate;
  }

  arrived(agent: Agent): void {
    this.#current?.arrived(agent);
  }

  settingsChanged(names: readonly string[], operator: string): void {
    this.#current?.settingsChanged(names, operator);
  }

  /** Whether what an agent kept still belongs to a recording. */
  needs(agent: string): boolean {
    return this.#current?.isRecorded(agent) ?? false;
  }

  lost(agent: Agent): void {
    this.#current?.lost(agent);
  }

  parts(): void {
    this.#current?.parts();
  }

  clock(agent: Agent, nowUs: number): void {
    const stream = this.#taking;
    const clock = stream === null ? null : agent.clock(nowUs);
    if (clock === null) return;
    const { offsetUs, errorUs } = clock;
    stream!.addClocks([{ agent: agent.name, timeUs: nowUs + offsetUs, offsetUs, errorUs }]);
  }

  message({ source, text, timeS }: FeedMessage): void {
    const timeUs = this.#options.epochUs + timeS * 1e6;
    this.#taking?.addMessages([{ timeUs, source, text }]);
  }

  /** Of a profile that is taken right now. */
  profileSlice(packed: Uint8Array): void {
    this.#taking?.addProfileSlice(packed);
  }

  async start(request: LiveRecordRequest): Promise<{ readonly run: string }> {
    const { lab, hub, director } = this.#options;
    const { wanted } = director;
    if (this.#current !== null || this.#starting)
      throw new UserError({ what: 'a recording is under way', todo: 'Wait until it ends, or end it.' });
    const lead = director.holder(director.lead);
    if (wanted === null || lead === null) throw new UserError({ what: 'no session runs', todo: 'Start one first.' });
    if (request.forS !== null && !(request.forS >= MIN_S && request.forS <= MAX_S))
      throw new UserError({
        what: `a recording of ${request.forS} s makes no sense`,
        todo: `Give it ${MIN_S} s or more, and ${MAX_S / 86_400} days at most.`,
      });
    if (!director.hasReceiver && (request.quality !== null || request.keepOutput))
      throw new UserError({
        what: 'a stock client shows the pictures, and they are not seen here: they have no score and are not kept',
        todo: 'Leave quality and keep_output out.',
      });
    const { name, forS, quality, keepOutput } = request;
    const identity = request.identity ?? {
      benchmark: null,
      cell: name,
      repeat: 1,
      settings: inForce(wanted.settings, director.lead, lead.state),
      labels: [],
      // By hand nothing is skipped for being the same.
      sameKey: createHash('sha256').update(newId()).digest('hex'),
    };
    const agents = [...hub.agents].filter(({ connected }) => connected);
    const memo = recordMemo({
      name,
      forS,
      quality,
      keepOutput,
      source: director.lead === 'sender' ? sourceText(wanted.settings) : 'spice:',
      sourceHost: lead.agent.hello.hostId,
      agents: agents.map((agent) => agent.name),
    });
    this.#starting = true;
    try {
      const stream = await startStreamRun({
        lab,
        identity,
        environment: lead.agent.hello.environment,
        agents: agents.map((agent) => ({ agent: recordingAgent(agent), indicators: agent.indicators })),
        // It is known better when its first frame is; a collector that is killed before has to end it all the same.
        endUs: forS === null ? null : monotonicUs() + forS * 1e6,
        absent: agents.flatMap((agent) => agent.absent.map((what) => `${agent.name}: ${what}`)),
        memo,
      });
      this.#told.clear();
      const record = this.#take(new LiveRecord(stream, memo, this.#options));
      for (const agent of agents) this.clock(agent, monotonicUs());
      await record.begin();
      return { run: stream.run.id };
    } finally {
      this.#starting = false;
      this.#options.changed();
    }
  }

  /** @throws UserError where there is no such recording */
  async end(run: string, interrupted: boolean, why?: string): Promise<void> {
    const current = this.#current;
    if (current === null || current.stream.run.id !== run) {
      await this.recorded(run);
      return;
    }
    await current.end(interrupted, this.#options.score, why);
  }

  /** What a person can mend is told by the recording itself. */
  #endSoon(run: string, interrupted: boolean, why?: string): void {
    this.end(run, interrupted, why).catch((error: unknown) => {
      if (!(error instanceof UserError)) this.#options.onError(error);
    });
  }

  /**
   * Before the session goes: ends what is recorded of it, and resolves when that needs its parts no more.
   * @param why it goes, for a cell of a benchmark that is cut short
   */
  async endWithSession(why: string): Promise<void> {
    const current = this.#current;
    if (current === null) return;
    this.#endSoon(current.stream.run.id, false, why);
    await current.rowsAreIn;
  }

  /** @throws UserError where there is no such recording */
  async recorded(run: string): Promise<RunRecord> {
    const live = this.#runs.get(run);
    if (live !== undefined) return live;
    const kept = await this.#options.lab.catalogue.run(run);
    if (kept === null) throw new UserError({ what: `there is no recording ${run}` });
    return kept;
  }

  async close(): Promise<void> {
    const current = this.#current;
    if (current !== null)
      await this.end(current.stream.run.id, true).catch((error: unknown) => {
        // The next start completes what the disk does not take now.
        if (!(error instanceof UserError)) throw error;
      });
    this.#closing.abort();
  }

  /** The recording that rows belong to; null while there is none, or it is scored already. */
  get #taking(): StreamRun | null {
    return this.#current?.takesRows === true ? this.#current.stream : null;
  }

  #take(record: LiveRecord): LiveRecord {
    this.#current = record;
    this.#closing.signal.addEventListener('abort', () => record.leave(), { once: true });
    const { run } = record.stream;
    this.#runs.set(run.id, record.finished);
    if (this.#runs.size > MAX_ENDED) this.#runs.delete(this.#runs.keys().next().value!);
    record.stream.onCommitted((agent, instance, number) => this.#options.hub.acknowledge(agent, instance, number));
    record.onClosed = () => this.#leave(record);
    record.onTime = () => {
      this.#endSoon(run.id, false);
    };
    record.onFinishedLate = () => void this.#runs.delete(run.id);
    return record;
  }

  #leave(record: LiveRecord): void {
    if (this.#current !== record) return;
    this.#current = null;
    // What came after the last flush belongs to no recording any more.
    for (const { name, instance, received } of this.#options.hub.agents)
      this.#options.hub.acknowledge(name, instance, received);
    this.#options.changed();
  }

  #introduce(stream: StreamRun, agent: Agent): void {
    stream.setAgent({ agent: recordingAgent(agent), indicators: agent.indicators });
    this.#told.set(agent.name, agent.indicators.length);
  }
}

/** A stock SPICE server goes on with another codec where it lacks the one that was asked for: the run is one of that codec. */
function inForce(settings: Settings, lead: SessionPart, { actual: { codec } }: PartState): Settings {
  return lead === 'relay' && codec !== undefined ? { ...settings, codec } : settings;
}

function recordingAgent({ name, role, hello }: Agent): { name: string; role: string; host: string } {
  return { name, role, host: hello.host };
}
