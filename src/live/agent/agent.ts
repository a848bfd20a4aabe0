// An agent: measures its machine, runs parts of the session, and tells a collector all of it, however often that goes away.

import { hostname } from 'node:os';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '#core/environment';
import type { AgentSpice, SpiceAddress } from '#core/live';
import type { SessionPart } from '#core/session';
import { SESSION_PARTS } from '#core/session';
import { UserError } from '#core/user-error';
import type { startPart } from '#session/start-part';
import { monotonicUs, newId } from '#system/clock';
import { AGENT_WIRE_VERSION, type FromAgent, type Hello } from '../agent-wire.ts';
import { agentSocketUrl } from './collector-url.ts';
import type { CollectorMessage } from './collector-message.ts';
import { Commands } from './commands.ts';
import { Connection } from './connection.ts';
import { Delivery } from './delivery.ts';
import { Hooks } from './hooks.ts';
import { KeptFolders } from './kept-folders.ts';
import { makeOwnFolder } from './own-folder.ts';
import { Parts } from './parts.ts';
import { Probes } from './probes.ts';
import { Spool } from './spool.ts';
import { Stress } from './stress.ts';

/** Rows of frames, messages and plug-in probes wait at most so long for those of the sampler. */
const BATCH_MS = 100;
/** At its end an agent waits so long until the collector has all. */
const LAST_MS = 1_000;
/** A picture waits while more than this is on its way; a newer one takes its place. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** A larger one is no small picture, and no collector takes it. */
const MAX_PICTURE_BYTES = 1024 * 1024;

export interface AgentOptions {
  readonly role: string;
  /** The role by default. */
  readonly name?: string | undefined;
  /** As `serve` prints it: `http://127.0.0.1:4600/…`. */
  readonly collector: string;
  readonly token: string;
  readonly allowHooks?: boolean | undefined;
  /** Of the sampling, milliseconds; 100 by default. */
  readonly intervalMs?: number | undefined;
  /** Host under which others reach a relay on this machine. */
  readonly mediaAddress?: string | undefined;
  /** Files of plug-in probes. */
  readonly probes?: readonly string[] | undefined;
  /** What of a SPICE desktop it stands beside; nothing by default. */
  readonly spice?: AgentSpice | null | undefined;
  /** Name or process id of a program beside it that is measured, too. */
  readonly process?: string | undefined;
  /** Patched SPICE processes that are listened to. */
  readonly recorders?: readonly SpiceAddress[] | undefined;
  /** Bytes of batches that wait for the collector at most; 64 MiB by default. */
  readonly spoolBytes?: number | undefined;
  /** Where the folders of agents are made; the system's folder for temporary files by default. */
  readonly folder?: string | undefined;
  /** Of encodelab. */
  readonly program: string;
  readonly environment: Environment;
  /** Starts a part: `startPart` of the session, unless a test brings another. */
  readonly startPart: typeof startPart;
  /** What the person at its terminal wants to know. */
  readonly onNews: (text: string) => void;
}

export interface AgentEnd {
  readonly ok: boolean;
  /** Why it gave up, for people; null where it was told to end. */
  readonly reason: string | null;
}

/**
 * Runs an agent until the signal aborts or the collector says that it will never take it.
 * @throws UserError where an option is wrong
 */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<AgentEnd> {
  const agent = new Agent(options);
  const onAbort = () => agent.end();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const reason = await agent.ended;
  signal.removeEventListener('abort', onAbort);
  await agent.close();
  return { ok: reason === null, reason };
}

class Agent {
  readonly #options: AgentOptions;
  readonly #name: string;
  readonly #instance = newId();
  readonly #folder: string;
  readonly #spool: Spool;
  readonly #connection: Connection;
  readonly #delivery: Delivery;
  readonly #probes: Probes;
  readonly #parts: Parts;
  readonly #hooks: Hooks;
  readonly #stress: Stress;
  readonly #commands: Commands;
  readonly #batchTimer: NodeJS.Timeout;
  #picture: Extract<FromAgent, { kind: 'picture' }> | null = null;
  /** Of the connection: answers of an old one are not sent over a new one. */
  #generation = 0;
  /** Something that the last hello tells has changed since. */
  #outdated = false;
  #ending = false;

  constructor(options: AgentOptions) {
    const { role, name = role, intervalMs = BATCH_MS } = options;
    checkName(role, '--role');
    checkName(name, '--name');
    const url = agentSocketUrl(options.collector);
    this.#options = options;
    this.#name = name;
    this.#folder = makeOwnFolder(options.folder);
    this.#spool = new Spool({ folder: join(this.#folder, 'spool'), limitBytes: options.spoolBytes });
    this.#connection = new Connection(url, options.token, {
      hello: () => this.#hello(),
      welcomed: (welcome) => this.#welcomed(welcome, url),
      message: (message) => this.#take(message),
      drained: () => this.#drained(),
      refused: () => this.#delivery.refused(),
      lost: (reason) => {
        this.#generation++;
        options.onNews(`${reason}; it tries again until it is there`);
      },
    });
    this.#delivery = new Delivery(this.#spool, this.#connection);
    this.#probes = this.#startProbes(intervalMs);
    this.#parts = this.#makeParts();
    this.#hooks = new Hooks(options.allowHooks === true);
    this.#stress = new Stress(this.#folder, (text) => this.#say(text));
    this.#commands = new Commands({
      parts: this.#parts,
      hooks: this.#hooks,
      stress: this.#stress,
      folders: new KeptFolders(join(this.#folder, 'keep')),
      flush: () => this.#flush(),
    });
    this.#batchTimer = setInterval(() => this.#flush(), BATCH_MS);
    this.#connection.open();
  }

  /** Resolves with why it gave up, or with null when it was told to end. */
  get ended(): Promise<string | null> {
    return this.#connection.ended;
  }

  /** Ends it: parts first, so that their last rows arrive, then the connection. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    void this.#finish();
  }

  async #finish(): Promise<void> {
    await Promise.all([this.#parts.close(), this.#hooks.close(), this.#stress.close(), this.#probes.close()]);
    this.#delivery.flush();
    if (this.#connection.ready) await this.#delivery.settled(LAST_MS);
    this.#connection.close();
  }

  #flush(): void {
    this.#probes.flush();
    this.#delivery.flush();
  }

  /** Frees what it holds; nothing of it runs afterwards. */
  async close(): Promise<void> {
    clearInterval(this.#batchTimer);
    await Promise.all([this.#parts.close(), this.#hooks.close(), this.#stress.close(), this.#probes.close()]);
    this.#spool.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #startProbes(intervalMs: number): Probes {
    const { rows } = this.#delivery;
    return new Probes({
      agent: this.#name,
      intervalMs,
      plugIns: this.#options.probes ?? [],
      role: this.#options.role,
      program: this.#options.process ?? null,
      recorders: this.#options.recorders ?? [],
      onRows: (batch) => {
        rows.series(batch);
        this.#delivery.flush();
        this.#batchTimer?.refresh();
      },
      onOtherRows: (batch) => {
        rows.series(batch);
        this.#delivery.flushFull();
      },
      onChanged: () => this.#tellIndicators(),
      onMessage: (text) => this.#say(text),
    });
  }

  #makeParts(): Parts {
    const { rows } = this.#delivery;
    return new Parts({
      agent: this.#name,
      role: this.#options.role,
      spice: this.#options.spice ?? null,
      start: this.#options.startPart,
      onNews: this.#options.onNews,
      mediaAddress: this.#options.mediaAddress ?? null,
      localAddress: () => this.#connection.localAddress,
      events: {
        frames: (batch) => {
          rows.frames(batch);
          this.#delivery.flushFull();
        },
        steps: (batch) => {
          rows.steps(batch);
          this.#delivery.flushFull();
        },
        message: (text) => this.#say(text),
        picture: (picture) => {
          if (picture.jpeg.length > MAX_PICTURE_BYTES) return;
          this.#picture = { kind: 'picture', ...picture };
          this.#sendPicture();
        },
        value: (name, unit, timeUs, value) => this.#probes.value(name, unit, timeUs, value),
        state: (state) => {
          if (!this.#connection.send({ kind: 'part', state })) this.#outdated = true;
        },
        started: (part: SessionPart, pid) => this.#probes.follow(part, pid),
        gone: (part) => this.#probes.unfollow(part),
      },
    });
  }

  #hello(): Hello {
    const { role, program, environment, allowHooks, spice = null } = this.#options;
    this.#outdated = false;
    return {
      kind: 'hello',
      version: AGENT_WIRE_VERSION,
      name: this.#name,
      role,
      instance: this.#instance,
      host: hostname(),
      hostId: hostId(),
      pid: process.pid,
      program,
      environment,
      indicators: this.#probes.indicators,
      parts: SESSION_PARTS,
      allowsHooks: allowHooks === true,
      spice,
      absent: this.#absent(),
      running: this.#parts.running(),
      oldestBatch: this.#spool.oldest,
    };
  }

  #welcomed(welcome: Extract<CollectorMessage, { kind: 'welcome' }>, url: string): void {
    this.#generation++;
    this.#options.onNews(`connected to ${new URL(url).host} as ${welcome.name}`);
    if (this.#outdated) {
      this.#tellIndicators();
      for (const { state } of this.#parts.running()) this.#connection.send({ kind: 'part', state });
      this.#outdated = false;
    }
    this.#delivery.begin(welcome.nextBatch);
  }

  #take(message: Exclude<CollectorMessage, { kind: 'welcome' | 'refuse' | 'ping' }>): void {
    if (message.kind === 'ack') return this.#delivery.acknowledge(message.number);
    const generation = this.#generation;
    const connection = this.#connection;
    const isOpen = () => generation === this.#generation && connection.ready;
    void this.#commands.take(message.id, message.command, {
      get open() {
        return isOpen();
      },
      get bufferedBytes() {
        return connection.bufferedBytes;
      },
      send: (answer) => {
        if (isOpen()) connection.send(answer);
      },
    });
  }

  #drained(): void {
    this.#delivery.drained();
    this.#sendPicture();
  }

  #sendPicture(): void {
    const picture = this.#picture;
    if (picture === null || this.#connection.bufferedBytes > MAX_BUFFERED_BYTES) return;
    this.#picture = null;
    this.#connection.send(picture);
  }

  #say(text: string): void {
    this.#delivery.rows.message(monotonicUs(), this.#options.role, text);
  }

  #tellIndicators(): void {
    const { indicators } = this.#probes;
    const told = this.#connection.send({ kind: 'indicators', indicators, absent: this.#absent() });
    if (!told) this.#outdated = true;
  }

  #absent(): readonly string[] {
    const { problem } = this.#spool;
    return problem === null ? this.#probes.absent : [...this.#probes.absent, `spool: ${problem}`];
  }
}

/** What stands in lists and in other names: short, and without a slash. */
function checkName(name: string, where: string): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(name)) return;
  throw new UserError({
    what: `"${name}" is no name for an agent`,
    where,
    todo: 'use letters, digits, dots and dashes, 64 at most: guest, server, client, render-2',
  });
}

/** The same for all agents of a machine until it starts anew. */
function hostId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname();
  }
}
