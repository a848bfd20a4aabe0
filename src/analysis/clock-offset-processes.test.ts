// The estimator on real round trips: another process whose clock is known to differ, over a WebSocket, straight and delayed.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ClockEstimator, type ClockEstimate } from './clock-offset.ts';

const SHIFT_S = 3600;
/** Answers each message with its monotonic clock on arrival and on leaving; the clock may be made to run `DRIFT` faster. */
const CHILD = `
const { WebSocketServer } = require('ws');
const first = Number(process.hrtime.bigint()) / 1000;
const drift = Number(process.argv[1]);
const now = () => { const us = Number(process.hrtime.bigint()) / 1000; return Math.round(us + (us - first) * drift); };
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('connection', (socket) => socket.on('message', () => { const receivedUs = now(); socket.send(JSON.stringify([receivedUs, now()])); }));
server.on('listening', () => console.log(JSON.stringify([server.address().port, first])));
`;
const mayShift =
  spawnSync('unshare', ['--time', '--monotonic', String(SHIFT_S), '--', 'true'], { timeout: 30_000 }).status === 0;

const children: ChildProcess[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

/** @returns its port, and its clock at its first line */
async function startChild(before: readonly string[], drift: number): Promise<{ port: number; firstUs: number }> {
  const [program, ...args] = [...before, process.execPath, '-e', CHILD, String(drift)];
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [port, firstUs] = JSON.parse(line.toString()) as [number, number];
  return { port, firstUs };
}

/** Forwards to a port; each way waits for its own delay, and nothing overtakes. @returns its own port */
async function startForwarder(port: number, thereMs: number, backMs: number): Promise<number> {
  const pipe = (from: Socket, to: Socket, delayMs: number) =>
    from.on('data', (chunk: Buffer) => setTimeout(() => to.write(chunk), delayMs)).on('error', () => to.destroy());
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) socket.setNoDelay(true);
    pipe(near, far, thereMs);
    pipe(far, near, backMs);
    near.on('close', () => far.destroy());
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const nowUs = () => Math.round(Number(process.hrtime.bigint()) / 1000);

async function measure(port: number, rounds: number, pauseMs: number): Promise<ClockEstimate> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  const estimator = new ClockEstimator();
  for (let round = 0; round < rounds; round++) {
    const sentUs = nowUs();
    socket.send('?');
    const [data] = (await once(socket, 'message')) as [Buffer];
    const receivedUs = nowUs();
    const [remoteReceivedUs, remoteSentUs] = JSON.parse(data.toString()) as [number, number];
    estimator.add({ sentUs, remoteReceivedUs, remoteSentUs, receivedUs });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  socket.terminate();
  expect(estimator.steps).toBe(0);
  return estimator.estimate(nowUs())!;
}

const without = mayShift ? '' : ' (skipped: `unshare --time` is not allowed here)';

it.skipIf(!mayShift)(
  `a clock that a time namespace shifts by an hour is found within the error${without}`,
  async () => {
    const { port } = await startChild(['unshare', '--time', '--monotonic', String(SHIFT_S), '--'], 0);
    const { offsetUs, errorUs } = await measure(port, 100, 5);
    expect(Math.abs(offsetUs - SHIFT_S * 1e6)).toBeLessThanOrEqual(errorUs);
    expect(errorUs).toBeLessThan(5_000);
  },
);

it.skipIf(!mayShift)(`… also behind a network that delays one way by 30 ms and the other by 2${without}`, async () => {
  const { port } = await startChild(['unshare', '--time', '--monotonic', String(SHIFT_S), '--'], 0);
  const { offsetUs, errorUs } = await measure(await startForwarder(port, 30, 2), 40, 2);
  expect(Math.abs(offsetUs - SHIFT_S * 1e6)).toBeLessThanOrEqual(errorUs);
  // Nobody can tell 30 + 2 from 16 + 16: an error below 14 ms would have been luck, and no knowledge.
  expect(Math.abs(offsetUs - SHIFT_S * 1e6)).toBeGreaterThan(9_000);
  expect(errorUs).toBeGreaterThan(14_000);
});

it('a clock that gains 300 ppm is found with its drift', async () => {
  const drift = 300e-6;
  const { port, firstUs } = await startChild([], drift);
  const { offsetUs, errorUs, driftPpm } = await measure(port, 60, 50);
  const truthUs = (nowUs() - firstUs) * drift;
  // The truth went on for a moment since.
  expect(Math.abs(offsetUs - truthUs)).toBeLessThanOrEqual(errorUs + 20);
  if (driftPpm !== null) expect(Math.abs(driftPpm - 300)).toBeLessThan(60);
  expect(errorUs).toBeLessThan(5_000);
});
