// The collector: agents on one side, operators and pages on the other, and between them the session, the feed and recordings.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { PART_ROLES } from '#core/session';
import type { AgentState, FeedMessage, PartState } from '#core/live';
import { BUNDLED_ENGINE } from '#core/engine';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { engineOf } from '#media/engine';
import { monotonicUs } from '#system/clock';
import type { Batch, StressLoad } from '../agent-wire.ts';
import type { Collector, CollectorListener } from '../collector-types.ts';
import type { Agent } from './agent.ts';
import { AgentHub } from './agent-hub.ts';
import { Comings } from './comings.ts';
import { Control } from './control.ts';
import { Director } from './director.ts';
import { Feed } from './feed.ts';
import { HOOK_RESULT, readAnswer } from './read-answer.ts';
import { LiveProfiling } from './live-profile.ts';
import { PassedOn } from './passed-on.ts';
import { Recordings } from './recordings.ts';
import { RECENT_S } from './recent-rows.ts';
import { scoreRecord } from './score-record.ts';
import { SessionOrders } from './session-orders.ts';
import { StressLeases } from './stress-leases.ts';

/** Listeners hear of changes at most so often. */
const CHANGED_MS = 100;
/** An answer to a hook may take so much longer than the hook. */
const HOOK_GRACE_MS = 10_000;
const PICTURE_WIDTH = 640;

export interface CollectorOptions {
  readonly lab: Lab;
  /** Of encodelab. */
  readonly version: string;
  /** What should not happen: told, and the collector goes on. */
  readonly onError: (error: unknown) => void;
  /** Where the wanted session is remembered; the lab's folder where nothing is said. */
  readonly stateFolder?: string;
  /** An agent that is away for so long is forgotten, milliseconds; some minutes where nothing is said. */
  readonly forgetMs?: number;
}

/**
 * Starts a collector, which goes on with the recordings of one that was killed.
 * @throws UserError where the lab can't be written
 */
export async function createCollector(options: CollectorOptions): Promise<Collector> {
  const collector = new LiveCollector(options);
  await collector.open();
  return collector;
}

class LiveCollector implements Collector {
  readonly epochUs = monotonicUs();
  readonly #epoch = new Date().toISOString();
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<CollectorListener>();
  readonly #hub: AgentHub;
  readonly #director: Director;
  readonly #passedOn: PassedOn;
  readonly #control: Control;
  readonly #recordings: Recordings;
  readonly #feed: Feed;
  readonly #stress: StressLeases;
  readonly #orders: SessionOrders;
  readonly #comings: Comings;
  readonly #profiling: LiveProfiling;
  #changedTimer: NodeJS.Timeout | null = null;
  #picturesEveryMs = 0;
  #closing: Promise<void> | null = null;

  constructor({ lab, version, onError, stateFolder, forgetMs }: CollectorOptions) {
    this.#onError = onError;
    const changed = () => this.#changed();
    const tell = (source: string, text: string) => void this.#feed.add(source, text, this.#nowS());
    this.#feed = new Feed((messages, cleared) => this.#tellFeed(messages, cleared));
    const hostId = ownHostId();
    this.#hub = new AgentHub({
      epochUs: this.epochUs,
      version,
      hostId,
      forgetMs,
      events: {
        arrived: (agent) => this.#arrived(agent),
        lost: (agent, why) => this.#lost(agent, why),
        batch: (agent, batch) => this.#batch(agent, batch),
        part: (agent, state) => this.#part(agent, state),
        picture: (picture) => this.#each((listener) => listener.picture(picture)),
        clock: (agent, nowUs) => this.#recordings.clock(agent, nowUs),
        keptBatch: (agent, instance) => this.#recordings.keptBatch(agent, instance),
        isNeeded: (agent) => this.#recordings.needs(agent.name) || this.#director.hasPart(agent),
        changed,
        failed: onError,
      },
    });
    this.#director = new Director({
      hub: this.#hub,
      folder: stateFolder ?? lab.path,
      encoders: (only) => engineOf(BUNDLED_ENGINE).discover({ only, cacheFolder: lab.cacheFolder }),
      tell,
      changed,
      onError,
    });
    this.#passedOn = new PassedOn(this.#director, onError);
    this.#orders = new SessionOrders((why) => this.#director.endStart(why));
    this.#control = new Control({
      director: this.#director,
      nowS: () => this.#nowS(),
      tell,
      changed,
      onError,
      onTaken: (names, operator) => this.#recordings.settingsChanged(names, operator),
    });
    this.#profiling = new LiveProfiling({
      hub: this.#hub,
      hostId,
      epochUs: this.epochUs,
      tell,
      changed,
      onSlice: (packed) => this.#recordings.profileSlice(packed),
      run: () => this.#recordings.state()?.run ?? null,
    });
    this.#recordings = new Recordings({
      lab,
      hub: this.#hub,
      director: this.#director,
      epochUs: this.epochUs,
      changed,
      tell: (text) => tell('system', text),
      profiledUntil: (timeUs) => this.#profiling.until(timeUs),
      score: scoreRecord,
      onError,
    });
    this.#comings = new Comings((text) => tell('system', text));
    this.#stress = new StressLeases(
      (role) => this.#agentOf(role),
      (text) => tell('system', text),
    );
  }

  async open(): Promise<void> {
    await this.#director.open();
    await this.#recordings.open();
  }

  state(): ReturnType<Collector['state']> {
    const nowUs = monotonicUs();
    const session = this.#director.state();
    return {
      epoch: this.#epoch,
      nowS: (nowUs - this.epochUs) / 1e6,
      agents: Array.from(this.#hub.agents, (agent): AgentState => agent.state(nowUs, this.epochUs)),
      session: session === null ? null : { ...session, changes: this.#control.changes, waiting: this.#control.waiting },
      recording: this.#recordings.state(),
      profile: this.#profiling.state(),
      feed: this.#feed.messages,
      refused: Object.fromEntries(this.#hub.refused),
    };
  }

  accept: Collector['accept'] = (socket) => this.#hub.accept(socket);

  startSession: Collector['startSession'] = async (settings, operator) => {
    const wasRunning = this.#director.wanted !== null;
    const resolved = await this.#director.check(settings);
    await this.#orders.start(async () => {
      await this.#recordings.endWithSession('another session was started');
      await this.#director.start(settings, resolved);
      this.#control.clear();
      this.say(operator, wasRunning ? 'another session' : 'session started');
    });
  };

  stopSession: Collector['stopSession'] = async (operator) => {
    await this.#orders.stop(async () => {
      if (this.#director.wanted === null) return;
      await this.#recordings.endWithSession(`the session was stopped by ${operator}`);
      await this.#director.stop();
      this.say(operator, 'session stopped');
    });
  };

  control: Collector['control'] = (changes, operator, signal) =>
    this.#control.change(changes, operator, signal).finally(() => this.#changed());

  reset: Collector['reset'] = (operator) => this.#control.reset(operator).finally(() => this.#changed());

  say(source: string, text: string): FeedMessage {
    return this.#feed.say(source, text, this.#nowS());
  }

  clearFeed(): void {
    this.#feed.clear();
    this.#changed();
  }

  startRecording: Collector['startRecording'] = (request) => this.#recordings.start(request);
  endRecording: Collector['endRecording'] = (run, interrupted) => this.#recordings.end(run, interrupted);
  recorded: Collector['recorded'] = (run) => this.#recordings.recorded(run);

  startProfile: Collector['startProfile'] = (operator) => this.#profiling.start(operator);
  stopProfile: Collector['stopProfile'] = () => this.#profiling.stop();
  profileSlices: Collector['profileSlices'] = (after) => this.#profiling.after(after);

  hook: Collector['hook'] = async (role, argv, env, timeoutMs) => {
    const agent = this.#agentOf(role);
    if (!agent.hello.allowsHooks)
      throw new UserError({
        what: `the agent ${agent.name} runs no hooks`,
        todo: 'Start it with --allow-hooks, if commands of benchmark files may run there.',
      });
    const answer = await agent.ask({ name: 'hook', argv, env, timeoutMs }, { timeoutMs: timeoutMs + HOOK_GRACE_MS });
    return readAnswer(HOOK_RESULT, answer, agent);
  };

  stress = (role: string, load: StressLoad | null): Promise<void> => this.#stress.set(role, load);

  wantPictures(everyMs: number): void {
    this.#picturesEveryMs = everyMs;
    this.#askForPictures();
  }

  listen(listener: CollectorListener, pastS: number): () => void {
    const nowUs = monotonicUs();
    const sinceS = this.#nowS() - Math.min(pastS, RECENT_S);
    for (const agent of pastS > 0 ? this.#hub.agents : []) {
      const clock = agent.clock(nowUs);
      agent.recent.read(sinceS, {
        series: (batch) => listener.series(agent.name, batch, clock),
        frames: (batch) => listener.frames(agent.name, batch, clock),
        steps: (batch) => listener.steps(agent.name, batch, clock),
      });
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#recordings.close();
      await this.#profiling.close();
      await this.#stress.close();
      await this.#director.stop();
    } finally {
      this.#director.close();
      this.#hub.close();
      this.#comings.close();
      if (this.#changedTimer !== null) clearTimeout(this.#changedTimer);
      this.#listeners.clear();
    }
  }

  #batch(agent: Agent, batch: Batch): 'kept' | 'waiting' | 'full' {
    const fate = this.#recordings.batch(agent, batch);
    if (fate === 'full') return fate;
    this.#passedOn.batch(agent, batch);
    const clock = this.#listeners.size === 0 ? null : agent.clock(monotonicUs());
    for (const listener of this.#listeners) {
      try {
        for (const series of batch.series) listener.series(agent.name, series, clock);
        for (const frames of batch.frames) listener.frames(agent.name, frames, clock);
        for (const steps of batch.steps) listener.steps(agent.name, steps, clock);
      } catch (error) {
        this.#onError(error);
      }
    }
    if (batch.messages.length > 0) this.#messages(agent, batch);
    return fate;
  }

  /** Its times are its own: on our clock as far as that is known, else now. */
  #messages(agent: Agent, { messages }: Batch): void {
    const nowUs = monotonicUs();
    const offsetUs = agent.clock(nowUs)?.offsetUs;
    for (const { timeUs, source, text } of messages) {
      const ourUs = offsetUs === undefined ? nowUs : Math.min(timeUs - offsetUs, nowUs);
      this.#feed.add(source, text, (ourUs - this.epochUs) / 1e6);
    }
  }

  #arrived(agent: Agent): void {
    this.#recordings.arrived(agent);
    this.#director.arrived(agent);
    this.#recordings.parts();
    this.#comings.came(agent.name, this.#director.hasPart(agent));
    if (this.#picturesEveryMs > 0) this.#askForPictures();
  }

  #lost(agent: Agent, why: string): void {
    this.#recordings.lost(agent);
    this.#director.kick();
    if (this.#closing === null) this.#comings.went(agent.name, this.#director.hasPart(agent), why);
  }

  #part(agent: Agent, state: PartState): void {
    const own = agent.parts.get(state.part)?.state ?? state;
    this.#director.part(agent, own);
    this.#recordings.parts();
    const isOurs = state.part === 'receiver' && this.#director.hasReceiver;
    if (isOurs && state.state === 'running' && this.#picturesEveryMs > 0) this.#askForPictures();
  }

  #askForPictures(): void {
    const receiver = this.#director.hasReceiver ? this.#director.holder('receiver') : null;
    const ask = { everyMs: this.#picturesEveryMs, width: PICTURE_WIDTH };
    receiver?.agent.ask({ name: 'part', part: 'receiver', command: 'pictures', ask }).catch((error: unknown) => {
      // It went away: it is asked again when it comes back.
      if (!(error instanceof UserError)) this.#onError(error);
    });
  }

  /** @throws UserError where no agent of that role is connected */
  #agentOf(role: string): Agent {
    const [agent] = this.#hub.ofRole(role);
    if (agent !== undefined) return agent;
    // The relay's agent is the guest's where there is no server.
    const [guest] = role === PART_ROLES.relay ? this.#hub.ofRole(PART_ROLES.sender) : [];
    if (guest !== undefined) return guest;
    throw new UserError({
      what: `no agent of the role ${role} is connected`,
      todo: `Start one: encodelab agent --role ${role} --collector URL`,
    });
  }

  #tellFeed(messages: readonly FeedMessage[], cleared: boolean): void {
    for (const message of messages) this.#recordings.message(message);
    this.#each((listener) => listener.feed(messages, cleared));
  }

  #each(tell: (listener: CollectorListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        tell(listener);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #changed(): void {
    this.#changedTimer ??= setTimeout(() => {
      this.#changedTimer = null;
      this.#each((listener) => listener.changed());
    }, CHANGED_MS).unref();
  }

  #nowS(): number {
    return (monotonicUs() - this.epochUs) / 1e6;
  }
}

/** Of this start of this machine, or its name: as an agent on it tells. */
function ownHostId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return hostname();
    throw error;
  }
}
