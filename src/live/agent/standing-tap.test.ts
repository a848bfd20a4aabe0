import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentSpice, PartState } from '#core/live';
import type { RelaySpec } from '#session/part';
import { AgentBench } from '../../../test/live/agent-bench.ts';

const bench = AgentBench.forEach();
const sockets = new Set<Socket>();
let echo: Server;
let spice: AgentSpice & { tap: object };

/** What is no SPICE goes through a tap untouched: any server will do. */
beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  const server = await listening(echo);
  const free = createServer();
  const listen = await listening(free);
  await new Promise((resolve) => free.close(resolve));
  spice = { device: null, tap: { listen, server }, log: null };
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => echo.close(resolve));
});

async function listening(server: Server): Promise<{ host: string; port: number }> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const until = (what: () => boolean) => expect.poll(what, { timeout: 30_000, interval: 20 }).toBe(true);
const last = (): PartState | undefined => bench.collector.parts.findLast(({ part }) => part === 'relay');
const network = { delayMs: 0, jitterMs: 0, loss: 0, rate: [], queueMs: 200 };
/** A request that names addresses of its own gets none of them. */
const relay: RelaySpec = {
  part: 'relay',
  session: 's',
  stream: 'video 3',
  role: 'server',
  listen: { host: '127.0.0.1', port: 1 },
  network,
  token: 'of-the-session',
  spice: {
    wish: {},
    numberedBy: 'tap',
    agent: {
      device: null,
      log: null,
      tap: { listen: { host: '127.0.0.1', port: 1 }, server: { host: '127.0.0.1', port: 1 } },
    },
  },
};

/** Connects as soon as somebody listens there. */
async function client(): Promise<Socket> {
  for (;;) {
    const socket = connect(spice.tap!.listen.port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (!isThere) continue;
    sockets.add(socket.on('error', () => undefined));
    return socket;
  }
}

async function echoed(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(text);
  return (await answer)[0].toString();
}

async function told(): Promise<readonly { state: PartState }[]> {
  await bench.collector.vanish();
  const { length } = bench.collector.hellos;
  await bench.collector.open();
  await until(() => bench.collector.hellos.length > length);
  return bench.collector.hellos.at(-1)!.running;
}

test('a client that connected before a session stays connected when sessions begin and end', async () => {
  const { news } = await bench.start({ role: 'server', spice });
  const socket = await client();
  expect(await echoed(socket, 'before')).toBe('before');
  await until(() => bench.collector.hellos.length > 0);
  expect(bench.collector.hellos[0]!.spice).toEqual(spice);
  const { host, port } = spice.tap!.listen;
  expect(news).toContain(`SPICE clients connect to ${host}:${port}; the server is 127.0.0.1:${spice.tap!.server.port}`);
  // Nothing of it is a part of a session yet.
  expect(bench.collector.hellos[0]!.running).toEqual([]);
  expect(bench.collector.parts).toEqual([]);

  for (const stream of ['video', 'video 2']) {
    const started = await bench.collector.ask({ name: 'start-part', spec: { ...relay, stream } });
    expect(started).toMatchObject({ state: 'running', stream, address: { host, port } });
    expect(await echoed(socket, stream)).toBe(stream);
    await until(() => bench.collector.valuesOf('relay.memory').length > 0);
    expect(await told()).toMatchObject([{ state: { state: 'running', stream }, spec: { listen: { port } } }]);
    await bench.collector.ask({ name: 'stop-part', part: 'relay' });
    await until(() => last()?.state === 'stopped');
    expect(await echoed(socket, 'after')).toBe('after');
  }
  expect(await told()).toEqual([]);
  const ask = { name: 'part', part: 'relay', command: 'network', ask: { network } } as const;
  await expect(bench.collector.ask(ask)).rejects.toThrow(/no relay runs/);
});

test('a tap that is killed in a session is started again with its session, and ends with its agent', async () => {
  await bench.start({ role: 'server', spice });
  await client();
  await until(() => bench.collector.hellos.length > 0);
  await bench.collector.ask({ name: 'start-part', spec: relay });
  const slow = {
    name: 'part',
    part: 'relay',
    command: 'network',
    ask: { network: { ...network, delayMs: 7 } },
  } as const;
  await bench.collector.ask(slow);
  const { pid } = last()!;
  process.kill(pid!, 'SIGKILL');
  await until(() => last()?.state === 'failed');
  await until(() => last()?.state === 'running');
  // What was changed while it ran holds after a restart too.
  // Its frames are numbered from 0 again: they are another stream.
  expect(last()).toMatchObject({ stream: 'video 4', actual: { network: expect.stringContaining('7') } });
  const again = last()!.pid!;
  expect(again).not.toBe(pid);
  expect(await echoed(await client(), 'again')).toBe('again');
  await bench.stop();
  expect(() => process.kill(again, 0)).toThrow(/ESRCH/);
});

test('a part of a SPICE session is refused where its agent stands beside nothing of it', async () => {
  await bench.start({ role: 'server' });
  await until(() => bench.collector.hellos.length > 0);
  expect(bench.collector.hellos[0]!.spice).toBe(null);
  const ask = { name: 'start-part', spec: relay } as const;
  await expect(bench.collector.ask(ask)).rejects.toThrow(/no tap.*--spice-server HOST:PORT --spice-listen PORT/);
});
