// The tap as an agent's part, between a server and a client of this test: what it refuses, and what it says.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { NO_NETWORK } from '#session/network-setting';
import type { RelaySpec } from '#session/part';
import type { AgentSpice } from '#core/live';
import { Told, until } from './loopback.ts';
import { startPart } from '#session/start-part';
import { clientOpening, message, serverOpening, streamCreate, streamData } from './spice-bytes.ts';

const LOCAL = '127.0.0.1';
const MARK = message(102, []);
const VP8 = 2;
const MJPEG = 1;
const PREFERS_CODECS = 1 << 12;

function specOf(agent: AgentSpice | null, session = ''): RelaySpec {
  return {
    part: 'relay',
    session,
    stream: 'video',
    role: 'server',
    listen: { host: LOCAL, port: 0 },
    network: NO_NETWORK,
    token: '',
    spice: { wish: {}, numberedBy: 'tap', agent },
  };
}

function startTap(spec: RelaySpec) {
  const told = new Told();
  const tap = startPart(spec, told);
  onTestFinished(async () => {
    tap.kill();
    await tap.result;
  });
  return { tap, told };
}

/** A display channel through a tap, whose server streams mjpeg. */
async function display(serverChannel: number) {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    // A server answers what it has heard.
    socket.on('error', () => {}).once('data', () => accepted.resolve(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, LOCAL, resolve));
  const address = { host: LOCAL, port: (server.address() as AddressInfo).port };
  const { tap, told } = startTap(
    specOf({ device: null, tap: { listen: { host: LOCAL, port: 0 }, server: address }, log: null }, 'one'),
  );
  await until(() => told.address !== null);
  const beforeClient = await tap.command('prefer', { wish: { codecs: ['mjpeg'] } });
  const client = connect(told.address!);
  client.on('error', () => {}).resume();
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  client.write(clientOpening({ channelType: 2 }));
  const peer = await accepted.promise;
  onTestFinished(() => void peer.destroy());
  peer.write(Buffer.concat([serverOpening({ channelType: 2, serverChannel }), MARK, streamCreate(0, MJPEG, 8, 8)]));
  await until(() => told.actual?.['codec'] === 'mjpeg');
  return { tap, told, client, peer, server, beforeClient };
}

test('a part without a server to stand before ends and says why', async () => {
  const { tap } = startTap(specOf(null));
  expect(await tap.result).toMatchObject({ ok: false, reason: expect.stringContaining('no SPICE server') as string });
});

test('without a client nothing is waited for; a server that takes no wish refuses it in words', async () => {
  const { tap, told, beforeClient } = await display(0);
  expect(beforeClient).toEqual({ codec: null, switchMs: null, isOpen: false });
  await expect(tap.command('prefer', { wish: { codecs: ['vp8'] } })).rejects.toThrow('does not let a client prefer');
  await expect(tap.command('prefer', { wish: { codecs: ['av1'] } })).rejects.toThrow('no video codec `av1`');
  expect(told.actual).toEqual({ network: 'none', codec: 'mjpeg' });
});

test('a switch is over with the stream that begins, and the numbers go on over streams', async () => {
  const { tap, told, peer } = await display(PREFERS_CODECS);
  expect(await tap.command('unmark', {})).toEqual({ stream: 'video', frame: -1 });
  peer.write(streamData(0, 0, Buffer.alloc(70)));
  const switched = tap.command('prefer', { wish: { codecs: ['vp8'] } });
  await tap.command('network', { network: NO_NETWORK });
  peer.write(Buffer.concat([streamCreate(1, VP8, 8, 8), streamData(1, 0, Buffer.alloc(80))]));
  const { codec, switchMs } = await switched;
  expect(codec).toBe('vp8');
  expect(switchMs).toBeGreaterThan(0);
  await until(() => told.allFrames.length === 2);
  expect(told.allFrames.map(({ frame, bytes }) => [frame, bytes])).toEqual([
    [0, 70],
    [1, 80],
  ]);
  expect(await tap.command('unmark', {})).toEqual({ stream: 'video', frame: 1 });
  await tap.command('unwatch', {});
  await expect(tap.command('unmark', {})).rejects.toThrow('no session');
});

const NARROW = { ...NO_NETWORK, rate: [{ atS: 0, bitsPerSecond: 1e6 }] };

test("a session's network is put in when its codec has begun: a narrow one would hold up the switch", async () => {
  const { tap, told, peer } = await display(PREFERS_CODECS);
  const ask = { session: 'two', stream: 'video', network: NARROW, numberedBy: 'tap' } as const;
  let isAnswered = false;
  const watched = tap.command('watch', { ...ask, wish: { codecs: ['vp8'] } }).then(() => (isAnswered = true));
  peer.write(streamCreate(1, MJPEG, 8, 8));
  // Later commands are answered meanwhile.
  await tap.command('unmark', {});
  expect([told.actual, isAnswered]).toEqual([{ network: 'none', codec: 'mjpeg' }, false]);
  peer.write(streamCreate(2, VP8, 8, 8));
  await watched;
  await until(() => told.actual?.['network'] === 'rate=1M');
  expect(told.actual).toEqual({ network: 'rate=1M', codec: 'vp8' });
});

test.each([
  ['asks for no codec', {}],
  ['asks for the one that streams', { codecs: ['mjpeg', 'vp8'] }],
])('the network of a session that %s is put in at once', async (_, wish) => {
  const { tap, told } = await display(PREFERS_CODECS);
  await tap.command('watch', { session: 'two', stream: 'video', network: NARROW, numberedBy: 'tap', wish });
  await until(() => told.actual?.['network'] === 'rate=1M');
  expect(told.messages).toEqual([]);
});

test('a session whose client can not be made to prefer a codec has its network all the same, and says why', async () => {
  const { tap, told } = await display(0);
  const wish = { codecs: ['vp8'] };
  await tap.command('watch', { session: 'two', stream: 'video', network: NARROW, numberedBy: 'tap', wish });
  // Once for this session, and once for the codec that was asked for before it.
  await until(() => told.actual?.['network'] === 'rate=1M' && told.messages.length > 1);
  expect(new Set(told.messages)).toEqual(
    new Set([expect.stringContaining('does not let a client prefer a video codec')]),
  );
});

test('a client that goes while a switch is waited for ends the waiting', async () => {
  const { tap, told, client } = await display(PREFERS_CODECS);
  const switched = tap.command('prefer', { wish: { codecs: ['vp8'] } });
  await tap.command('network', { network: NO_NETWORK });
  client.destroy();
  expect(await switched).toEqual({ codec: null, switchMs: null, isOpen: true });
  await until(() => told.actual?.['codec'] === undefined);
  expect(told.note).toBe('the SPICE client is gone');
  await until(() => told.messages.length > 0);
  expect(told.messages).toEqual(['the SPICE client is gone: no frame comes until one is there again']);
});

test('a tap notes that no client came yet, nothing while one is there, and that its server is gone', async () => {
  const { tap, told, client, peer, server } = await display(0);
  expect(told.notes).toEqual(['no SPICE client has come to the tap yet', null]);
  const { port } = server.address() as AddressInfo;
  // Who is killed loses its connections and its port.
  server.close();
  peer.destroy();
  const gone = `the SPICE server at ${LOCAL}:${port} is gone (connection refused)`;
  await until(() => told.note === gone);
  await until(() => told.messages.includes(gone));
  expect(told.messages).not.toContain('the SPICE client is gone: no frame comes until one is there again');
  // One that comes now is told the same, and no client makes it untrue.
  client.destroy();
  expect(await tap.command('prefer', { wish: { codecs: ['vp8'] } })).toEqual({
    codec: null,
    switchMs: null,
    isOpen: false,
  });
  expect(told.note).toBe(gone);
});
