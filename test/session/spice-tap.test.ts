// The tap between real sockets: whatever passes, passes unchanged.

import { createHash, randomBytes } from 'node:crypto';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { SpiceTap, type TapEvents } from '#session/spice/tap';
import { clientOpening, message, serverOpening, streamCreate, streamData, USUAL } from './spice-bytes.ts';

/** The server's word that its display shows something. */
const MARK = message(102, []);

const toClose: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

/** Events of which only some are looked at. */
function eventsOf(some: Partial<TapEvents>): TapEvents {
  const nothing = () => {};
  return {
    onChannel: nothing,
    onChannelEnd: nothing,
    onStream: nothing,
    onStreamEnd: nothing,
    onStreamClip: nothing,
    onFrame: nothing,
    onReport: nothing,
    onReportsAsked: nothing,
    onRoundTrip: nothing,
    onMultiMediaTime: nothing,
    onUnread: nothing,
    onWish: nothing,
    ...some,
  };
}

/** A server of ours, the tap before it, and a client of the tap. */
async function tapped() {
  const told: string[] = [];
  const events = eventsOf({
    onChannel: (channel, name) => told.push(`${channel} is ${name}`),
    onChannelEnd: (channel, why) => told.push(`${channel} ended${why === null ? '' : `: ${why}`}`),
    onStream: (channel, { codec }) => told.push(`${channel} streams ${codec}`),
    onFrame: (_, { frame, bytes }) => told.push(`frame ${frame} ${bytes} B`),
    onUnread: (channel, side, why) => told.push(`${channel} ${side} unread: ${why}`),
    onWish: (channel, wish, refusal) => told.push(`${channel} wishes ${JSON.stringify(wish)} ${refusal ?? ''}`),
  });
  const accepted = Promise.withResolvers<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => accepted.resolve(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  toClose.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const tap = new SpiceTap({ listen: { host: '127.0.0.1', port: 0 }, server: { host: '127.0.0.1', port } }, events);
  const client = connect({ host: '127.0.0.1', port: await tap.start(), allowHalfOpen: true });
  toClose.push(() => tap.close());
  toClose.push(() => void client.destroy());
  const peer = await accepted.promise;
  toClose.push(() => void peer.destroy());
  return { told, tap, client, peer };
}

/** Everything that comes until the other side has ended its direction. */
async function whole(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test.each([
  ['garbage', randomBytes(3_000_000), randomBytes(2_000_000)],
  [
    'a channel that breaks off in a message',
    clientOpening({ channelType: 2 }),
    serverOpening({ channelType: 2 }).subarray(0, 90),
  ],
  [
    'a channel that goes mad after a frame',
    Buffer.concat([clientOpening({ channelType: 2 }), randomBytes(100_000)]),
    Buffer.concat([
      serverOpening({ channelType: 2 }),
      streamCreate(0, 1, 8, 8),
      streamData(0, 0, randomBytes(900_000)),
      randomBytes(400_000),
    ]),
  ],
])('%s passes as it is, both ways, and its end too', async (_, up, down) => {
  const { client, peer } = await tapped();
  const [atServer, atClient] = [whole(peer), whole(client)];
  client.end(up);
  peer.end(down);
  expect(hash(await atServer)).toBe(hash(up));
  expect(hash(await atClient)).toBe(hash(down));
});

test('a wish goes in between two messages of the client, and nowhere else', async () => {
  const { told, tap, client, peer } = await tapped();
  const atServer = whole(peer);
  tap.prefer({ codecs: ['vp8', 'h264'] });
  const opening = clientOpening({ channelType: 2 });
  const first = message(101, Buffer.alloc(14, 7));
  const report = message(102, Buffer.alloc(32, 9));
  client.write(opening.subarray(0, 38));
  peer.write(serverOpening({ channelType: 2, serverChannel: 1 << 12 }));
  await untilTrue(() => told.includes('1 is display'));
  peer.write(MARK);
  await untilTrue(() => tap.connections[0]!.watch.hasDisplayBegun);
  // The opening's end, a whole message and half of the next in one piece.
  const rest = Buffer.concat([opening.subarray(38), first, report.subarray(0, 11)]);
  client.write(rest);
  await untilTrue(() => told.some((line) => line.includes('wishes')));
  client.end(report.subarray(11));
  const wish = message(105, [2, 2, 3]);
  expect((await atServer).toString('hex')).toBe(Buffer.concat([opening, first, wish, report]).toString('hex'));
  expect(told.filter((line) => line.includes('wishes'))).toEqual(['1 wishes {"codecs":["vp8","h264"]} ']);
});

test('a server that does not take a wish gets none, and that is said', async () => {
  const { told, tap, client, peer } = await tapped();
  const atServer = whole(peer);
  const opening = clientOpening({ channelType: 2, client: USUAL });
  client.write(opening);
  peer.write(serverOpening({ channelType: 2 }));
  await untilTrue(() => told.includes('1 is display'));
  tap.prefer({ codecs: ['vp8'] });
  peer.write(MARK);
  await untilTrue(() => told.some((line) => line.includes('wishes')));
  client.end(message(3, Buffer.alloc(12)));
  expect((await atServer).length).toBe(opening.length + 18);
  expect(told.at(-1)).toContain('this server does not let a client prefer a video codec');
});

test('a network delays both ways and keeps the order of the bytes, while it changes too', async () => {
  const { tap, client, peer } = await tapped();
  tap.setNetwork({ delayMs: 40, jitterMs: 5, loss: 0, rate: [], queueMs: 200 });
  const bytes = randomBytes(400_000);
  const atServer = whole(peer);
  const startMs = performance.now();
  client.write(bytes.subarray(0, 200_000));
  await new Promise((resolve) => setTimeout(resolve, 10));
  tap.setNetwork({ delayMs: 0, jitterMs: 0, loss: 0, rate: [], queueMs: 200 });
  client.end(bytes.subarray(200_000));
  expect(hash(await atServer)).toBe(hash(bytes));
  // A timer may be late, and never early.
  expect(performance.now() - startMs).toBeGreaterThan(15);
});

test('a server that is not there ends the connection, and says so', async () => {
  const told: string[] = [];
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
  const { port } = nobody.address() as { port: number };
  await new Promise((resolve) => nobody.close(resolve));
  const tap = new SpiceTap(
    { listen: { host: '127.0.0.1', port: 0 }, server: { host: '127.0.0.1', port } },
    eventsOf({ onChannelEnd: (_, why) => told.push(why ?? 'by itself') }),
  );
  toClose.push(() => tap.close());
  const client = connect({ host: '127.0.0.1', port: await tap.start() });
  client.on('error', () => {});
  await new Promise((resolve) => client.once('close', resolve));
  expect(told).toEqual(['server: ECONNREFUSED']);
});

test('a tap that would be its own server, or where it can not be, does not start, and says what to do', async () => {
  const start = (host: string, port: number, server = { host: '127.0.0.1', port: 1 }) => {
    const tap = new SpiceTap({ listen: { host, port }, server }, eventsOf({}));
    toClose.push(() => tap.close().catch(() => {}));
    return tap.start();
  };
  const port = await start('127.0.0.1', 0);
  await expect(start('127.0.0.1', port)).rejects.toThrow(/EADDRINUSE[^]*another port/);
  await expect(start('198.51.100.7', port)).rejects.toThrow(/no such address[^]*an address of this machine/);
  for (const host of ['127.0.0.1', '0.0.0.0'])
    await expect(start(host, port, { host: 'localhost', port })).rejects.toThrow(/would be its own server/);
});

async function untilTrue(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 1_000) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
