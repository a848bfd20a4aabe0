// Keeps the session as it is wanted: looks at what runs where, and does the next thing that is missing, again and again.

import { randomBytes } from 'node:crypto';
import type { EncoderInfo } from '#core/encoder';
import type { PartState, SessionState } from '#core/live';
import type { LiveKind, SessionPart } from '#core/session';
import type { Settings } from '#core/settings';
import { UserError } from '#core/user-error';
import type { RelayAddress } from '#session/part';
import { liveKindOf, resolveLive, type LiveSession } from '#session/live-session';
import type { SettingProblem } from '#media/picture-settings';
import { monotonicUs, newId } from '#system/clock';
import type { Agent } from './agent.ts';
import type { AgentHub } from './agent-hub.ts';
import { checkSession } from './check-session.ts';
import { KnownEncoders } from './known-encoders.ts';
import { partFailure, PartRetries, PartsWait } from './part-waits.ts';
import {
  agentFor,
  hasDevice,
  isAsWanted,
  isOneMachine,
  leadOf,
  livePart,
  neededParts,
  partsOf,
  sessionOfSender,
  specFor,
  strayParts,
  streamNumber,
  workingPart,
} from './part-specs.ts';
import { connection, endPart, startPart } from './part-orders.ts';
import { RelayHolder } from './relay-holder.ts';
import { Rounds } from './rounds.ts';
import { SessionMemory, type WantedSession } from './wanted-session.ts';

/** Looked at so often even where nothing was told. */
const TICK_MS = 500;
/** After our start: until then agents come back and tell what they run. */
const ADOPT_MS = 20_000;

export interface DirectorOptions {
  readonly hub: AgentHub;
  /** Where the wanted session is remembered. */
  readonly folder: string;
  /** Encoders of the bundled engine: those names, or all. */
  readonly encoders: (only?: readonly string[]) => Promise<readonly EncoderInfo[]>;
  readonly tell: (source: string, text: string) => void;
  readonly changed: () => void;
  readonly onError: (error: unknown) => void;
}

export class Director {
  readonly #options: DirectorOptions;
  readonly #hub: AgentHub;
  readonly #openedUs = monotonicUs();
  readonly #timer: NodeJS.Timeout;
  #wanted: WantedSession | null = null;
  #resolved: LiveSession | null = null;
  readonly #encoders: KnownEncoders;
  #ended: readonly string[] = [];
  /** What was stopped last: its settings stay in the forms. */
  #last: Pick<SessionState, 'id' | 'settings'> | null = null;
  /** Remembered from before our start, and no agent has told yet that it still runs. */
  #dormant = false;
  /** Streams of the sessions before: whoever still looks at theirs must not take a new one's frames for them. */
  #streamsBefore = 0;
  /** When we took a session over that ran before our start; null where none did. */
  #wokenUs: number | null = null;
  #starting: PartsWait | null = null;
  /** Parts that are being ended to be started anew: nobody starts them meanwhile. */
  readonly #ending = new Set<SessionPart>();
  readonly #retries = new PartRetries();
  readonly #relay: RelayHolder;
  readonly #memory: SessionMemory;
  readonly #rounds = new Rounds(() => this.#reconcileOnce());
  #closed = false;

  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#hub = options.hub;
    this.#relay = new RelayHolder(options.hub);
    this.#memory = new SessionMemory(options.folder);
    this.#encoders = new KnownEncoders(options.encoders);
    this.#timer = setInterval(() => this.kick(), TICK_MS);
    this.#timer.unref();
  }

  /** Reads what was wanted before. */
  async open(): Promise<void> {
    const { wanted, ended } = await this.#memory.read();
    this.#ended = ended;
    if (wanted === null) return;
    this.#wanted = wanted;
    this.#dormant = true;
  }

  get wanted(): WantedSession | null {
    return this.#dormant ? null : this.#wanted;
  }

  get resolved(): LiveSession | null {
    return this.#resolved;
  }

  /** The part that numbers the frames. */
  get lead(): SessionPart {
    return this.#resolved === null ? 'sender' : leadOf(this.#resolved);
  }

  /** Whether a session whose client is our receiver is at work. */
  get hasReceiver(): boolean {
    return this.#resolved === null || neededParts(this.#resolved).includes('receiver');
  }

  /** What other settings of the session that runs would mean. */
  resolve(
    settings: Settings,
    encoders: readonly EncoderInfo[],
  ): LiveSession | { readonly problems: readonly SettingProblem[] } {
    return resolveLive(settings, encoders, this.#wanted?.hasDevice ?? hasDevice(this.#hub));
  }

  encodersFor(settings: Settings): Promise<readonly EncoderInfo[]> {
    return this.#encoders.withThatOf(settings);
  }

  state(): Omit<SessionState, 'changes' | 'waiting'> | null {
    const wanted = this.wanted;
    if (wanted === null)
      return this.#last === null ? null : { ...this.#last, running: false, parts: [], parameters: this.#parameters() };
    const { id, settings } = wanted;
    return { id, settings, running: true, parts: partsOf(this.#hub, id), parameters: this.#parameters() };
  }

  /** The agent with that part at work; null where it does not. */
  holder(part: SessionPart): { readonly agent: Agent; readonly state: PartState } | null {
    const wanted = this.wanted;
    if (wanted === null) return null;
    return workingPart(this.#hub, part, wanted.id);
  }

  hasPart(agent: Agent): boolean {
    return [...agent.parts.values()].some(({ spec }) => spec !== null && spec.session === this.#wanted?.id);
  }

  /** Whether that part does not work though its agent is here, and no session is being started. */
  isBroken(part: SessionPart): boolean {
    const known = this.state()?.parts.filter((one) => one.part === part) ?? [];
    return this.#starting === null && known.length > 0 && known.every(({ state }) => /failed|starting/.test(state));
  }

  /**
   * Takes the place of a session that runs. Resolves when all parts run.
   * @param resolved as `check` gave it
   * @throws UserError where a part fails
   */
  async start(settings: Settings, resolved: LiveSession): Promise<void> {
    if (this.#wanted !== null) await this.stop();
    const token = randomBytes(24).toString('base64url');
    this.#wanted = {
      id: newId(),
      settings,
      started: settings,
      token,
      hasDevice: resolved.kind === 'spice' && resolved.stream !== null,
      streams: this.#streamsBefore,
    };
    this.#resolved = resolved;
    this.#dormant = false;
    this.#retries.clear();
    this.#relay.forget();
    this.#wokenUs = null;
    await this.#remember();
    try {
      await this.#whenRunning();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends all parts, waits for them, and forgets the session. */
  async stop(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === null) return;
    this.#wanted = null;
    this.#dormant = false;
    this.#last = { id: wanted.id, settings: wanted.settings };
    this.#streamsBefore = wanted.streams;
    this.#ended = [...this.#ended, wanted.id];
    this.endStart(new UserError({ what: 'the session was stopped before it ran' }));
    await this.#remember();
    await this.reconcile();
    this.#options.changed();
  }

  /** What these settings mean, and whether there are agents for it. @throws UserError with all that is wrong */
  async check(settings: Settings): Promise<LiveSession> {
    return checkSession(settings, await this.encodersFor(settings), this.#hub, hasDevice(this.#hub));
  }

  /**
   * Other settings from now on, of parts that run with them already or are started anew by `restart`.
   * @param session whose they are: one that is over meanwhile takes none
   */
  async setSettings(session: string, settings: Settings, resolved: LiveSession): Promise<void> {
    if (this.#wanted?.id !== session) return;
    this.#wanted = { ...this.#wanted, settings };
    this.#resolved = resolved;
    await this.#remember();
    this.#options.changed();
  }

  /** Ends parts and starts them with the settings of now. @throws UserError where they don't run then */
  async restart(session: string, parts: readonly SessionPart[]): Promise<void> {
    for (const part of parts) this.#ending.add(part);
    try {
      const ends: Promise<void>[] = [];
      for (const agent of this.#hub.agents)
        for (const part of parts) if (agent.parts.get(part)?.spec?.session === session) ends.push(endPart(agent, part));
      await Promise.all(ends);
    } finally {
      for (const part of parts) this.#ending.delete(part);
    }
    if (this.#wanted?.id !== session) throw new UserError({ what: 'the session is over' });
    await this.#whenRunning();
  }

  /** An agent is here: what it runs may be of a session that we go on with. */
  arrived(agent: Agent): void {
    for (const { spec } of agent.parts.values()) {
      if (spec === null || this.#ended.includes(spec.session)) continue;
      if (this.#wanted?.id === spec.session) this.#wake();
      else if (this.#wanted === null && spec.part === 'sender') {
        this.#wanted = sessionOfSender(spec);
        this.#dormant = true;
        this.#wake();
      }
    }
    this.kick();
  }

  /** What an agent tells of a part; one that was not told to run it has nothing to say of the session. */
  part(agent: Agent, state: PartState): void {
    if (this.#wanted === null || agent.parts.get(state.part)?.spec?.session !== this.#wanted.id) return this.kick();
    if (state.part === this.lead) {
      const streams = Math.max(this.#wanted.streams, streamNumber(state.stream));
      if (streams !== this.#wanted.streams) {
        // Its agent started it anew.
        this.#wanted = { ...this.#wanted, streams };
        this.#remember().catch(this.#options.onError);
      }
    }
    if (state.state === 'failed' && !this.#ending.has(state.part)) this.endStart(partFailure(state));
    if (state.state === 'running') this.#retries.worked(state.part);
    this.kick();
  }

  /** Looks again soon. */
  kick(): void {
    this.reconcile().catch(this.#options.onError);
  }

  /** One round after the other; resolves after one that began now or later. */
  reconcile(): Promise<void> {
    return this.#rounds.run();
  }

  close(): void {
    this.#closed = true;
    this.#rounds.close();
    clearInterval(this.#timer);
    this.endStart(new UserError({ what: 'the collector ends' }));
  }

  async #reconcileOnce(): Promise<void> {
    await this.#stopOthers();
    this.#forgetDormant();
    const wanted = this.wanted;
    if (wanted === null || this.#closed) return;
    this.#resolved ??= await this.#resolvedAnew(wanted);
    const resolved = this.#resolved;
    if (resolved === null) return;
    if (this.#relay.mayMove(this.#wokenUs)) await this.#ensure('relay', null);
    const relay = this.holder('relay');
    if (relay !== null) {
      this.#relay.has(relay.agent.name);
      const address = relay.state.address;
      const others = (['receiver', 'sender'] as const).filter((part) => part !== 'sender' || leadOf(resolved) === part);
      if (address !== null) await Promise.all(others.map((part) => this.#ensure(part, address)));
    }
    if (neededParts(resolved).every((part) => this.holder(part) !== null)) this.endStart(null);
  }

  /** Of a session that ran before our start. */
  async #resolvedAnew({ settings, hasDevice: has }: WantedSession): Promise<LiveSession | null> {
    try {
      return checkSession(settings, await this.encodersFor(settings), this.#hub, has);
    } catch (error) {
      // Its agents come back one after the other.
      if (error instanceof UserError) return null;
      throw error;
    }
  }

  get #kind(): LiveKind {
    return (this.#wanted === null ? null : liveKindOf(this.#wanted.settings)) ?? 'loopback';
  }

  async #ensure(part: SessionPart, relay: RelayAddress | null): Promise<void> {
    const wanted = this.#wanted;
    const resolved = this.#resolved;
    if (wanted === null || resolved === null || this.#ending.has(part)) return;
    const agent = agentFor(this.#hub, part, wanted.id, resolved.kind);
    if (agent === null) return;
    const live = livePart(agent, part, wanted.id);
    if (live !== null) {
      const connect = relay === null ? null : connection(agent, live, relay);
      if (connect !== null) await this.#attempt(part, connect);
      return;
    }
    const known = agent.parts.get(part);
    const isKnown = known?.spec?.session === wanted.id;
    // Its agent starts it again by itself, as it was: with other settings that is ours to do.
    if (isKnown && known.state.state === 'failed' && isAsWanted(known.spec, wanted, resolved)) return;
    const spec = specFor(part, agent, wanted, resolved, {
      relay,
      sameMachine: isOneMachine(this.#hub),
      relayPort: isKnown ? (known.state.address?.port ?? 0) : 0,
    });
    if (spec === null) return;
    await this.#attempt(part, async () => {
      if (part === leadOf(resolved)) {
        this.#wanted = { ...wanted, streams: wanted.streams + 1 };
        await this.#remember();
      }
      await startPart(agent, spec);
    });
  }

  /** A failure is told once, and tried again later and later; while a session is being started it ends the start. */
  async #attempt(part: SessionPart, act: () => Promise<void>): Promise<void> {
    if (this.#starting === null && !this.#retries.isTime(part)) return;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (this.#starting !== null) this.endStart(error);
      else if (this.#retries.failed(part, error.message))
        this.#options.tell('system', `the ${part} can't be started: ${error.message}`);
    }
  }

  async #stopOthers(): Promise<void> {
    const mayBeAdopted = monotonicUs() - this.#openedUs < ADOPT_MS * 1000;
    const isKept = (session: string) => this.#wanted === null && mayBeAdopted && !this.#ended.includes(session);
    const session = this.#wanted === null ? null : { id: this.#wanted.id, kind: this.#kind };
    const strays = strayParts(this.#hub, session, isKept);
    await Promise.all(strays.map(({ agent, part }) => endPart(agent, part)));
  }

  /** A session of before our start that nobody runs any more. */
  #forgetDormant(): void {
    if (!this.#dormant || this.#wanted === null || monotonicUs() - this.#openedUs < ADOPT_MS * 1000) return;
    this.#ended = [...this.#ended, this.#wanted.id];
    this.#last = { id: this.#wanted.id, settings: this.#wanted.settings };
    this.#wanted = null;
    this.#dormant = false;
    this.#options.tell('system', 'The session of before is over: no agent runs it any more.');
    this.#remember().catch(this.#options.onError);
  }

  #wake(): void {
    if (!this.#dormant) return;
    this.#dormant = false;
    this.#wokenUs = monotonicUs();
    this.#options.tell('system', 'The session goes on: its parts ran while the collector was away.');
    this.#remember().catch(this.#options.onError);
  }

  #whenRunning(): Promise<void> {
    this.endStart(new UserError({ what: 'the parts were started anew meanwhile' }));
    const needed = () => (this.#resolved === null ? [] : neededParts(this.#resolved));
    this.#starting = new PartsWait(() => needed().filter((part) => this.holder(part) === null));
    this.kick();
    return this.#starting.promise;
  }

  /** Ends the wait for parts that are to run. @param error null where all of them do */
  endStart(error: UserError | null): void {
    this.#starting?.end(error);
    this.#starting = null;
    this.#options.changed();
  }

  #remember(): Promise<void> {
    return this.#memory.write({ wanted: this.#wanted, ended: this.#ended });
  }

  #parameters(): SessionState['parameters'] {
    return this.#encoders.parameters(this.#resolved?.stream?.encoder);
  }
}
