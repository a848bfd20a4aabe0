import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { CellRecord, Progress } from '#core/catalogue';
import { openLab, type Lab } from '#lab/lab';
import { newId } from '#system/clock';
import { requestLink } from './server-address.ts';
import { startServer, type RunningServer } from './start-server.ts';
import { readServerToken } from './tokens.ts';
import type { LiveMessage, LiveRequest, ScriptState } from './wire.ts';

let folder: string;
let lab: Lab;
/** As the bench has it: another connection to the same catalogue. */
let bench: Lab;
let server: RunningServer;
let bearer: { authorization: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-server-'));
  lab = await openLab(folder);
  bench = await openLab(folder);
  const script = join(folder, 'command.mjs');
  await writeFile(script, COMMAND);
  server = await startServer({ lab, port: 0, scriptCommand: [script] });
  bearer = { authorization: `Bearer ${await readServerToken(folder)}` };
});

afterAll(async () => {
  await server.close();
  await bench.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

/** In place of the command line: says what it was asked for, and stops when interrupted. */
const COMMAND = `if (process.argv[3] === 'run') {
  process.on('SIGINT', () => { console.log('interrupted'); process.exit(130); });
  setInterval(() => {}, 1000);
}
console.log(JSON.stringify(process.argv.slice(2)));`;

const cell: CellRecord = {
  index: 0,
  label: 'preset=fast',
  properties: { preset: 'fast' },
  settings: { preset: 'fast' },
  sameKey: 'k',
};

async function saveBenchmark(): Promise<void> {
  await bench.catalogue.saveBenchmark(
    {
      name: 'bunny',
      file: 'benchmarks/bunny.yaml',
      properties: [{ name: 'preset', values: ['fast'] }],
      repeat: 2,
      seed: null,
      thresholds: [],
      startedAt: new Date().toISOString(),
    },
    [cell],
  );
}

async function startRun(repeat: number): Promise<string> {
  const id = newId();
  await bench.catalogue.startRun({
    id,
    kind: 'encode',
    benchmark: 'bunny',
    cell: cell.label,
    repeat,
    settings: cell.settings,
    labels: [],
    sameKey: cell.sameKey,
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: null,
    metrics: {},
    recording: null,
  });
  return id;
}

interface Connected {
  readonly socket: WebSocket;
  readonly messages: LiveMessage[];
  ask(request: Omit<LiveRequest, 'version'>): void;
  /** The next message that passes. */
  until(test: (message: LiveMessage) => boolean): Promise<LiveMessage>;
}

async function connect(headers: Record<string, string> = bearer): Promise<Connected> {
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}/api/v1/live`, { headers });
  onTestFinished(() => socket.terminate());
  const messages: LiveMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString('utf8')) as LiveMessage));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    messages,
    ask: (wanted) => socket.send(JSON.stringify({ version: 1, ...wanted })),
    async until(passes) {
      for (;;) {
        const at = messages.findIndex(passes);
        if (at >= 0) return messages.splice(0, at + 1).at(-1)!;
        await sleep(10);
      }
    },
  };
}

const progress = (runsDone: number): Progress => ({
  benchmark: 'bunny',
  pid: process.pid,
  stage: 'measuring',
  runsDone,
  runsTotal: 2,
  runsSkipped: 0,
  failed: 0,
  cell: cell.label,
  repeat: 1,
  runShare: 0.5,
  leftS: { low: 1, middle: 2, high: 3 },
  updatedAt: new Date().toISOString(),
});

test('no address but the loopback is opened without a word from the user', async () => {
  await expect(startServer({ lab, port: 0, host: '0.0.0.0' })).rejects.toThrow(/--allow-other-address/);
  await expect(startServer({ lab, port: server.port })).rejects.toThrow(`port ${server.port} is taken`);
});

test.each([
  ['no token', {}, 401],
  ['a wrong token', { authorization: 'Bearer wrong' }, 401],
  ['a foreign origin', { origin: 'http://evil.example' }, 403],
  ['no origin and no bearer', { cookie: 'encodelab=x' }, 403],
  ['a foreign host', { host: 'evil.example' }, 403],
])('a WebSocket with %s is turned away', async (name, headers, status) => {
  const all = name.includes('token') ? headers : { ...(name.includes('no bearer') ? {} : bearer), ...headers };
  await expect(connect(name === 'no token' ? { origin: server.address } : all)).rejects.toThrow(
    `Unexpected server response: ${status}`,
  );
});

test('a WebSocket anywhere else is turned away', async () => {
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}/other`, { headers: bearer });
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
  expect(error.message).toContain('404');
});

test('what a bench in another process writes reaches the page that looks at it', async () => {
  await saveBenchmark();
  const live = await connect();
  await live.until(({ type }) => type === 'hello');
  live.ask({ benchmark: 'bunny' });
  expect(await live.until(({ type }) => type === 'progress')).toEqual({ type: 'progress', progress: [] });

  await bench.catalogue.setProgress(progress(0));
  expect(await live.until(({ type }) => type === 'progress')).toMatchObject({
    progress: [{ runsDone: 0, cell: 'preset=fast' }],
  });
  const id = await startRun(1);
  expect(await live.until(({ type }) => type === 'results')).toMatchObject({ results: { id: [id], outcome: [null] } });
  const ended = { outcome: 'ok', reason: null, interrupted: false, durationS: 1 } as const;
  await bench.catalogue.endRun(id, {
    ...ended,
    metrics: { 'encode.fps': { value: 50, unit: 'frame/s', better: 'higher' } },
  });
  const results = await live.until((message) => message.type === 'results' && message.results.outcome[0] === 'ok');
  expect(results).toMatchObject({ results: { cell: [0], metrics: [{ name: 'encode.fps', values: [50] }] } });

  await bench.catalogue.clearProgress('bunny');
  await live.until((message) => message.type === 'progress' && message.progress.length === 0);
  await saveBenchmark();
  expect(await live.until(({ type }) => type === 'stale')).toEqual({ type: 'stale', what: 'benchmark' });
});

test('the page of a run is told when the run has ended', async () => {
  const id = await startRun(2);
  const live = await connect();
  live.ask({ run: id });
  await sleep(50);
  await bench.catalogue.endRun(id, {
    outcome: 'timeout',
    reason: 'too long',
    interrupted: false,
    durationS: 9,
    metrics: {},
  });
  expect(await live.until(({ type }) => type === 'stale')).toEqual({ type: 'stale', what: 'run' });
});

test('garbage is counted and left unanswered, and who sends nothing else is sent away', async () => {
  const live = await connect();
  const before = server.garbage();
  const closed = new Promise<number>((resolve) => live.socket.once('close', resolve));
  live.socket.send('{"version":1,"command":"rm"}');
  live.socket.send(Buffer.from([1, 2, 3]));
  live.socket.send('{');
  live.ask({ list: true });
  await live.until(({ type }) => type === 'progress');
  expect(server.garbage()).toBe(before + 3);
  for (let i = 0; i < 20; i++) live.socket.send('no');
  expect(await closed).toBe(1008);
});

test('a message that is too long ends its WebSocket, not the server', async () => {
  const live = await connect();
  const closed = new Promise<number>((resolve) => live.socket.once('close', resolve));
  live.socket.send('x'.repeat(10_000));
  expect(await closed).toBe(1009);
  expect((await connect()).socket.readyState).toBe(WebSocket.OPEN);
});

test('scripts are started by their listed name alone, one at a time, and stopped as Ctrl-C does', async () => {
  await writeFile(join(folder, 'benchmarks', 'one.yaml'), 'name: one\n');
  await writeFile(join(folder, 'outside.yaml'), 'name: outside\n');
  const act = async (name: string, action: string) => {
    const answer = await fetch(`${server.address}/api/v1/scripts/${encodeURIComponent(name)}/${action}`, {
      method: 'POST',
      headers: bearer,
    });
    return { status: answer.status, body: (await answer.json()) as ScriptState & { problems: { what: string }[] } };
  };
  const live = await connect();
  live.ask({ script: true });
  const ended = () =>
    live.until((message) => message.type === 'script' && typeof message.state?.endedAtMs === 'number');

  for (const name of ['../outside.yaml', '..%2Foutside.yaml', 'one.yaml\0', 'one', '']) {
    expect((await act(name, 'run')).status, name).not.toBe(200);
  }
  expect((await act('one.yaml', 'delete')).status).toBe(404);
  expect((await act('one.yaml', 'stop')).body.problems[0]!.what).toBe('one.yaml is not at work');

  expect(await act('one.yaml', 'test')).toMatchObject({
    status: 200,
    body: { script: 'one.yaml', action: 'test', endedAtMs: null },
  });
  const file = join(folder, 'benchmarks', 'one.yaml');
  expect(await ended()).toMatchObject({
    state: {
      code: 0,
      log: `$ encodelab bench plan benchmarks/one.yaml\n${JSON.stringify(['bench', 'plan', file, '--lab', folder])}\n`,
    },
  });

  expect((await act('one.yaml', 'run')).status).toBe(200);
  expect((await act('one.yaml', 'run')).body.problems[0]!.what).toBe('one.yaml is at work');
  await live.until((message) => message.type === 'script' && message.state!.log.includes('"run"'));
  expect((await act('one.yaml', 'stop')).body.stopping).toBe(true);
  expect(await ended()).toMatchObject({ state: { code: 130, log: expect.stringContaining('interrupted') as string } });
});

test('another command gets a new link from the server that runs, and a used one is no longer good', async () => {
  const url = await requestLink(folder);
  const first = await fetch(url, { redirect: 'manual' });
  expect([first.status, first.headers.get('location')]).toEqual([303, '/']);
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(401);
});

test('closing ends connections that are kept alive, and takes the address out of the lab', async () => {
  const own = await mkdtemp(join(tmpdir(), 'encodelab-server-'));
  const ownLab = await openLab(own);
  const other = await startServer({ lab: ownLab, port: 0 });
  const kept = request(other.address, { agent: false, headers: { connection: 'keep-alive' } });
  kept.on('error', () => undefined).end();
  await new Promise((resolve) => kept.once('response', (response) => resolve(response.resume())));
  const socket = new WebSocket(`${other.address.replace('http', 'ws')}/api/v1/live`, {
    headers: { authorization: `Bearer ${await readServerToken(own)}` },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  await other.close();
  await expect(requestLink(own)).rejects.toThrow('no server of this lab answers');
  await ownLab.close();
  await rm(own, { recursive: true });
});

test('a request without a body and without its length is answered', async () => {
  const answer = await new Promise<string>((done, failed) => {
    const { port } = new URL(server.address);
    const socket = connectSocket(Number(port), '127.0.0.1', () =>
      socket.write(
        `POST /api/links HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${bearer.authorization}\r\nConnection: close\r\n\r\n`,
      ),
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('end', () => done(text));
    socket.on('error', failed);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});
