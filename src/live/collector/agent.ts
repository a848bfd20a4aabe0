// An agent as the collector knows it, over all of its connections: who it is, what it measures, what it runs, how its clock stands.

import { ClockEstimator } from '#analysis/clock-offset';
import type { Indicator } from '#core/indicator';
import type { AgentState, PartState } from '#core/live';
import type { SeriesBatch } from '#core/recording';
import { SESSION_PARTS, type SessionPart } from '#core/session';
import { UserError } from '#core/user-error';
import type { PartSpec } from '#session/part';
import type { AgentCommand, Hello } from '../agent-wire.ts';
import type { AgentClock } from '../collector-types.ts';
import type { AgentLink, FilePiece } from './agent-link.ts';
import { MAX_INDICATORS } from './read-message.ts';
import { RecentRows } from './recent-rows.ts';
import { RefusedMessage } from './refused-message.ts';

/** A part on its agent, and what it was started with. */
export interface AgentPart {
  readonly state: PartState;
  /** Null while it was told of and nobody knows with what it was started. */
  readonly spec: PartSpec | null;
}

export class Agent {
  /** Unique among all that the collector knows. */
  readonly name: string;
  readonly recent = new RecentRows();
  readonly parts = new Map<SessionPart, AgentPart>();
  hello: Hello;
  link: AgentLink | null = null;
  /** Monotonic microseconds of the collector. */
  lastSeenUs = 0;
  /** True while it says nothing, though its socket is open. */
  silent = false;
  /** The last batch that came, and the last that is kept, of this instance. */
  received = 0;
  acknowledged = 0;
  lostRows = 0;
  /** Its own time of the last thing that it measured; 0 before. */
  latestUs = 0;
  absent: readonly string[];
  #clock = new ClockEstimator();
  #indicators: Indicator[] = [];
  #positions = new Map<string, number>();
  /** Position in our list of each position in the agent's. */
  #places = new Uint16Array(0);
  #sameplaces = true;

  constructor(name: string, hello: Hello) {
    this.name = name;
    this.hello = hello;
    this.absent = hello.absent;
  }

  get role(): string {
    return this.hello.role;
  }

  get instance(): string {
    return this.hello.instance;
  }

  get connected(): boolean {
    return this.link !== null && !this.silent;
  }

  /** All that it ever measured, in the order in which it told of them; it only grows. */
  get indicators(): readonly Indicator[] {
    return this.#indicators;
  }

  /** Length of the list that the agent itself counts in. */
  get ownIndicators(): number {
    return this.#places.length;
  }

  /** A hello: of a process that we know, or of another one in its place, which counts batches from 1 and has its own clock. */
  introduce(hello: Hello): void {
    const isOther = hello.instance !== this.hello.instance;
    this.hello = hello;
    if (isOther) {
      this.#clock = new ClockEstimator();
      this.received = this.acknowledged = 0;
      this.lostRows = 0;
      this.latestUs = 0;
      this.#places = new Uint16Array(0);
    }
    this.parts.clear();
    for (const { state, spec } of hello.running) this.parts.set(state.part, { state: this.#own(state), spec });
    this.setIndicators(hello.indicators, hello.absent);
  }

  setIndicators(indicators: readonly Indicator[], absent: readonly string[]): void {
    this.absent = absent;
    const places = new Uint16Array(indicators.length);
    this.#sameplaces = true;
    for (const [i, indicator] of indicators.entries()) {
      const key = `${indicator.name}\n${indicator.unit}`;
      let place = this.#positions.get(key);
      if (place === undefined) {
        if (this.#indicators.length >= MAX_INDICATORS) throw new RefusedMessage('wrong shape');
        this.#positions.set(key, (place = this.#indicators.length));
        this.#indicators = [...this.#indicators, indicator];
      }
      places[i] = place;
      this.#sameplaces &&= place === i;
    }
    this.#places = places;
  }

  /** A batch of series in our own words: our name of the agent, positions in our list. */
  ownSeries({ indicator, timeUs, value }: SeriesBatch): SeriesBatch {
    if (this.#sameplaces) return { agent: this.name, indicator, timeUs, value };
    return { agent: this.name, indicator: indicator.map((place) => this.#places[place]!), timeUs, value };
  }

  setPart(state: PartState): void {
    const spec = this.parts.get(state.part)?.spec ?? null;
    // A sender that its agent started anew has another stream.
    const isSame = spec === null || state.part !== 'sender' || spec.stream === state.stream;
    const now = isSame ? spec : { ...spec, stream: state.stream };
    this.parts.set(state.part, { state: this.#own(state), spec: now });
  }

  /** What it was told to start; its state comes by itself. */
  setSpec(spec: PartSpec): void {
    const known = this.parts.get(spec.part)?.state;
    const state: PartState =
      known !== undefined && known.state !== 'failed' && known.state !== 'stopped'
        ? known
        : {
            part: spec.part,
            agent: this.name,
            state: 'starting',
            pid: null,
            address: null,
            actual: {},
            note: null,
            stream: spec.stream,
          };
    this.parts.set(spec.part, { state, spec });
  }

  pong(sentUs: number, remoteReceivedUs: number, remoteSentUs: number, receivedUs: number): void {
    this.#clock.add({ sentUs, remoteReceivedUs, remoteSentUs, receivedUs });
  }

  /** How far its clock is ahead of ours; null until it is known. */
  clock(nowUs: number): (AgentClock & { readonly driftPpm: number | null }) | null {
    return this.#clock.estimate(nowUs);
  }

  /** @throws UserError where it is away, refuses, or does not answer */
  async ask(
    command: AgentCommand,
    options?: { timeoutMs?: number; onPiece?: ((piece: FilePiece) => void) | null },
  ): Promise<unknown> {
    if (this.link === null)
      throw new UserError({
        what: `the agent ${this.name} is not connected`,
        todo: 'It comes back by itself where its process still runs.',
      });
    try {
      return await this.link.ask(command, options);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        error.problems.map((problem) => ({ ...problem, where: problem.where ?? this.name })),
        { cause: error },
      );
    }
  }

  state(nowUs: number, epochUs: number): AgentState {
    const { role, host, hostId, pid, program, environment, parts, allowsHooks, spice = null } = this.hello;
    return {
      name: this.name,
      role,
      host,
      hostId,
      pid,
      version: program,
      environment,
      indicators: this.#indicators,
      parts: SESSION_PARTS.filter((part) => parts.includes(part)),
      allowsHooks,
      spice,
      absent: this.absent,
      connected: this.connected,
      lastSeenS: (this.lastSeenUs - epochUs) / 1e6,
      clock: this.clock(nowUs),
      // It holds each batch until it is acknowledged.
      spooled: this.received - this.acknowledged,
      lostRows: this.lostRows,
    };
  }

  #own(state: PartState): PartState {
    return { ...state, agent: this.name };
  }
}
