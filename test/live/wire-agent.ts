// An agent that speaks the wire and measures nothing: its rows are what a test says, its clock is ahead by what a test says.

import { WebSocket } from 'ws';
import type { Environment } from '#core/environment';
import type { Indicator } from '#core/indicator';
import { STEPS, type FrameBatch, type Step, type StepBatch } from '#core/recording';
import { packAgentMessage, unpackAgentMessage } from '#live/agent-packing';
import { AGENT_PATH, AGENT_WIRE_VERSION, type AgentCommand, type Batch, type FromCollector } from '#live/agent-wire';
import { monotonicUs } from '#system/clock';

const ENVIRONMENT: Environment = {
  host: 'test',
  os: 'none',
  kernel: 'none',
  arch: 'none',
  cpu: {
    model: 'none',
    cores: 1,
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

export interface WireAgentOptions {
  readonly role: string;
  readonly indicators: readonly Indicator[];
  readonly aheadUs?: number;
  readonly allowsHooks?: boolean;
  /** What a command is answered with; refused by default. */
  readonly answer?: (command: AgentCommand) => unknown;
}

export class WireAgent {
  readonly commands: AgentCommand[] = [];
  readonly #options: WireAgentOptions;
  readonly #socket: WebSocket;
  readonly #welcome = Promise.withResolvers<void>();
  #number = 0;
  #acked = 0;

  constructor(serverUrl: string, token: string, options: WireAgentOptions) {
    this.#options = options;
    this.#socket = new WebSocket(serverUrl.replace('http', 'ws') + AGENT_PATH, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    this.#socket.on('open', () => this.#hello());
    this.#socket.on('message', (data) => this.#take(unpackAgentMessage(data as Buffer) as FromCollector));
    this.#socket.on('error', (error) => this.#welcome.reject(error));
    this.#socket.on('close', () => this.#welcome.reject(new Error('the collector closed the connection')));
  }

  /** Resolves with its welcome. */
  get welcomed(): Promise<void> {
    return this.#welcome.promise;
  }

  /** Number of the last batch that is kept. */
  get acked(): number {
    return this.#acked;
  }

  /** Its own clock. */
  nowUs(): number {
    return monotonicUs() + (this.#options.aheadUs ?? 0);
  }

  /** Samples of one moment; the positions are those of its indicators. */
  sample(values: readonly (readonly [indicator: number, value: number])[], timeUs = this.nowUs()): void {
    this.batch({
      series: [
        {
          agent: this.#options.role,
          indicator: Uint16Array.from(values, ([indicator]) => indicator),
          timeUs: new Float64Array(values.length).fill(timeUs),
          value: Float64Array.from(values, ([, value]) => value),
        },
      ],
    });
  }

  frames(stream: string, first: number, captureUs: readonly number[], bytes: number): void {
    const rows = captureUs.length;
    const batch: FrameBatch = {
      stream,
      timeBase: [1, 1_000_000],
      frame: Int32Array.from(captureUs, (_, row) => first + row),
      sourceFrame: new Int32Array(rows).fill(-1),
      pts: Float64Array.from(captureUs),
      type: new Uint8Array(rows).fill(2),
      key: new Uint8Array(rows),
      bytes: new Int32Array(rows).fill(bytes),
      quantizer: new Float32Array(rows).fill(NaN),
    };
    this.batch({ frames: [batch] });
  }

  steps(stream: string, step: Step, first: number, startUs: readonly number[], durationUs: number, outcome = 0): void {
    const rows = startUs.length;
    const batch: StepBatch = {
      stream,
      role: this.#options.role,
      frame: Int32Array.from(startUs, (_, row) => first + row),
      step: new Uint8Array(rows).fill(STEPS.indexOf(step)),
      startUs: Float64Array.from(startUs),
      durationUs: new Int32Array(rows).fill(durationUs),
      busyUs: new Int32Array(rows).fill(-1),
      outcome: new Uint8Array(rows).fill(outcome),
    };
    this.batch({ steps: [batch] });
  }

  batch(part: Partial<Omit<Batch, 'kind' | 'number'>>): void {
    this.#socket.send(
      packAgentMessage({
        kind: 'batch',
        number: ++this.#number,
        series: [],
        frames: [],
        steps: [],
        messages: [],
        lostRows: 0,
        ...part,
      }),
    );
  }

  close(): void {
    this.#socket.terminate();
  }

  #hello(): void {
    const { role, indicators, allowsHooks = false } = this.#options;
    this.#socket.send(
      packAgentMessage({
        kind: 'hello',
        version: AGENT_WIRE_VERSION,
        name: role,
        role,
        instance: crypto.randomUUID(),
        host: 'test',
        hostId: 'test',
        pid: process.pid,
        program: '0.1.0',
        environment: ENVIRONMENT,
        indicators,
        parts: [],
        allowsHooks,
        absent: [],
        running: [],
        oldestBatch: 1,
      }),
    );
  }

  #take(message: FromCollector): void {
    if (message.kind === 'welcome') this.#welcome.resolve();
    else if (message.kind === 'refuse') this.#welcome.reject(new Error(message.reason));
    else if (message.kind === 'ack') this.#acked = message.number;
    else if (message.kind === 'ping') {
      const nowUs = this.nowUs();
      this.#socket.send(packAgentMessage({ kind: 'pong', id: message.id, receivedUs: nowUs, sentUs: this.nowUs() }));
    } else {
      this.commands.push(message.command);
      const value = this.#options.answer?.(message.command);
      this.#socket.send(
        packAgentMessage(
          value === undefined
            ? { kind: 'answer', id: message.id, ok: false, what: 'not in this test' }
            : { kind: 'answer', id: message.id, ok: true, value },
        ),
      );
    }
  }
}
