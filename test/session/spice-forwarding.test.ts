// What a tap must stand: pieces of any size, ends at any time, readers that do not read, many at once.

import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { NO_NETWORK, parseNetwork } from '#session/network-setting';
import { SpiceTap } from '#session/spice/tap';
import { clientOpening, message, serverOpening, streamCreate, streamData } from './spice-bytes.ts';
import { TapNotes } from './spice-desktop.ts';
import { until } from './loopback.ts';

const MARK = message(102, []);
const toClose: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

async function startTap() {
  const peers: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    peers.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  toClose.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const notes = new TapNotes();
  const tap = new SpiceTap({ listen: { host: '127.0.0.1', port: 0 }, server: { host: '127.0.0.1', port } }, notes);
  const tapPort = await tap.start();
  toClose.push(() => tap.close());
  const dial = async () => {
    const before = peers.length;
    const client = connect({ host: '127.0.0.1', port: tapPort, allowHalfOpen: true });
    client.on('error', () => {});
    toClose.push(() => void client.destroy());
    await until(() => peers.length > before);
    const peer = peers[before]!;
    toClose.push(() => void peer.destroy());
    return { client, peer };
  };
  return { tap, notes, dial, peers };
}

function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => hash.update(chunk));
    socket.once('end', () => resolve(hash.digest('hex')));
  });
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('in whatever pieces, with networks that come and go and garbage in the middle, every byte arrives in its order', async () => {
  const { tap, dial } = await startTap();
  const networks = ['none', 'delay=3ms', 'delay=2ms jitter=4ms', 'rate=200M', 'none'].map((text) => {
    const parsed = parseNetwork(text);
    return 'ok' in parsed ? parsed.ok : NO_NETWORK;
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 40_000 })), { maxLength: 12 }),
      fc.array(fc.nat(networks.length - 1), { minLength: 1, maxLength: 6 }),
      fc.nat(60_000),
      async (pieces, changes, garbageAt) => {
        const frames = Array.from({ length: 6 }, (_, i) => streamData(0, i, randomBytes(7_000)));
        const down = Buffer.concat([serverOpening({ channelType: 2 }), streamCreate(0, 2, 8, 8), ...frames]);
        const up = Buffer.concat([
          clientOpening({ channelType: 2 }),
          ...Array.from({ length: 300 }, () => message(102, Buffer.alloc(32))),
        ]);
        for (const bytes of [up, down]) if (garbageAt < bytes.length) randomBytes(200).copy(bytes, garbageAt);
        const { client, peer } = await dial();
        const arrived = Promise.all([hashOf(peer), hashOf(client)]);
        let change = 0;
        const send = async (socket: Socket, bytes: Buffer) => {
          let piece = 0;
          for (let at = 0; at < bytes.length;) {
            const size = pieces[piece++ % (pieces.length + 1)] ?? 20_000;
            socket.write(bytes.subarray(at, (at += size)));
            tap.setNetwork(networks[changes[change++ % changes.length]!]!);
            await sleep(0);
          }
          socket.end();
        };
        await Promise.all([send(client, up), send(peer, down)]);
        expect(await arrived).toEqual([sha(up), sha(down)]);
      },
    ),
    { numRuns: 10 },
  );
});

test.each(['none', 'delay=5ms', 'rate=50M'])('a client that stops reading holds the server back (%s)', async (text) => {
  const { tap, dial } = await startTap();
  const parsed = parseNetwork(text);
  tap.setNetwork('ok' in parsed ? parsed.ok : NO_NETWORK);
  const { client, peer } = await dial();
  client.pause();
  client.write(clientOpening({ channelType: 2 }));
  peer.write(serverOpening({ channelType: 2 }));
  const chunk = Buffer.alloc(256 * 1024, 7);
  // Sockets and the tap take some of it, and then no more.
  let taken = 0;
  let stillSince = performance.now();
  while (performance.now() - stillSince < 400) {
    if (!peer.writableNeedDrain) {
      peer.write(chunk);
      taken += chunk.length;
      stillSince = performance.now();
    }
    await sleep(2);
    if (taken > 256 * 1024 * 1024) break;
  }
  expect(taken).toBeLessThan(128 * 1024 * 1024);
  const whole = new Promise<number>((resolve) => {
    let bytes = 0;
    client.on('data', (piece: Buffer) => (bytes += piece.length));
    client.once('end', () => resolve(bytes));
  });
  peer.end();
  client.resume();
  tap.setNetwork(NO_NETWORK);
  expect(await whole).toBe(taken + serverOpening({ channelType: 2 }).length);
});

test('a narrow line passes what the server sends bit by bit, and reads little more than it passes', async () => {
  const { tap, dial } = await startTap();
  const parsed = parseNetwork('rate=800k queue=100ms');
  tap.setNetwork('ok' in parsed ? parsed.ok : NO_NETWORK);
  const { client, peer } = await dial();
  client.write(clientOpening({ channelType: 2 }));
  const frames = Array.from({ length: 300 }, (_, i) => streamData(0, i, randomBytes(1_000)));
  peer.write(Buffer.concat([serverOpening({ channelType: 2 }), streamCreate(0, 2, 8, 8), ...frames]));
  const times: number[] = [];
  let received = 0;
  let most = 0;
  client.on('data', (chunk: Buffer) => {
    received += chunk.length;
    times.push(performance.now());
    const read = tap.connections[0]!.watch.counts('server').reduce((sum, { bytes }) => sum + bytes, 0);
    most = Math.max(most, read - received);
  });
  await until(() => received > 200_000);
  // 200 kB take 2 s; the first may come late.
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(700);
  expect(most).toBeLessThan(64 * 1024);
});

test('an end that is half open still gets what the other side has to say', async () => {
  const { dial, tap } = await startTap();
  const { client, peer } = await dial();
  const atServer = hashOf(peer);
  client.end('all that I say');
  expect(await atServer).toBe(sha(Buffer.from('all that I say')));
  const atClient = hashOf(client);
  peer.end(Buffer.alloc(300_000, 1));
  expect(await atClient).toBe(sha(Buffer.alloc(300_000, 1)));
  await until(() => tap.connections.length === 0);
});

test('what a slow reader has not taken yet reaches it though its other direction is over', async () => {
  const { dial, tap } = await startTap();
  tap.setNetwork({ ...NO_NETWORK, delayMs: 300 });
  const { client, peer } = await dial();
  // More than sockets take for one that does not read.
  const bytes = randomBytes(16 * 1024 * 1024);
  peer.pause();
  client.end(bytes);
  await sleep(400);
  peer.end('all that I say');
  expect(await hashOf(client)).toBe(sha(Buffer.from('all that I say')));
  const atServer = hashOf(peer);
  await sleep(100);
  peer.resume();
  expect(await atServer).toBe(sha(bytes));
  await until(() => tap.connections.length === 0);
});

test('small messages that wait on a slow line take no more memory than they need', async () => {
  const { tap, dial } = await startTap();
  tap.setNetwork({ ...NO_NETWORK, delayMs: 5_000 });
  const { peer } = await dial();
  peer.setNoDelay(true);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 400; i++) {
    peer.write(Buffer.alloc(60));
    await sleep(1);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
});

test.each(['client', 'server'] as const)(
  'a reset by the %s ends the connection on the other side, and is told',
  async (side) => {
    const { dial, tap, notes } = await startTap();
    const { client, peer } = await dial();
    const [dying, other] = side === 'client' ? [client, peer] : [peer, client];
    const closed = new Promise((resolve) => other.once('close', resolve));
    other.resume();
    other.on('end', () => other.end());
    dying.resetAndDestroy();
    await closed;
    await until(() => tap.connections.length === 0);
    expect(notes.ends).toEqual([`${side}: ECONNRESET`]);
  },
);

test('many connections that come and go leave nothing behind', async () => {
  const { dial, tap, notes } = await startTap();
  for (let i = 0; i < 30; i++) {
    const { client, peer } = await dial();
    peer.resume();
    peer.on('end', () => peer.end());
    client.resume();
    client.end(clientOpening({ channelType: 1 + (i % 4) }));
  }
  await until(() => tap.connections.length === 0);
  expect(notes.ends).toHaveLength(30);
});

test('a wish under a network takes its place in the order of what passes', async () => {
  const { dial, tap, notes } = await startTap();
  const parsed = parseNetwork('delay=30ms');
  tap.setNetwork('ok' in parsed ? parsed.ok : NO_NETWORK);
  const { client, peer } = await dial();
  const atServer: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => atServer.push(chunk));
  const opening = clientOpening({ channelType: 2 });
  client.write(opening);
  await until(() => Buffer.concat(atServer).length === opening.length);
  peer.write(Buffer.concat([serverOpening({ channelType: 2, serverChannel: 1 << 12 }), MARK]));
  await until(() => tap.connections[0]!.watch.hasDisplayBegun);
  const first = message(102, Buffer.alloc(32, 1));
  const second = message(102, Buffer.alloc(32, 2));
  client.write(first);
  await until(() => tap.connections[0]!.watch.counts('client').length === 1);
  tap.prefer({ codecs: ['h264'] });
  // The delay ends while both are on their way: what comes later stays behind them.
  tap.setNetwork(NO_NETWORK);
  client.write(second);
  await until(() => Buffer.concat(atServer).length === opening.length + 2 * first.length + 8);
  expect(Buffer.concat(atServer).subarray(opening.length).toString('hex')).toBe(
    Buffer.concat([first, message(105, [1, 3]), second]).toString('hex'),
  );
  expect(notes.wishes).toHaveLength(1);
});
