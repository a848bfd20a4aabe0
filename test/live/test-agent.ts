// An agent for tests that says on the wire what it is told to, and nothing else.

import { WebSocket, WebSocketServer } from 'ws';
import type { Environment } from '#core/environment';
import { packAgentMessage, unpackAgentMessage } from '#live/agent-packing';
import { AGENT_WIRE_VERSION, type Batch, type FromAgent, type FromCollector, type Hello } from '#live/agent-wire';
import type { Collector } from '#live/collector-types';
import { monotonicUs } from '#system/clock';

/** Far more than it takes, on a machine that has much else to do, too. */
const HEARD_MS = 30_000;

export interface Door {
  readonly url: string;
  close(): Promise<void>;
}

/** A bare WebSocket server in front of a collector. */
export async function openDoor(collector: () => Collector, at = 0): Promise<Door> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: at, maxPayload: 8 * 1024 * 1024 });
  server.on('connection', (socket) => collector().accept(socket));
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}

const ENVIRONMENT: Environment = {
  host: 'test',
  os: 'test',
  kernel: '1',
  arch: 'x64',
  cpu: {
    model: 'test',
    cores: 2,
    features: [],
    governor: null,
    maxFrequency: null,
    microcode: null,
    hypervisor: false,
  },
  memory: 1,
  container: { cpuQuota: null, memoryLimit: null },
  versions: {},
};

export function testHello(change: Partial<Hello> = {}): Hello {
  return {
    kind: 'hello',
    version: AGENT_WIRE_VERSION,
    name: 'guest',
    role: 'guest',
    instance: 'instance-1',
    host: 'test',
    hostId: 'machine',
    pid: 1,
    program: '0.0.0',
    environment: ENVIRONMENT,
    indicators: [{ name: 'cpu.busy', unit: '1', description: 'CPU' }],
    parts: [],
    allowsHooks: false,
    absent: [],
    running: [],
    oldestBatch: 1,
    ...change,
  };
}

/** A batch with one row of each kind that tells the batch's number. */
export function testBatch(number: number, change: Partial<Batch> = {}): Batch {
  return {
    kind: 'batch',
    number,
    series: [
      {
        agent: 'any',
        indicator: Uint16Array.of(0),
        timeUs: Float64Array.of(monotonicUs()),
        value: Float64Array.of(number),
      },
    ],
    frames: [],
    steps: [],
    messages: [],
    lostRows: 0,
    ...change,
  };
}

export class TestAgent {
  readonly socket: WebSocket;
  readonly messages: FromCollector[] = [];
  /** Answers pings by this clock; null leaves them unanswered. */
  clock: (() => number) | null = monotonicUs;
  closed = false;
  #wake: () => void = () => undefined;

  constructor(url: string, hello: Hello | null = testHello()) {
    this.socket = new WebSocket(url);
    this.socket.on('open', () => hello !== null && this.send(hello));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    this.socket.on('message', (data: Buffer) => {
      const message = unpackAgentMessage(data) as FromCollector;
      if (message.kind === 'ping') {
        const now = this.clock?.();
        if (now !== undefined) this.send({ kind: 'pong', id: message.id, receivedUs: now, sentUs: now });
        return;
      }
      this.messages.push(message);
      this.#wake();
    });
  }

  send(message: FromAgent): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(packAgentMessage(message));
  }

  /** The first message of that kind that satisfies; rejects after half a minute. */
  async heard<Kind extends FromCollector['kind']>(
    kind: Kind,
    satisfies: (message: Extract<FromCollector, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<FromCollector, { kind: Kind }>> {
    for (const deadline = Date.now() + HEARD_MS; ;) {
      for (const message of this.messages)
        if (message.kind === kind && satisfies(message as Extract<FromCollector, { kind: Kind }>))
          return message as Extract<FromCollector, { kind: Kind }>;
      if (Date.now() > deadline) throw new Error(`no ${kind} came; heard: ${JSON.stringify(this.messages)}`);
      await this.#next(deadline - Date.now());
    }
  }

  async ended(): Promise<void> {
    for (const deadline = Date.now() + HEARD_MS; !this.closed;) {
      if (Date.now() > deadline) throw new Error('the socket is still open');
      await this.#next(deadline - Date.now());
    }
  }

  #next(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(timeoutMs + 1, 100));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Waits until it holds. */
export async function until(holds: () => boolean, timeoutMs = HEARD_MS): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !holds(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() > deadline) throw new Error(`it does not hold: ${holds.toString()}`);
}
