// One recording of the running session: marks its first and last frame, keeps what the client received, and makes it a run.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRecording } from '#core/live';
import { outputFile } from '#core/recording';
import type { RunRecord } from '#core/run';
import { liveSourceOf } from '#core/session';
import { UserError } from '#core/user-error';
import type { StreamRun } from '#run/stream-run';
import { monotonicUs } from '#system/clock';
import type { Agent } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import type { Director } from './director.ts';
import { fetchFile } from './fetch-file.ts';
import type { KeptFile, RecordMemo } from './record-memo.ts';
import type { Scorer } from './score-record.ts';

/** From the order to the first frame: the way to the sender, and some frames that are encoded already. */
const LEAD_MS = 300;
/** After the last frame was captured: until the client shows it, beside what the network adds. */
const TAIL_MS = 400;
const MAX_TAIL_MS = 3_000;
/** What one file of a recording may take: an hour at 16 Mbit/s. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024 * 1024;
/** Of source pictures, lossless: two per second of 1080p for more than five minutes. */
const MAX_SOURCE_BYTES = 2 * 1024 * 1024 * 1024;
const SOURCE_EVERY_FRAMES = 15;
/** An agent that is away at the end may come back with what it kept. */
const COME_BACK_MS = 10_000;
const LOOK_MS = 100;

export interface RecordSurroundings {
  readonly hub: AgentHub;
  readonly director: Director;
  readonly epochUs: number;
  readonly changed: () => void;
  readonly tell: (text: string) => void;
}

export class LiveRecord {
  readonly stream: StreamRun;
  readonly finished: Promise<RunRecord>;
  readonly #done = Promise.withResolvers<RunRecord>();
  readonly #around: RecordSurroundings;
  readonly #stop = new AbortController();
  #memo: RecordMemo;
  #stage: LiveRecording['stage'] = 'starting';
  #takesRows = true;
  #isClosed = false;
  readonly #rowsAreIn = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | null = null;
  #ending: Promise<void> | null = null;
  #actual: Readonly<Record<string, string>> = {};
  /** The sender and receiver that are recorded now, by what tells them apart. */
  #sender: { readonly stream: string; readonly first: number } | null = null;
  #receiverPid: number | null = null;
  #joining = false;
  /** Agents that are away, with the time at which they went; the instance is null where a collector before us knew it. */
  readonly #away = new Map<string, { readonly instance: string | null; readonly sinceUs: number }>();
  #restarts = 0;

  constructor(stream: StreamRun, memo: RecordMemo, around: RecordSurroundings) {
    this.stream = stream;
    this.#memo = memo;
    this.#around = around;
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
      this.#setStage('recording');
      this.#endAt(endUs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await this.#close({ outcome: 'failed', reason, interrupted: true });
      throw error;
    }
  }

  /** Goes on where a collector before us was killed; sender and receiver join when they are here. */
  resume(): void {
    const { endUs, windows } = this.stream.state;
    const last = windows.at(-1);
    if (last !== undefined) this.#sender = { stream: last.stream, first: last.first };
    for (const name of this.#memo.agents) this.#away.set(name, { instance: null, sinceUs: monotonicUs() });
    this.#setStage('recording');
    this.#endAt(endUs);
  }

  lost(agent: Agent): void {
    this.#away.set(agent.name, { instance: agent.instance, sinceUs: monotonicUs() });
  }

  /** The same process brings what it kept; of another one in its place what was measured between is missing. */
  arrived(agent: Agent): void {
    const away = this.#away.get(agent.name);
    this.#away.delete(agent.name);
    if (away === undefined || away.instance === null || away.instance === agent.instance) return;
    this.#miss(
      `agent ${agent.name}: it was away from ${this.#at(away.sinceUs)} to ${this.#at(monotonicUs())}, and is another process now`,
    );
  }

  /** A part works anew: its stream or its receiver belongs to the recording too. */
  parts(): void {
    if (this.#stage !== 'recording' || this.#ending !== null || this.#joining) return;
    const sender = this.#around.director.holder('sender');
    const receiver = this.#around.director.holder('receiver');
    if (sender === null || receiver === null) return;
    this.#receiverPid ??= receiver.state.pid;
    if (sender.state.stream === this.#sender?.stream && this.#receiverPid === receiver.state.pid) return;
    const who = sender.state.stream === this.#sender?.stream ? 'receiver' : 'sender';
    this.#restarts++;
    this.#miss(`${who}: it was started anew, and works again since ${this.#at(monotonicUs())}`);
    this.#join().catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      this.#miss(`frames since ${this.#at(monotonicUs())}: ${error.message}`);
    });
  }

  /** Ends it, once, however often it is told. Resolves when the run is finished. */
  end(interrupted: boolean, score: Scorer): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (interrupted) this.#stop.abort();
    this.#ending ??= this.#end(interrupted, score);
    return this.#ending;
  }

  /** Told when its time is over, and when its run is finished. */
  onTime: () => void = () => undefined;
  onClosed: () => void = () => undefined;

  #endAt(endUs: number | null): void {
    if (endUs === null) return;
    this.#timer = setTimeout(() => this.onTime(), Math.max(0, endUs - monotonicUs()) / 1000);
  }

  async #join(): Promise<void> {
    const { director } = this.#around;
    const sender = director.holder('sender');
    const receiver = director.holder('receiver');
    if (sender === null || receiver === null)
      throw new UserError({
        what: `the ${sender === null ? 'sender' : 'receiver'} does not work`,
        todo: 'Start a session, and wait until its parts run.',
      });
    this.#joining = true;
    try {
      const { id } = this.stream.run;
      const isNewStream = sender.state.stream !== this.#sender?.stream;
      const number = this.#memo.files.filter(({ what }) => what === 'received').length;
      const received = outputFile('kept', number);
      const source = `source${number === 0 ? '' : `-${number + 1}`}.kept`;
      const keepsSource = isNewStream && this.#memo.quality !== null && !this.#sourceIsHere;
      const folder = (await receiver.agent.ask({ name: 'keep-folder', run: id })) as string;
      const sourceFolder = keepsSource ? ((await sender.agent.ask({ name: 'keep-folder', run: id })) as string) : '';
      let fromFrame = 0;
      if (isNewStream) {
        const keep = keepsSource
          ? { path: join(sourceFolder, source), everyFrames: SOURCE_EVERY_FRAMES, maxBytes: MAX_SOURCE_BYTES }
          : null;
        const answer = await sender.agent.ask({
          name: 'part',
          part: 'sender',
          command: 'mark',
          // Cells of a benchmark are compared: all of them show the same pictures.
          ask: { leadMs: LEAD_MS, rewind: this.stream.run.benchmark !== null, keep },
        });
        const { stream, frame } = answer as { stream: string; frame: number };
        fromFrame = frame;
        this.#sender = { stream, first: frame };
        await this.stream.window({ stream, first: frame, last: null });
      }
      const { stream } = this.#sender!;
      const ask = { path: join(folder, received), fromFrame, stream, maxBytes: MAX_KEPT_BYTES };
      await receiver.agent.ask({ name: 'part', part: 'receiver', command: 'keep', ask });
      this.#receiverPid = receiver.state.pid;
      this.#actual = sender.state.actual;
      const files: KeptFile[] = [{ file: received, agent: receiver.agent.name, what: 'received', stream }];
      if (keepsSource) files.push({ file: source, agent: sender.agent.name, what: 'source', stream });
      this.#memo = { ...this.#memo, files: [...this.#memo.files, ...files] };
      await this.stream.memo(this.#memo);
    } finally {
      this.#joining = false;
    }
  }

  /** A live capture can't be played again, and a file of another machine can't be read here. */
  get #sourceIsHere(): boolean {
    const { source, sourceHost } = this.#memo;
    return liveSourceOf(source) === null && (source.startsWith('lavfi:') || sourceHost === this.#around.hub.hostId);
  }

  async #end(interrupted: boolean, score: Scorer): Promise<void> {
    try {
      await this.#markEnd();
      await this.#gather();
      this.#takeNoMore();
      const scored = interrupted || this.#memo.files.length === 0 ? {} : await this.#score(score);
      const failure = this.stream.failure;
      const broken = this.stream.run.benchmark !== null && this.#restarts > 0;
      await this.#close({
        outcome: failure === null && !broken ? 'ok' : 'failed',
        reason: failure?.message ?? (broken ? 'a part of the session was started anew while it was recorded' : null),
        interrupted: interrupted || failure !== null,
        actual: this.#actual,
        ...scored,
      });
    } catch (error) {
      // The next start of a collector completes what is on disk.
      this.#takeNoMore();
      this.onClosed();
      this.#done.reject(error);
      throw error;
    }
  }

  #takeNoMore(): void {
    this.#takesRows = false;
    this.#rowsAreIn.resolve();
  }

  async #markEnd(): Promise<void> {
    const { director } = this.#around;
    await this.#until(() => director.holder('sender') !== null && director.holder('receiver') !== null);
    const sender = director.holder('sender');
    const toUs = monotonicUs();
    await this.stream.span({ toUs });
    if (sender === null || this.#sender === null)
      this.#miss(`frames at the end: the sender did not work at ${this.#at(toUs)}`);
    else
      await this.#orMiss('frames at the end', async () => {
        const answer = await sender.agent.ask({ name: 'part', part: 'sender', command: 'unmark', ask: {} });
        const { stream, frame } = answer as { stream: string; frame: number };
        this.#actual = sender.state.actual;
        if (stream === this.#sender!.stream)
          await this.stream.window({ stream, first: this.#sender!.first, last: frame });
      });
    const { delayMs = 0, jitterMs = 0, queueMs = 0 } = director.resolved?.network ?? {};
    await sleep(Math.min(MAX_TAIL_MS, TAIL_MS + delayMs + 3 * jitterMs + queueMs));
    const receiver = director.holder('receiver');
    if (receiver === null) return;
    await this.#orMiss('what was received', async () => {
      const kept = await receiver.agent.ask({ name: 'part', part: 'receiver', command: 'unkeep', ask: {} });
      if ((kept as { cut: boolean }).cut)
        this.#miss(`what was received: more than ${MAX_KEPT_BYTES} bytes are not kept`);
    });
  }

  /** The last rows of all agents, on disk. */
  async #gather(): Promise<void> {
    const { hub } = this.#around;
    await this.#until(() => [...this.#away.keys()].every((name) => hub.agent(name)?.connected === true));
    for (const [name, { sinceUs }] of this.#away)
      if (hub.agent(name)?.connected !== true) this.#miss(`agent ${name}: it is away since ${this.#at(sinceUs)}`);
    const here = [...hub.agents].filter(({ connected }) => connected);
    await Promise.all(here.map((agent) => this.#orMiss(`the last rows of ${agent.name}`, () => this.#lastRows(agent))));
    for (const { name, lostRows } of here)
      if (lostRows > 0) this.#miss(`agent ${name}: ${lostRows} rows had no room in its spool`);
    await this.#orMiss('rows that are not on disk', () => this.stream.flush());
  }

  /** For what may come back; somebody who wants to end it at once waits for nothing. */
  async #until(holds: () => boolean): Promise<void> {
    const deadline = performance.now() + COME_BACK_MS;
    while (!holds() && performance.now() < deadline && !this.#stop.signal.aborted) await sleep(LOOK_MS);
  }

  /** An agent that was away brings what it kept in several goes. */
  async #lastRows(agent: Agent): Promise<void> {
    const toUs = this.stream.state.toUs ?? monotonicUs();
    for (const deadline = performance.now() + COME_BACK_MS; ; await sleep(LOOK_MS)) {
      await agent.ask({ name: 'flush' });
      const nowUs = monotonicUs();
      const offsetUs = agent.clock(nowUs)?.offsetUs;
      if (offsetUs === undefined || agent.latestUs - offsetUs >= toUs || this.#stop.signal.aborted) return;
      if (performance.now() > deadline)
        throw new UserError({ what: `nothing came that was measured after ${this.#at(agent.latestUs - offsetUs)}` });
    }
  }

  async #score(score: Scorer): Promise<Awaited<ReturnType<Scorer>>> {
    const { quality, keepOutput, files, source } = this.#memo;
    if (quality === null && !keepOutput) return {};
    this.#setStage('scoring');
    const here: (KeptFile & { readonly path: string })[] = [];
    for (const kept of files)
      await this.#orMiss(`the file ${kept.file} of ${kept.agent}`, async () => {
        const agent = this.#around.hub.agent(kept.agent);
        if (agent === undefined) throw new UserError({ what: 'the agent is gone' });
        const path = join(this.stream.folder, kept.file);
        await fetchFile(agent, this.stream.run.id, kept.file, path, MAX_KEPT_BYTES);
        here.push({ ...kept, path });
      });
    try {
      const [first, ...others] = here.filter(({ what }) => what === 'received');
      if (quality === null || first === undefined) return {};
      if (others.length > 0)
        this.#miss(`quality: only frames of ${first.file} have a score, ${others.length} more were kept`);
      const pictures = here.find(({ what, stream }) => what === 'source' && stream === first.stream)?.path ?? null;
      const kept = { run: this.stream, stream: first.stream, quality, received: first.path, pictures };
      return await score({ ...kept, source: this.#sourceIsHere ? source : null }, this.#stop.signal);
    } finally {
      const unwanted = here.filter(({ what }) => what === 'source' || !keepOutput);
      await Promise.all(unwanted.map(({ path }) => rm(path, { force: true })));
    }
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
    this.#isClosed = true;
    try {
      const run = await this.stream.end(end);
      this.onClosed();
      this.#done.resolve(run);
    } catch (error) {
      this.onClosed();
      this.#done.reject(error);
      throw error;
    }
  }

  #miss(text: string): void {
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
    return `${((timeUs - (this.stream.state.fromUs ?? timeUs)) / 1e6).toFixed(1)} s`;
  }

  #setStage(stage: LiveRecording['stage']): void {
    this.#stage = stage;
    this.#around.changed();
  }
}
