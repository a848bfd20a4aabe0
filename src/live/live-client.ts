// A live system from the outside: what commands and benchmarks ask of the server that holds its collector.

import { SESSION_PARTS } from '#core/session';
import type { HookCommand } from '#core/benchmark';
import type { AgentState, ControlResult, FeedMessage, LiveRecording, LiveState } from '#core/live';
import type { RecordingHeader } from '#core/recording';
import type { RunRecord } from '#core/run';
import { formatSettingValue, type Settings, type SettingValue } from '#core/settings';
import { UserError, type Problem } from '#core/user-error';
import { liveKindOf } from '#session/live-session';
import { codecsOf } from '#session/spice/client-wish';
import type { StressLoad } from './agent-wire.ts';
import type { LiveRecordRequest } from './collector-types.ts';
import { LiveConnection, pause, type LiveServer } from './live-connection.ts';
import { changesBetween } from './changes-between.ts';
import { isWanted, missingAgent } from './missing-agent.ts';
import { FIRST_FRAME_MS, noFrame, whoIsGone } from './no-frame.ts';
import type { HookPlace, RecordRequest, SessionRunner, WantedAgent } from './session-runner.ts';
import { untilShown } from './until-shown.ts';

/** How long the server holds an answer back that is not there yet. */
const WAIT_S = 20;
/** A wait of a recording is shorter, so that its progress can be shown. */
const PROGRESS_S = 1;
/** A server answers a start or a change when all parts run with it. */
const CHANGE_S = 60;
/** A load is held for 30 s unless somebody says that it is still wanted. */
const RENEW_STRESS_MS = 10_000;
const LOOK_MS = 200;
/** Settings of a tap that it can't forget while it runs. */
const TAKEN_BACK_BY_START = ['codec', 'compression'];

/** A collector over HTTP, and a benchmark's way to it. Nothing in it lives on by itself but the renewal of loads. */
export interface LiveClient extends SessionRunner {
  start(settings: Settings): Promise<void>;
  stop(): Promise<void>;
  /** Waits until an agent of each role is connected. @throws UserError that names the missing ones */
  waitForRoles(roles: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<readonly AgentState[]>;
  /** null takes a setting back. */
  control(changes: Readonly<Record<string, SettingValue | null>>): Promise<readonly ControlResult[]>;
  reset(): Promise<readonly ControlResult[]>;
  /** Of the server's machine. */
  profile(action: 'start' | 'stop'): Promise<LiveState>;
  say(text: string): Promise<FeedMessage>;
  clearFeed(): Promise<void>;
  /** @returns the run's id */
  startRecording(request: LiveRecordRequest): Promise<string>;
  endRecording(run: string, interrupted: boolean): Promise<void>;
  /**
   * The run when its recording is finished and scored.
   * @param onProgress told about once a second
   */
  recorded(run: string, signal?: AbortSignal, onProgress?: (progress: RecordingProgress) => void): Promise<RunRecord>;
  /** What a recording lost, and why; what its agents can't measure by nature is left out. */
  missing(run: string): Promise<readonly string[]>;
  /** Ends the renewal of loads; they end by themselves soon after. */
  close(): void;
}

export interface RecordingProgress {
  readonly stage: LiveRecording['stage'];
  readonly elapsedS: number;
  readonly forS: number | null;
}

/** @param operator who the others see */
export function connectLive(server: LiveServer, operator: string): LiveClient {
  return new HttpLive(new LiveConnection(server), operator);
}

class HttpLive implements LiveClient {
  readonly #server: LiveConnection;
  readonly #operator: string;
  #loads: Readonly<Record<string, StressLoad>> = {};
  #renewal: NodeJS.Timeout | undefined;

  constructor(server: LiveConnection, operator: string) {
    this.#server = server;
    this.#operator = operator;
  }

  state(signal?: AbortSignal): Promise<LiveState> {
    return this.#server.ask<LiveState>('state', { signal, again: true });
  }

  waitForRoles(roles: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<readonly AgentState[]> {
    return this.waitForAgents(
      roles.map((role) => ({ role })),
      timeoutMs,
      signal,
    );
  }

  async waitForAgents(
    wanted: readonly WantedAgent[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<readonly AgentState[]> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const agents = (await this.state(signal)).agents.filter(({ connected }) => connected);
      const missing = wanted.filter((one) => !agents.some((agent) => isWanted(agent, one)));
      if (missing.length === 0) return agents.filter(({ role }) => wanted.some((one) => one.role === role));
      if (performance.now() >= untilMs) throw new UserError(missing.map((one) => missingAgent(one, this.#server.url)));
      await pause(LOOK_MS, signal);
    }
  }

  async start(settings: Settings): Promise<void> {
    await this.#wish('session', { action: 'start', settings });
  }

  async stop(): Promise<void> {
    await this.#wish('session', { action: 'stop' });
  }

  async control(changes: Readonly<Record<string, SettingValue | null>>): Promise<readonly ControlResult[]> {
    return (await this.#wish<{ results: ControlResult[] }>('control', { changes })).results;
  }

  async reset(): Promise<readonly ControlResult[]> {
    return (await this.#wish<{ results: ControlResult[] }>('control', { reset: true })).results;
  }

  async profile(action: 'start' | 'stop'): Promise<LiveState> {
    return this.#wish<LiveState>('profile', { action });
  }

  /**
   * What differs is changed while the session runs; where a change holds from the next start only, or a part does not work, the
   * session is started anew. It is done when a frame was presented that was captured after the server's answer; of a SPICE desktop,
   * whose client may tell nothing, when one passed the tap, and where the client would tell, when it showed one (or not for a while).
   * @throws UserError where a change is refused: what streamed before goes on
   */
  async stream(settings: Settings, signal?: AbortSignal): Promise<void> {
    const { session } = await this.state(signal);
    const works = session?.running === true && session.parts.every(({ state }) => state === 'running');
    const changed = works && (await this.#change(session.settings, settings));
    if (!changed) await this.start(settings);
    signal?.throwIfAborted();
    const isSpice = liveKindOf(settings) === 'spice';
    const codec = isSpice && settings['codec'] !== undefined ? formatSettingValue(settings['codec']) : null;
    const sinceS = (await this.state(signal)).nowS;
    await this.#firstFrame(sinceS, isSpice, codec, signal);
    if (isSpice) await this.#firstShown(sinceS, signal);
  }

  /** @returns false where the session has to be started anew */
  async #change(from: Settings, to: Settings): Promise<boolean> {
    const kind = liveKindOf(to);
    if (kind !== liveKindOf(from)) return false;
    const changes = changesBetween(from, to);
    if (Object.keys(changes).length === 0) return true;
    // What a client preferred by itself can't be asked for, only left alone.
    if (kind === 'spice' && TAKEN_BACK_BY_START.some((name) => changes[name] === null)) return false;
    const results = await this.control(changes);
    const refused = results.filter(({ how }) => how === 'refused');
    if (refused.length > 0)
      throw new UserError(refused.map(({ name, note }) => ({ what: note ?? 'it is refused', where: name })));
    return results.every(({ how }) => how === 'live' || how === 'restart');
  }

  /** @param codec of SPICE, that was asked for: several with commas; null where any will do */
  async #firstFrame(
    sinceS: number,
    isSpice: boolean,
    codec: string | null,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const untilMs = performance.now() + FIRST_FRAME_MS;
    for (;;) {
      // A short wait each: a part that failed is told at once.
      const path = `${isSpice ? 'passed' : 'presented'}?since=${sinceS}&wait=1`;
      const answer = await this.#server.ask<Record<string, unknown>>(path, { signal, waitS: 1, again: true });
      const isThere = (answer['passed'] ?? answer['presented'] ?? null) !== null;
      if (isThere && codec === null) return;
      const { session, agents } = await this.state(signal);
      const actual = session?.parts.find(({ part }) => part === 'relay')?.actual ?? {};
      const sent = actual['codec'] ?? null;
      if (isThere && sent !== null && codecsOf(codec ?? '').includes(sent)) return;
      const failed = session?.parts.filter(({ state }) => state === 'failed') ?? [];
      const late = performance.now() >= untilMs;
      if (session?.running === true && !late) continue;
      const there = session?.parts.map(({ part }) => part) ?? [];
      throw new UserError([
        late
          ? noFrame(isSpice, isThere ? sent : null, whoIsGone(session, agents), actual['network'] ?? null)
          : { what: 'the session was stopped by somebody else' },
        ...failed.map(({ part, agent, note }) => ({ what: note ?? 'it failed', where: `${part} of ${agent}` })),
        ...(isSpice ? (['relay'] as const) : SESSION_PARTS)
          .filter((part) => !there.includes(part))
          .map((part) => ({
            what: `there is no ${isSpice ? 'tap' : part}`,
            todo: 'encodelab control get tells which agents are connected',
          })),
      ]);
    }
  }

  async #firstShown(sinceS: number, signal: AbortSignal | undefined): Promise<void> {
    const path = `presented?since=${sinceS}&wait=1`;
    await untilShown({
      parts: async () => (await this.state(signal)).session?.parts ?? [],
      shown: async () => {
        const answer = await this.#server.ask<Record<string, unknown>>(path, { signal, waitS: 1, again: true });
        return (answer['presented'] ?? null) !== null;
      },
      say: (text) => this.say(text),
      nowMs: () => performance.now(),
    });
  }

  async hook(
    _command: HookCommand,
    place: HookPlace,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Problem | null> {
    const { id } = await this.#post<{ id: string }>('hooks', { ...place, timeoutMs }, signal);
    for (;;) {
      const path = `hooks/${id}?wait=${WAIT_S}`;
      const answer = await this.#server.ask<{ done: boolean; problem: Problem | null }>(path, {
        signal,
        waitS: WAIT_S,
      });
      if (answer.done) return answer.problem;
    }
  }

  async stress(loads: Readonly<Record<string, StressLoad>>): Promise<void> {
    const ended = Object.keys(this.#loads).filter((role) => !(role in loads));
    this.#loads = loads;
    clearInterval(this.#renewal);
    for (const role of ended) await this.#load(role, null);
    for (const [role, load] of Object.entries(loads)) await this.#load(role, load);
    if (Object.keys(loads).length === 0) return;
    this.#renewal = setInterval(() => {
      // One that is not heard does no harm: the next one comes before the lease ends.
      for (const [role, load] of Object.entries(this.#loads)) void this.#load(role, load).catch(() => undefined);
    }, RENEW_STRESS_MS).unref();
  }

  async #load(role: string, load: StressLoad | null): Promise<void> {
    await this.#post('stress', { role, load });
  }

  async say(text: string): Promise<FeedMessage> {
    return this.#post<FeedMessage>('messages', { text, source: this.#operator });
  }

  async clearFeed(): Promise<void> {
    await this.#server.ask('messages', { method: 'DELETE' });
  }

  async startRecording(request: LiveRecordRequest): Promise<string> {
    if (request.quality !== null && request.quality.vmafEngine !== null)
      throw new UserError({
        what: `${request.quality.vmafEngine} is a program, and no request may name one`,
        where: 'vmaf_engine',
        todo: 'leave it out: where the collector runs, the first ffmpeg with libvmaf is taken',
      });
    return (await this.#post<{ run: string }>('recordings', request)).run;
  }

  async endRecording(run: string, interrupted: boolean): Promise<void> {
    await this.#post(`recordings/${run}/end`, { interrupted });
  }

  async recorded(
    run: string,
    signal?: AbortSignal,
    onProgress?: (progress: RecordingProgress) => void,
  ): Promise<RunRecord> {
    const waitS = onProgress === undefined ? WAIT_S : PROGRESS_S;
    for (;;) {
      const answer = await this.#server.ask<{ run: RunRecord | null; recording: LiveRecording | null }>(
        `recordings/${run}?wait=${waitS}`,
        { signal, waitS, again: true },
      );
      if (answer.run !== null) return answer.run;
      if (onProgress === undefined || answer.recording?.run !== run) continue;
      const { nowS } = await this.state(signal);
      const { stage, startedS, forS } = answer.recording;
      onProgress({ stage, forS, elapsedS: Math.max(0, nowS - startedS) });
    }
  }

  async record(request: RecordRequest, signal?: AbortSignal, onProgress?: (share: number) => void): Promise<RunRecord> {
    const { identity, durationS, quality, keepOutput } = request;
    const name = [identity.benchmark, identity.cell]
      .filter((part) => part !== null)
      .join(' ')
      .slice(0, 256);
    const run = await this.startRecording({
      name: name === '' ? 'recording' : name,
      forS: durationS,
      quality,
      keepOutput,
      identity,
    });
    const share = ({ elapsedS }: RecordingProgress) => onProgress?.(Math.min(1, elapsedS / durationS));
    try {
      return await this.recorded(run, signal, share);
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      // Told to stop: what is recorded is kept as an interrupted run.
      await this.endRecording(run, true);
      return await this.recorded(run);
    }
  }

  async missing(run: string): Promise<readonly string[]> {
    const { header } = await this.#server.ask<{ header: RecordingHeader | null }>(`../runs/${run}`);
    const agents = header?.agents.map(({ name }) => `${name}: `) ?? [];
    return header?.absent.filter((line) => !agents.some((start) => line.startsWith(start))) ?? [];
  }

  async abandonRecording(run: string): Promise<void> {
    await this.endRecording(run, true);
    await this.recorded(run);
  }

  async end(): Promise<void> {
    await this.stress({});
    await this.stop();
  }

  close(): void {
    clearInterval(this.#renewal);
  }

  #post<Answer>(path: string, body: object, signal?: AbortSignal): Promise<Answer> {
    return this.#server.ask<Answer>(path, { method: 'POST', body, signal });
  }

  /** Says who wants it. */
  #wish<Answer>(path: string, body: object, signal?: AbortSignal): Promise<Answer> {
    const said = { ...body, operator: this.#operator };
    return this.#server.ask<Answer>(path, { method: 'POST', body: said, waitS: CHANGE_S, signal });
  }
}
