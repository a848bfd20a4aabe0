import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openLab, type Lab } from '#lab/lab';
import { AGENT_PATH, MAX_AGENT_MESSAGE_BYTES } from '#live/agent-wire';
import { LivePage } from '../../test/live/live-page.ts';
import { WireAgent } from '../../test/live/wire-agent.ts';
import { STREAM_PATH } from './live-wire.ts';
import { ownIdentity } from '#system/process-identity';
import { labServer, saveServerAddress } from './server-address.ts';
import { startServer, type RunningServer } from './start-server.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;
const errors: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-doors-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' }, onError: (error) => errors.push(error) });
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
  expect(errors).toEqual([]);
});

const bearer = () => ({ authorization: `Bearer ${server.token}` });

/** As a browser has it after its link. */
async function signedIn(): Promise<Record<string, string>> {
  const answer = await fetch(server.link(), { redirect: 'manual' });
  return { cookie: answer.headers.get('set-cookie')!.split(';', 1)[0]!, origin: server.address };
}

/** `open`, or the status that turned it away. */
async function knock(path: string, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(server.address.replace('http', 'ws') + path, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve) => {
    socket.once('open', () => resolve('open'));
    socket.once('error', (error) => resolve(/\d{3}$/.exec(error.message)?.[0] ?? error.message));
  });
}

async function opened(path: string): Promise<WebSocket> {
  const socket = new WebSocket(server.address.replace('http', 'ws') + path, { headers: bearer() });
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

const closeCode = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

describe.each([['/api/v1/live'], [STREAM_PATH], [AGENT_PATH]])('the WebSocket at %s', (path) => {
  test.each([
    ['with the token', () => bearer(), 'open'],
    ['without a token', () => ({ origin: server.address }), '401'],
    ['with a wrong token', () => ({ authorization: 'Bearer wrong' }), '401'],
    ['with the token and from a foreign page', () => ({ ...bearer(), origin: 'http://evil.example' }), '403'],
    ['with the token and by a foreign name', () => ({ ...bearer(), host: 'evil.example' }), '403'],
    ['without origin and token', () => ({ cookie: 'encodelab=x' }), path === AGENT_PATH ? '401' : '403'],
    ['with nothing at all', () => ({}), path === AGENT_PATH ? '401' : '403'],
  ])('%s', async (_name, headers, expected) => {
    expect(await knock(path, headers())).toBe(expected);
  });

  test('opens to the cookie of a page, but not where agents come in', async () => {
    expect(await knock(path, await signedIn())).toBe(path === AGENT_PATH ? '401' : 'open');
  });

  test('closes on a message that is too long, and the server goes on', async () => {
    const socket = await opened(path);
    const code = closeCode(socket);
    socket.send(Buffer.alloc(MAX_AGENT_MESSAGE_BYTES + 1));
    expect(await code).toBe(1009);
    expect(await knock(path, bearer())).toBe('open');
  });
});

test('garbage on the stream is counted, and who sends nothing else is sent away; the others notice nothing', async () => {
  const other = new LivePage(server.address, bearer());
  onTestFinished(() => other.socket.terminate());
  await other.opened();
  const before = server.garbage();
  const socket = await opened(STREAM_PATH);
  const code = closeCode(socket);
  const garbage = [
    '{"version":3,"indicators":[],"frames":false,"pictures":false,"pastS":0}',
    '{"version":2,"indicators":[1],"frames":false,"pictures":false,"pastS":0}',
    '{"version":2,"indicators":[],"frames":false,"pictures":false,"pastS":1e99}',
    '{"version":2,"indicators":[],"frames":false,"pictures":false,"pastS":0,"more":1}',
    JSON.stringify({ version: 2, indicators: Array(2_001).fill('a/b'), frames: false, pictures: false, pastS: 0 }),
    '[]',
    'null',
    '{',
    Buffer.from([0xff, 0x00]),
  ];
  for (let n = 0; n < 20; n++) socket.send(garbage[n % garbage.length]!);
  expect(await code).toBe(1008);
  expect(server.garbage()).toBe(before + 20);
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
});

test('garbage from whoever has the token and is no agent is refused and counted, and agents go on', async () => {
  const agent = new WireAgent(server.address, server.token, { role: 'good', indicators: [] });
  onTestFinished(() => agent.close());
  await agent.welcomed;
  const refusedBefore = refusals();
  for (const message of [
    Buffer.from([0xc1]),
    Buffer.from('hello'),
    'text',
    Buffer.alloc(0),
    Buffer.alloc(1000, 0x91),
  ]) {
    const socket = await opened(AGENT_PATH);
    const code = closeCode(socket);
    socket.send(message);
    await code;
  }
  expect(refusals()).toBeGreaterThanOrEqual(refusedBefore + 5);
  agent.sample([]);
  for (const end = Date.now() + 30_000; agent.acked === 0 && Date.now() < end;) await sleep(10);
  expect(agent.acked).toBe(1);
});

function refusals(): number {
  return Object.values(server.collector!.state().refused).reduce((sum, count) => sum + count, 0);
}

test('metrics are for whoever is let in', async () => {
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${server.address}/metrics`, { headers })).status;
  expect(await status({})).toBe(401);
  expect(await status({ authorization: 'Bearer wrong' })).toBe(401);
  expect(await status(await signedIn())).toBe(200);
  expect(await status(bearer())).toBe(200);
});

test('a server for other machines answers to its addresses and its own name, and to no other', async () => {
  const own = await mkdtemp(join(tmpdir(), 'encodelab-doors-'));
  const ownLab = await openLab(own);
  const open = await startServer({
    lab: ownLab,
    port: 0,
    host: '0.0.0.0',
    allowOtherAddress: true,
    live: { lab: ownLab, version: 'test' },
  });
  const knockAs = (host: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${open.port}${AGENT_PATH}`, {
        headers: { authorization: `Bearer ${open.token}`, host: `${host}:${open.port}` },
      });
      onTestFinished(() => socket.terminate());
      socket.once('open', () => resolve('open'));
      socket.once('error', (error) => resolve(error.message));
    });
  expect(await knockAs('127.0.0.1')).toBe('open');
  expect(await knockAs(hostname())).toBe('open');
  expect(await knockAs('evil.example')).toContain('403');
  await open.close();
  await ownLab.close();
  await rm(own, { recursive: true });
});

test('a path that nobody serves is not found, and tells strangers nothing', async () => {
  expect(await knock('/api/v1/other', bearer())).toBe('404');
  expect(await knock('/api/v1/other', { origin: server.address })).toBe('401');
});

test('without a collector there are no doors for agents and live pages', async () => {
  const own = await mkdtemp(join(tmpdir(), 'encodelab-doors-'));
  const ownLab = await openLab(own);
  const plain = await startServer({ lab: ownLab, port: 0 });
  const headers = { authorization: `Bearer ${plain.token}` };
  for (const path of [STREAM_PATH, AGENT_PATH]) {
    const socket = new WebSocket(plain.address.replace('http', 'ws') + path, { headers });
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toContain('404');
  }
  expect((await fetch(`${plain.address}/metrics`, { headers })).status).toBe(404);
  const state = await fetch(`${plain.address}/api/v1/live/state`, { headers });
  expect(await state.json()).toMatchObject({ problems: [{ what: 'this server has no collector' }] });
  await plain.close();
  await ownLab.close();
  await rm(own, { recursive: true });
});

test('an agent that shows no token is told which one is asked for', async () => {
  const answer = await new Promise<string>((resolve) => {
    const socket = new WebSocket(server.address.replace('http', 'ws') + AGENT_PATH);
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString())).once('end', () => resolve(text));
    });
  });
  expect(answer).toContain('server-token');
});

test('a lab has one server: a second is refused with the way to the first, whose address stays', async () => {
  const own = await mkdtemp(join(tmpdir(), 'encodelab-doors-'));
  const ownLab = await openLab(own);
  const live = { lab: ownLab, version: 'test' };
  const first = await startServer({ lab: ownLab, port: 0, live });
  for (const port of [0, first.port])
    await expect(startServer({ lab: ownLab, port, live })).rejects.toThrow(
      new RegExp(`is served already at ${first.address}, by process ${process.pid}[^]*encodelab serve --link`),
    );
  expect(await labServer(own)).toEqual({ url: first.address, token: first.token });
  await first.close();
  await expect(labServer(own)).rejects.toThrow('no server of this lab runs');

  // One that was killed left its address and its hold on the lab.
  await saveServerAddress(own, 'http://127.0.0.1:9');
  await ownLab.catalogue.lock('server', { ...ownIdentity(), startTicks: 1, what: 'killed' });
  const next = await startServer({ lab: ownLab, port: 0, live });
  expect((await labServer(own)).url).toBe(next.address);
  await expect(startServer({ lab: ownLab, port: 0, host: '0.0.0.0', live })).rejects.toThrow(/--allow-other-address/);
  await next.close();
  // A start that fails gives the lab back.
  await expect(startServer({ lab: ownLab, port: server.port, live })).rejects.toThrow(/is taken/);
  await (await startServer({ lab: ownLab, port: 0, live })).close();
  await ownLab.close();
  await rm(own, { recursive: true });
});
