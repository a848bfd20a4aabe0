// The door for agents: takes their sockets over, says who is who, and hands on each batch exactly once and in order.

import type { PartState } from '#core/live';
import type { SessionPart } from '#core/session';
import { monotonicUs } from '#system/clock';
import { AGENT_WIRE_VERSION, type Batch, type FromAgent, type Hello } from '../agent-wire.ts';
import type { AgentSocket, CollectorListener } from '../collector-types.ts';
import { Agent } from './agent.ts';
import { AgentLink } from './agent-link.ts';
import { readMessage, readVersion } from './read-message.ts';
import { RefusedMessage, type RefusalReason } from './refused-message.ts';

/** Connected at once, and known in all. */
const MAX_AGENTS = 2_000;
/** From a socket to its hello. */
const HELLO_MS = 5_000;
/** An agent that says nothing for so long is shown as lost; after the second time its socket is given up. */
const SILENT_MS = 3_000;
const DEAD_MS = 15_000;
const CHECK_MS = 500;
/** An agent that is away for so long is forgotten, unless a recording waits for it or it had a part of the session. */
const FORGET_MS = 300_000;
/** A check that comes so late says that we slept, not the agents. */
const OVERSLEPT_MS = 1_500;
/** Pings: some at once, so that the clock is known soon, then steadily. */
const FIRST_PINGS = 8;
const FIRST_PING_MS = 40;
const PING_MS = 1_000;
/** What is kept of the past, of all agents together; each gets its share. */
const RECENT_BYTES = 256 * 1024 * 1024;
const MAX_AGENT_BYTES = 16 * 1024 * 1024;

export interface HubEvents {
  /** It is here, for the first time or again. */
  arrived(agent: Agent): void;
  /** @param why for people: `its connection ended` */
  lost(agent: Agent, why: string): void;
  /** Rows in our own words. `kept` is acknowledged at once; of `full` nothing was taken: the agent brings it again. */
  batch(agent: Agent, batch: Batch): 'kept' | 'waiting' | 'full';
  part(agent: Agent, state: PartState): void;
  picture(picture: Parameters<CollectorListener['picture']>[0]): void;
  /** A clock was looked at anew. */
  clock(agent: Agent, nowUs: number): void;
  /** Number of the last batch of that process that is kept already, by a collector before us; 0 where there is none. */
  keptBatch(agent: string, instance: string): number;
  /** Whether the session or a recording still waits for it. */
  isNeeded(agent: Agent): boolean;
  changed(): void;
  failed(error: unknown): void;
}

export interface HubOptions {
  readonly epochUs: number;
  readonly version: string;
  readonly hostId: string;
  readonly events: HubEvents;
  /** Another wait for those that are away, milliseconds. */
  readonly forgetMs?: number | undefined;
}

export class AgentHub {
  readonly refused = new Map<RefusalReason, number>();
  readonly #agents = new Map<string, Agent>();
  /** Sockets, those before their hello included. */
  #sockets = 0;
  readonly #links = new Set<AgentLink>();
  readonly #events: HubEvents;
  /** Of our own machine, as agents tell theirs. */
  readonly hostId: string;
  readonly #epochUs: number;
  readonly #version: string;
  readonly #forgetMs: number;
  readonly #timers: readonly NodeJS.Timeout[];
  #checkedUs = monotonicUs();
  #closed = false;

  constructor(options: HubOptions) {
    this.hostId = options.hostId;
    this.#epochUs = options.epochUs;
    this.#version = options.version;
    this.#forgetMs = options.forgetMs ?? FORGET_MS;
    this.#events = options.events;
    this.#timers = [setInterval(() => this.#check(), CHECK_MS), setInterval(() => this.#pingAll(), PING_MS)];
    for (const timer of this.#timers) timer.unref();
  }

  get agents(): Iterable<Agent> {
    return this.#agents.values();
  }

  agent(name: string): Agent | undefined {
    return this.#agents.get(name);
  }

  /** Connected agents of a role (or of that name), those that came first first. */
  ofRole(role: string): Agent[] {
    return [...this.#agents.values()].filter(
      (agent) => agent.connected && (agent.role === role || agent.name === role),
    );
  }

  /** Connected agents that run a part, or could. */
  withPart(part: SessionPart): Agent[] {
    return [...this.#agents.values()].filter((agent) => agent.connected && agent.hello.parts.includes(part));
  }

  accept(socket: AgentSocket): void {
    const link = new AgentLink(socket);
    this.#links.add(link);
    this.#sockets++;
    let agent: Agent | null = null;
    const refuse = (reason: RefusalReason, words: string, retry: boolean) => {
      if (!link.open) return;
      this.#count(reason);
      link.refuse(words, retry);
      if (agent !== null) this.#lose(agent, link, words);
    };
    const helloTimer = setTimeout(() => refuse('hello too late', 'You did not say hello in time.', true), HELLO_MS);
    socket.on('error', () => this.#count('socket error'));
    socket.on('close', () => {
      clearTimeout(helloTimer);
      this.#sockets--;
      this.#links.delete(link);
      link.closed();
      if (agent !== null) this.#lose(agent, link, 'its connection ended');
    });
    socket.on('message', (data, isBinary) => {
      if (!link.open) return;
      const nowUs = monotonicUs();
      try {
        if (!isBinary) throw new RefusedMessage('text instead of bytes');
        if (agent === null) {
          clearTimeout(helloTimer);
          agent = this.#greet(link, data, nowUs, refuse);
        } else this.#take(agent, link, readMessage(data, agent.ownIndicators), nowUs);
      } catch (error) {
        if (!(error instanceof RefusedMessage)) {
          // A fault of ours, which must not take the other agents with it.
          this.#events.failed(error);
          return refuse('our own fault', 'The collector failed on this message.', true);
        }
        refuse(error.reason, REFUSALS[error.reason] ?? 'The collector does not understand this message.', true);
      }
    });
    if (this.#closed) link.end(1001, 'the collector ends');
    else if (this.#sockets > MAX_AGENTS)
      refuse('too many agents', `There are ${MAX_AGENTS} agents already; end one first.`, true);
  }

  /** All batches of an agent's process up to that number are kept. */
  acknowledge(name: string, instance: string, number: number): void {
    const agent = this.#agents.get(name);
    if (agent === undefined || agent.instance !== instance || number <= agent.acknowledged) return;
    agent.acknowledged = Math.min(number, agent.received);
    agent.link?.send({ kind: 'ack', number: agent.acknowledged });
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const link of this.#links) link.end(1001, 'the collector ends');
  }

  #greet(
    link: AgentLink,
    data: Buffer,
    nowUs: number,
    refuse: (reason: RefusalReason, words: string, retry: boolean) => void,
  ): Agent | null {
    const { version, program } = readVersion(data);
    if (version !== AGENT_WIRE_VERSION) {
      const newer = version > AGENT_WIRE_VERSION;
      const words =
        `The agent speaks version ${version} (encodelab ${program}), the collector version ${AGENT_WIRE_VERSION} ` +
        `(encodelab ${this.#version}): update ${newer ? 'the collector' : 'the agent'}, so that both are the same encodelab.`;
      refuse('other version', words, false);
      return null;
    }
    const hello = readMessage(data, 0) as Hello;
    const agent = this.#identify(hello, nowUs);
    if (agent === null) {
      refuse('too many agents', `The collector knows ${MAX_AGENTS} agents already.`, true);
      return null;
    }
    const old = agent.link;
    const wasThere = agent.connected;
    agent.introduce(hello);
    if (agent.received === 0) {
      // Batches that a collector before us acknowledged are gone from its spool; those that it kept may not be.
      const kept = Math.max(this.#events.keptBatch(agent.name, hello.instance), hello.oldestBatch - 1, 0);
      agent.received = agent.acknowledged = kept;
    }
    agent.link = link;
    agent.silent = false;
    agent.lastSeenUs = nowUs;
    old?.end(1000, 'replaced by a newer connection of the same agent');
    if (wasThere) this.#events.lost(agent, 'it came back on another connection');
    // What it lost for want of room will never come.
    agent.received = Math.max(agent.received, hello.oldestBatch - 1);
    link.send({ kind: 'welcome', version: AGENT_WIRE_VERSION, name: agent.name, nextBatch: agent.received + 1 });
    if (agent.acknowledged > 0) link.send({ kind: 'ack', number: agent.acknowledged });
    this.#firstPings(link, FIRST_PINGS);
    this.#events.arrived(agent);
    this.#events.changed();
    return agent;
  }

  /**
   * The same process keeps the name that it has. Another one takes the place of an agent that is away, or a name with a
   * number where one of that name is here: `guest 2`. Null where there is no room.
   */
  #identify(hello: Hello, nowUs: number): Agent | null {
    for (const agent of this.#agents.values()) if (agent.instance === hello.instance) return agent;
    for (let number = 1; number <= MAX_AGENTS; number++) {
      const name = number === 1 ? hello.name : `${hello.name} ${number}`;
      const known = this.#agents.get(name);
      if (known === undefined) {
        if (this.#agents.size >= MAX_AGENTS && !this.#forgetOldest()) return null;
        const agent = new Agent(name, hello);
        agent.lastSeenUs = nowUs;
        this.#agents.set(name, agent);
        return agent;
      }
      if (!known.connected) return known;
    }
    return null;
  }

  #forget(agent: Agent): void {
    if (this.#events.isNeeded(agent)) return;
    this.#agents.delete(agent.name);
    this.#events.changed();
  }

  /** The one that has been away for longest. */
  #forgetOldest(): boolean {
    let oldest: Agent | null = null;
    for (const agent of this.#agents.values())
      if (agent.link === null && (oldest === null || agent.lastSeenUs < oldest.lastSeenUs)) oldest = agent;
    return oldest !== null && this.#agents.delete(oldest.name);
  }

  #take(agent: Agent, link: AgentLink, message: FromAgent, nowUs: number): void {
    if (agent.link !== link) return;
    agent.lastSeenUs = nowUs;
    if (agent.silent) {
      agent.silent = false;
      this.#events.arrived(agent);
      this.#events.changed();
    }
    switch (message.kind) {
      case 'batch':
        return this.#takeBatch(agent, link, message, nowUs);
      case 'pong': {
        const sentUs = link.pinged(message.id);
        if (sentUs === null) return;
        agent.pong(sentUs, message.receivedUs, message.sentUs, nowUs);
        return this.#events.clock(agent, nowUs);
      }
      case 'answer':
        return link.answered(message);
      case 'file':
        return link.piece(message);
      case 'indicators':
        agent.setIndicators(message.indicators, message.absent);
        return this.#events.changed();
      case 'part':
        agent.setPart(message.state);
        this.#events.part(agent, message.state);
        return this.#events.changed();
      case 'picture': {
        const { frame, width, height, jpeg } = message;
        return this.#events.picture({ frame, width, height, jpeg });
      }
      case 'hello':
        throw new RefusedMessage('hello twice');
    }
  }

  #takeBatch(agent: Agent, link: AgentLink, batch: Batch, nowUs: number): void {
    if (batch.number <= agent.received) {
      // It was sent again since the acknowledgement did not reach it.
      if (batch.number <= agent.acknowledged) link.send({ kind: 'ack', number: agent.acknowledged });
      return;
    }
    if (batch.number !== agent.received + 1) throw new RefusedMessage('batch out of order');
    const own: Batch = { ...batch, series: batch.series.map((series) => agent.ownSeries(series)) };
    const fate = this.#events.batch(agent, own);
    if (fate === 'full') throw new RefusedMessage('disk is behind');
    agent.received = batch.number;
    agent.lostRows = batch.lostRows;
    const nowS = (nowUs - this.#epochUs) / 1e6;
    for (const series of own.series) {
      agent.recent.addSeries(series, nowS);
      agent.latestUs = series.timeUs.at(-1) ?? agent.latestUs;
    }
    for (const frames of own.frames) agent.recent.addFrames(frames, nowS);
    for (const steps of own.steps) agent.recent.addSteps(steps, nowS);
    agent.recent.trim(nowS, Math.min(MAX_AGENT_BYTES, RECENT_BYTES / this.#agents.size));
    if (fate === 'kept') this.acknowledge(agent.name, agent.instance, batch.number);
  }

  #lose(agent: Agent, link: AgentLink, why: string): void {
    if (agent.link !== link) return;
    agent.link = null;
    const wasThere = !agent.silent;
    agent.silent = false;
    if (wasThere) this.#events.lost(agent, why);
    this.#events.changed();
  }

  #check(): void {
    const nowUs = monotonicUs();
    const overslept = nowUs - this.#checkedUs > OVERSLEPT_MS * 1000;
    this.#checkedUs = nowUs;
    if (overslept) return;
    for (const agent of this.#agents.values()) {
      if (agent.link === null) {
        if ((nowUs - agent.lastSeenUs) / 1000 > this.#forgetMs) this.#forget(agent);
        continue;
      }
      const silentMs = (nowUs - agent.lastSeenUs) / 1000;
      if (silentMs > DEAD_MS) {
        this.#count('silent');
        const { link } = agent;
        link.end(1001, 'nothing came for a long time');
        this.#lose(agent, link, 'nothing came from it');
      } else if (silentMs > SILENT_MS && !agent.silent) {
        agent.silent = true;
        this.#events.lost(agent, `nothing came from it for ${SILENT_MS / 1000} s`);
        this.#events.changed();
      }
    }
  }

  #firstPings(link: AgentLink, count: number): void {
    if (count === 0 || !link.open) return;
    link.ping(monotonicUs());
    setTimeout(() => this.#firstPings(link, count - 1), FIRST_PING_MS).unref();
  }

  #pingAll(): void {
    for (const { link } of this.#agents.values()) link?.ping(monotonicUs());
  }

  #count(reason: RefusalReason): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    this.#events.changed();
  }
}

/** What the agent is told; the last is for a bug on one of the two ends. */
const REFUSALS: Partial<Record<RefusalReason, string>> = {
  garbage: 'The message is no MessagePack of the agreed kinds.',
  'wrong shape': 'A field of the message is missing or has a value that it can not have.',
  'too long': 'The message is too long.',
  'no hello': 'The first message has to be a hello.',
  'hello twice': 'One hello is enough for a connection.',
  'batch out of order': 'A batch is missing before this one: connect again, and go on where the welcome says.',
  'text instead of bytes': 'Messages have to be binary.',
  'disk is behind': 'The disk of the collector does not take the rows in time: come back soon, and bring them again.',
};
