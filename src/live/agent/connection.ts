// The way to the collector: dials out, says hello, answers pings, and comes back for ever when it breaks.

import { WebSocket, type RawData } from 'ws';
import { monotonicUs } from '#system/clock';
import { packAgentMessage, unpackAgentMessage } from '../agent-packing.ts';
import { AGENT_WIRE_VERSION, MAX_AGENT_MESSAGE_BYTES, type FromAgent, type Hello } from '../agent-wire.ts';
import { parseCollectorMessage, type CollectorMessage } from './collector-message.ts';

/** From the request for a connection to the welcome. */
const WELCOME_MS = 10_000;
/** A connection on which nothing came for so long is dead: our own probes of it are answered at once. */
const SILENCE_MS = 10_000;
const PROBE_MS = 2_500;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 3_000;
/** After so many messages that make no sense the connection is begun anew. */
const MAX_GARBAGE = 20;
const CLOSED = 'the collector closed the connection';
const UNAUTHORIZED: readonly (number | undefined)[] = [401, 403];

export interface ConnectionEvents {
  /** What it says first, each time anew. */
  hello(): Hello;
  welcomed(welcome: Extract<CollectorMessage, { kind: 'welcome' }>): void;
  message(message: Exclude<CollectorMessage, { kind: 'welcome' | 'refuse' | 'ping' }>): void;
  /** All that was given is on its way: there is room for more. */
  drained(): void;
  /** The collector does not take what came after the welcome. */
  refused(): void;
  /** It broke, or could not be made. Told once where the reason stays the same. */
  lost(reason: string): void;
}

export class Connection {
  readonly #url: string;
  readonly #token: string;
  readonly #events: ConnectionEvents;
  readonly #end = Promise.withResolvers<string | null>();
  #socket: WebSocket | null = null;
  #welcomed = false;
  #everWelcomed = false;
  #garbage = 0;
  #attempts = 0;
  /** Why the connection of now will have ended, as far as that is known. */
  #why = CLOSED;
  #reason: string | null = null;
  #heardMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param url of the collector's WebSocket */
  constructor(url: string, token: string, events: ConnectionEvents) {
    this.#url = url;
    this.#token = token;
    this.#events = events;
  }

  /** Resolves when it gave up for good with why, or with null when it was closed. */
  get ended(): Promise<string | null> {
    return this.#end.promise;
  }

  /** True between a welcome and the end of that connection. */
  get ready(): boolean {
    return this.#welcomed;
  }

  /** Bytes that were given and have not left yet. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Our address on the way to the collector; null while there is none. */
  get localAddress(): string | null {
    return this.#socket === null ? null : (localAddresses.get(this.#socket) ?? null);
  }

  open(): void {
    const socket = new WebSocket(this.#url, {
      headers: { authorization: `Bearer ${this.#token}` },
      perMessageDeflate: false,
      maxPayload: MAX_AGENT_MESSAGE_BYTES,
      handshakeTimeout: WELCOME_MS,
    });
    this.#socket = socket;
    this.#garbage = 0;
    this.#heardMs = performance.now();
    this.#why = CLOSED;
    socket.on('unexpected-response', (request, response) => {
      this.#why = this.#refusedAtTheDoor(response.statusCode);
      response.destroy();
      request.destroy();
      socket.terminate();
    });
    socket.on('upgrade', (response) => {
      if (response.socket.localAddress !== undefined) localAddresses.set(socket, response.socket.localAddress);
    });
    socket.on('open', () => socket.send(packAgentMessage(this.#events.hello())));
    socket.on('message', (data, isBinary) => {
      const receivedUs = monotonicUs();
      this.#heardMs = performance.now();
      this.#why = this.#take(data, isBinary, receivedUs) ?? this.#why;
    });
    socket.on('pong', () => (this.#heardMs = performance.now()));
    socket.on('ping', () => (this.#heardMs = performance.now()));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // What we ended ourselves, and why, ends in an error too.
      if (this.#why === CLOSED) this.#why = wordsOf(error, this.#url);
    });
    socket.on('close', () => this.#lost(this.#why));
    this.#watch = setInterval(() => this.#probe(socket), PROBE_MS);
  }

  /** False where there is no connection: it was not sent. */
  send(message: FromAgent): boolean {
    return this.sendPacked(packAgentMessage(message));
  }

  sendPacked(bytes: Uint8Array): boolean {
    if (!this.#welcomed || this.#socket === null) return false;
    const socket = this.#socket;
    socket.send(bytes, () => {
      if (socket === this.#socket && socket.bufferedAmount === 0) this.#events.drained();
    });
    return true;
  }

  /** Begins the connection anew. */
  restart(): void {
    this.#socket?.terminate();
  }

  /** Ends it for good; what was given is sent before. */
  close(): void {
    this.#finish(null);
  }

  #finish(reason: string | null): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    const socket = this.#socket;
    socket?.close();
    const timer = setTimeout(() => socket?.terminate(), CLOSE_MS);
    timer.unref();
    this.#end.resolve(reason);
  }

  /** @returns why the connection will break, where the message says so */
  #take(data: RawData, isBinary: boolean, receivedUs: number): string | null {
    const message = isBinary ? parse(data as Buffer) : null;
    if (message === null) {
      if (++this.#garbage >= MAX_GARBAGE) this.restart();
      return 'the collector sent what makes no sense';
    }
    if (message.kind === 'ping') {
      if (this.#socket?.readyState === WebSocket.OPEN) {
        this.#socket.send(packAgentMessage({ kind: 'pong', id: message.id, receivedUs, sentUs: monotonicUs() }));
      }
    } else if (message.kind === 'welcome') this.#welcome(message);
    else if (message.kind === 'refuse') {
      const reason = `the collector refused this agent: ${message.reason}`;
      if (!message.retry) this.#finish(reason);
      else if (this.#welcomed) this.#events.refused();
      this.restart();
      return reason;
    } else if (this.#welcomed) this.#events.message(message);
    return null;
  }

  #welcome(message: Extract<CollectorMessage, { kind: 'welcome' }>): void {
    if (message.version !== AGENT_WIRE_VERSION) {
      const [theirs, ours] = [message.version, AGENT_WIRE_VERSION];
      const todo = `update encodelab on the ${theirs > ours ? "agent's" : "collector's"} machine`;
      this.#finish(`the collector speaks version ${theirs} of the agents' language, this agent ${ours}: ${todo}`);
      this.restart();
      return;
    }
    if (this.#welcomed || this.#closed) return;
    this.#welcomed = true;
    this.#everWelcomed = true;
    this.#attempts = 0;
    this.#reason = null;
    this.#events.welcomed(message);
  }

  /** A token that was right before may meet a stranger on the collector's port: then it waits for the collector. */
  #refusedAtTheDoor(status: number | undefined): string {
    if (!UNAUTHORIZED.includes(status)) return `the collector at ${this.#url} answered with status ${status}`;
    const reason =
      `the collector at ${this.#url} does not take this token: it wants the one in \`server-token\` of its lab ` +
      '(--token, --token-file or ENCODELAB_TOKEN)';
    if (!this.#everWelcomed) this.#finish(reason);
    return reason;
  }

  #probe(socket: WebSocket): void {
    const silentMs = performance.now() - this.#heardMs;
    if (silentMs > SILENCE_MS) {
      this.#why = `nothing came from the collector for ${SILENCE_MS / 1000} s`;
      socket.terminate();
    } else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }

  #lost(reason: string): void {
    clearInterval(this.#watch);
    this.#welcomed = false;
    this.#socket = null;
    if (this.#closed) return;
    if (reason !== this.#reason) this.#events.lost(reason);
    this.#reason = reason;
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#attempts++, 10));
    // Agents that lost one collector together do not come back together.
    this.#retry = setTimeout(() => this.open(), longest * (0.5 + 0.5 * Math.random()));
  }
}

/** How long a closing handshake may take. */
const CLOSE_MS = 500;
const localAddresses = new WeakMap<WebSocket, string>();

function parse(data: Buffer): CollectorMessage | null {
  try {
    return parseCollectorMessage(unpackAgentMessage(data));
  } catch {
    return null;
  }
}

function wordsOf(error: NodeJS.ErrnoException, url: string): string {
  const { host } = new URL(url);
  switch (error.code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${host}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host ${host}`;
    default:
      return error.message || `no connection to ${host} (${error.code})`;
  }
}
