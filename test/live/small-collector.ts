// The collector's side of the agents' wire, small enough for a test to see through: it keeps every row that it commits.

import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { packAgentMessage, unpackAgentMessage } from '#live/agent-packing';
import {
  AGENT_PATH,
  AGENT_WIRE_VERSION,
  type AgentCommand,
  type Batch,
  type FromAgent,
  type FromCollector,
  type Hello,
} from '#live/agent-wire';

type Kind<K extends FromAgent['kind']> = Extract<FromAgent, { kind: K }>;

/** Keeps what it learned while its server is away, as a collector's database does. */
export class SmallCollector {
  readonly token = 'the-right-token';
  readonly hellos: Hello[] = [];
  /** Committed, each number once. */
  readonly batches: Batch[] = [];
  /** Batches that came though they were committed already. */
  repeated = 0;
  readonly parts: Kind<'part'>['state'][] = [];
  readonly pictures: Kind<'picture'>[] = [];
  readonly files: Kind<'file'>[] = [];
  readonly pongs: Kind<'pong'>[] = [];
  indicators: Kind<'indicators'>[] = [];
  problems: string[] = [];
  /** What the next hello is answered with; a welcome by default. */
  greeting: ((hello: Hello) => FromCollector) | null = null;
  /** Batches that it does not take, as a collector does that finds a mistake in one. */
  refuses: (batch: Batch) => boolean = () => false;
  /** False: batches are taken in, and nobody is told. */
  acknowledges = true;
  port = 0;
  socket: WebSocket | null = null;
  #server: Server | null = null;
  #lastId = 0;
  readonly #next = new Map<string, number>();
  readonly #answers = new Map<number, (answer: Kind<'answer'>) => void>();

  get url(): string {
    return `http://127.0.0.1:${this.port}/signin?once=abc`;
  }

  async open(): Promise<void> {
    const server = createServer((_, response) => response.writeHead(404).end());
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (request.url !== AGENT_PATH || request.headers.authorization !== `Bearer ${this.token}`) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      } else sockets.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket));
    });
    for (let tries = 0; ; tries++) {
      const listening = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(this.port, '127.0.0.1', () => resolve(true));
      });
      if (listening) break;
      if (tries > 50) throw new Error(`port ${this.port} is not free`);
      await sleep(20);
    }
    this.port = (server.address() as { port: number }).port;
    this.#server = server;
  }

  /** Vanishes as a killed process does. */
  async vanish(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.socket?.terminate();
    this.socket = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  send(message: FromCollector): void {
    this.socket!.send(packAgentMessage(message));
  }

  command(command: AgentCommand): Promise<Kind<'answer'>> {
    const id = ++this.#lastId;
    const answer = new Promise<Kind<'answer'>>((resolve) => this.#answers.set(id, resolve));
    this.send({ kind: 'command', id, command });
    return answer;
  }

  /** Its value; the words of a refusal are thrown. */
  async ask(command: AgentCommand): Promise<unknown> {
    const answer = await this.command(command);
    if (!answer.ok) throw new Error(`${answer.what} ${answer.todo ?? ''}`);
    return answer.value;
  }

  /** Rows of an indicator that were committed. */
  valuesOf(name: string): number[] {
    const list = [...this.hellos.map(({ indicators }) => indicators), ...this.indicators.map((one) => one.indicators)];
    const position = (list.at(-1) ?? []).findIndex((one) => one.name === name);
    return this.batches.flatMap(({ series }) =>
      series.flatMap(({ indicator, value }) => [...value].filter((_, row) => indicator[row] === position)),
    );
  }

  get texts(): string[] {
    return this.batches.flatMap(({ messages }) => messages.map(({ text }) => text));
  }

  #serve(socket: WebSocket): void {
    let instance: string | null = null;
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      if (socket.readyState !== socket.OPEN) return;
      const message = unpackAgentMessage(data as Buffer) as FromAgent;
      switch (message.kind) {
        case 'hello': {
          instance = message.instance;
          this.hellos.push(message);
          const next = Math.max(this.#next.get(instance) ?? 1, message.oldestBatch);
          this.#next.set(instance, next);
          this.socket = socket;
          const welcome = {
            kind: 'welcome',
            version: AGENT_WIRE_VERSION,
            name: message.name,
            nextBatch: next,
          } as const;
          this.send(this.greeting?.(message) ?? welcome);
          if (next > 1) this.send({ kind: 'ack', number: next - 1 });
          break;
        }
        case 'batch': {
          const next = this.#next.get(instance!)!;
          if (this.refuses(message)) {
            this.send({ kind: 'refuse', reason: `batch ${message.number} is wrong`, retry: true });
            socket.close();
            return;
          }
          if (message.number < next) this.repeated++;
          else if (message.number > next) this.problems.push(`batch ${message.number} where ${next} was due`);
          else {
            this.batches.push(message);
            this.#next.set(instance!, next + 1);
          }
          if (this.acknowledges) socket.send(packAgentMessage({ kind: 'ack', number: this.#next.get(instance!)! - 1 }));
          break;
        }
        case 'answer':
          this.#answers.get(message.id)?.(message);
          break;
        case 'part':
          this.parts.push(message.state);
          break;
        case 'picture':
          this.pictures.push(message);
          break;
        case 'file':
          this.files.push(message);
          break;
        case 'pong':
          this.pongs.push(message);
          break;
        case 'indicators':
          this.indicators.push(message);
          break;
      }
    });
  }
}
