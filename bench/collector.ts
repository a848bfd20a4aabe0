// How much a collector bears: simulated agents in a process of their own, each with 100 indicators and a batch a second, all of
// it recorded and handed to ten listeners. Tells CPU, memory over time, and whether a row was lost or is there twice.
// Run: node --conditions=encodelab-source bench/collector.ts [--seconds 60] [--agents 1000]

import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocket, WebSocketServer } from 'ws';
import { openLab } from '#lab/lab';
import { packAgentMessage, unpackAgentMessage } from '#live/agent-packing';
import type { FromCollector, Hello } from '#live/agent-wire';
import { createCollector } from '#live/collector/collector';
import { closeReader, withReader } from '#recording/reader';
import type { PartSpec } from '#session/part';
import { startChild, type RunningChild } from '#system/child-process';
import { monotonicUs } from '#system/clock';
import { testHello } from '../test/live/test-agent.ts';

const INDICATORS = 100;
const LISTENERS = 10;
const ROLES = ['guest', 'server', 'client'];
/** Agents that connect at once. */
const CONNECT_AT_ONCE = 50;

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, agents: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
interface Figures {
  readonly kind: 'figures';
  readonly rssBytes: number;
  readonly cpuS: number;
  /** Rows that all listeners were handed. */
  readonly handed: number;
  readonly connected: number;
}

/** In a process of its own: the collector, its listeners, and figures of both each second. */
async function collect(path: string): Promise<void> {
  const lab = await openLab(path);
  const collector = await createCollector({ lab, version: 'bench', onError: (error) => console.error(error) });
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => collector.accept(socket));
  server.on('listening', () => tell({ kind: 'port', port: (server.address() as { port: number }).port }));
  let handed = 0;
  const nothing = () => undefined;
  for (let i = 0; i < LISTENERS; i++)
    collector.listen(
      {
        series: (_, { value }) => void (handed += value.length),
        frames: nothing,
        steps: nothing,
        picture: nothing,
        feed: nothing,
        changed: nothing,
      },
      0,
    );
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const connected = collector.state().agents.filter((agent) => agent.connected).length;
    tell({ kind: 'figures', rssBytes: process.memoryUsage.rss(), cpuS: (user + system) / 1e6, handed, connected });
  }, 1000);
  for await (const line of createInterface({ input: process.stdin })) {
    const seconds = Number(line);
    await collector.startSession({ source: 'lavfi:testsrc2', encoder: 'libx264' }, 'bench');
    tell({ kind: 'began' });
    const recording = { name: 'bench', forS: seconds, quality: null, keepOutput: false, identity: null };
    const { run } = await collector.startRecording(recording);
    const record = await collector.recorded(run);
    const refused = collector.state().refused;
    const lost = collector.state().agents.reduce((sum, agent) => sum + agent.lostRows, 0);
    tell({
      kind: 'recorded',
      outcome: record.outcome,
      reason: record.reason,
      folder: lab.recordingFolder(run),
      refused,
      lost,
    });
  }
  await collector.close();
  process.exit(0);
}

function tell(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Connections of simulated agents that the collector ended. */
let cameBack = 0;

/** In another process: agents, three of which run the parts of a session as far as the collector can see. */
async function simulate(url: string, count: number): Promise<void> {
  setInterval(() => tell({ kind: 'came back', times: cameBack }), 1000);
  const indicators = Array.from({ length: INDICATORS }, (_, i) => ({ name: `bench.${i}`, unit: '1', description: '' }));
  let connected = 0;
  for (let i = 0; i < count; i++) {
    if (i % CONNECT_AT_ONCE === 0) await sleep(20);
    const agentRole = ROLES[i] ?? 'worker';
    const hello = testHello({
      name: i < ROLES.length ? agentRole : `worker-${i}`,
      role: agentRole,
      instance: `instance-${i}`,
      indicators,
      parts: i < ROLES.length ? ['sender', 'relay', 'receiver'] : [],
    });
    new SimulatedAgent(url, hello, (1000 * i) / count, () => {
      if (++connected === count) tell({ kind: 'all' });
    });
  }
}

/** As a real one: it keeps what is not acknowledged, comes back when it was turned away, and brings that again. */
class SimulatedAgent {
  readonly #url: string;
  readonly #hello: Hello;
  readonly #onWelcome: () => void;
  readonly #indicator = Uint16Array.from({ length: INDICATORS }, (_, i) => i);
  readonly #kept: { readonly number: number; readonly packed: Uint8Array }[] = [];
  #socket: WebSocket | null = null;
  #sent = 0;

  /** @param delayMs after which it begins, so that all of them do not speak at once */
  constructor(url: string, hello: Hello, delayMs: number, onWelcome: () => void) {
    this.#url = url;
    this.#hello = hello;
    this.#onWelcome = onWelcome;
    this.#connect();
    setTimeout(() => setInterval(() => this.#batch(), 1000), delayMs);
  }

  #connect(): void {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    const send = (message: Parameters<typeof packAgentMessage>[0]) => socket.send(packAgentMessage(message));
    socket.on('open', () => send({ ...this.#hello, oldestBatch: this.#kept[0]?.number ?? this.#sent + 1 }));
    socket.on('error', (error) => console.error(`${this.#hello.name}: ${error.message}`));
    socket.on('close', () => {
      this.#socket = null;
      cameBack++;
      setTimeout(() => this.#connect(), 1000 + 2000 * Math.random());
    });
    socket.on('message', (data: Buffer) => {
      const nowUs = monotonicUs();
      const message = unpackAgentMessage(data) as FromCollector;
      if (message.kind === 'ping') send({ kind: 'pong', id: message.id, receivedUs: nowUs, sentUs: monotonicUs() });
      else if (message.kind === 'ack') this.#forget(message.number);
      else if (message.kind === 'command') {
        const { command, id } = message;
        const isStart = command.name === 'start-part';
        send({ kind: 'answer', id, ok: true, value: answerTo(command) });
        if (isStart) send({ kind: 'part', state: runningState(command.spec) });
      } else if (message.kind === 'welcome') {
        this.#forget(message.nextBatch - 1);
        for (const { packed } of this.#kept) socket.send(packed);
        this.#socket = socket;
        this.#onWelcome();
      }
    });
  }

  #forget(number: number): void {
    const first = this.#kept.findIndex((batch) => batch.number > number);
    this.#kept.splice(0, first < 0 ? this.#kept.length : first);
  }

  #batch(): void {
    const number = ++this.#sent;
    const series = {
      agent: '',
      indicator: this.#indicator,
      timeUs: new Float64Array(INDICATORS).fill(monotonicUs()),
      value: new Float64Array(INDICATORS).fill(number),
    };
    const rest = { frames: [], steps: [], messages: [], lostRows: 0 };
    const packed = packAgentMessage({ kind: 'batch', number, series: [series], ...rest });
    this.#kept.push({ number, packed });
    this.#socket?.send(packed);
  }
}

function answerTo(command: Extract<FromCollector, { kind: 'command' }>['command']): unknown {
  if (command.name === 'keep-folder') return '/nowhere';
  if (command.name !== 'part') return null;
  if (command.command === 'mark' || command.command === 'unmark') return { stream: 'video', frame: 0 };
  return command.command === 'unkeep' ? { frames: 0, bytes: 0, cut: false } : null;
}

function runningState({ part, stream }: PartSpec) {
  const address = part === 'relay' ? { host: '127.0.0.1', port: 9 } : null;
  return { part, agent: '', state: 'running' as const, pid: 1, address, actual: {}, note: null, stream };
}

async function compare(agents: number, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'encodelab-bench-collector-'));
  const children: RunningChild[] = [];
  try {
    const figures: Figures[] = [];
    let turnedAway = 0;
    const collector = listenTo(['collect', join(folder, 'lab')], (message) => {
      if (message['kind'] === 'figures') figures.push(message as unknown as Figures);
    });
    children.push(collector.child);
    const port = Number((await collector.next('port'))['port']);
    const simulated = listenTo(['simulate', `ws://127.0.0.1:${port}`, String(agents)], (message) => {
      if (message['kind'] === 'came back') turnedAway = Number(message['times']);
    });
    children.push(simulated.child);
    await simulated.next('all');
    await sleep(5_000);
    collector.child.stdin!.write(`${seconds}\n`);
    await collector.next('began');
    const from = figures.length;
    await sleep(seconds * 1000);
    const during = figures.slice(from);
    const endedAt = performance.now();
    const end = await collector.next('recorded');
    const finishS = (performance.now() - endedAt) / 1000;
    const first = during[0]!;
    const last = during.at(-1)!;
    const spanS = during.length - 1;
    const { kind: _, folder: recording, ...outcome } = end;
    console.log(`agents ${agents}, connected ${last.connected}: ${JSON.stringify(outcome)}`);
    console.log(
      `points/s to each of ${LISTENERS} listeners: ${Math.round((last.handed - first.handed) / LISTENERS / spanS)}`,
    );
    console.log(`collector: ${(((last.cpuS - first.cpuS) / spanS) * 100).toFixed(0)} % of a core`);
    const step = Math.max(1, Math.floor(during.length / 10));
    const memory = during.filter((_, i) => i % step === 0).map(({ rssBytes }) => Math.round(rssBytes / 1e6));
    console.log(`from the end of its time to the finished run: ${finishS.toFixed(1)} s`);
    console.log(`memory over time, MB: ${memory.join(' ')}`);
    console.log(`agents that were turned away, and came back: ${turnedAway}`);
    await tellRows(join(recording as string, 'series.parquet'), agents);
  } finally {
    for (const child of children) child.kill();
    await Promise.all(children.map(({ result }) => result));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each batch has its number in all of its rows: what is between the first and the last has to be there once. */
async function tellRows(path: string, agents: number): Promise<void> {
  const sql = `SELECT count(*) AS agents, sum(rows) AS rows, sum(expected) AS expected, sum(rows <> expected OR rows <> marks) AS wrong
    FROM (SELECT count(*) AS rows, count(DISTINCT (value, indicator)) AS marks,
      (max(value) - min(value) + 1) * ${INDICATORS} AS expected FROM read_parquet(?) GROUP BY agent)`;
  const [row] = await withReader(async (connection) =>
    (await connection.runAndReadAll(sql, [path])).getRowObjectsJson(),
  );
  console.log(`recorded, of ${agents} agents (wrong: agents with a row too few or twice): ${JSON.stringify(row)}`);
  await closeReader();
}

interface Listened {
  readonly child: RunningChild;
  next(kind: string): Promise<Record<string, unknown>>;
}

function listenTo(command: readonly string[], onMessage: (message: Record<string, unknown>) => void): Listened {
  const waiting = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  const slot = (kind: string) => {
    const known = waiting.get(kind) ?? Promise.withResolvers<Record<string, unknown>>();
    waiting.set(kind, known);
    return known;
  };
  let text = '';
  const module = fileURLToPath(import.meta.url);
  const child = startChild(process.execPath, ['--conditions=encodelab-source', module, ...command], {
    openInput: true,
    onStdout: (chunk) => {
      const lines = (text + chunk.toString()).split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const message = JSON.parse(line) as Record<string, unknown>;
        onMessage(message);
        slot(message['kind'] as string).resolve(message);
      }
    },
    onStderr: (chunk) => process.stderr.write(chunk),
  });
  const ended = child.result.then(() => {
    throw new Error(`${command[0]} ended too early`);
  });
  ended.catch(() => undefined);
  return { child, next: (kind) => Promise.race([slot(kind).promise, ended]) };
}

const [role, ...args] = positionals;
if (role === 'collect') await collect(args[0]!);
else if (role === 'simulate') await simulate(args[0]!, Number(args[1]));
else await compare(Number(values.agents), Number(values.seconds));
