// The peer here is small and written from the description of the protocol: patched SPICE of 2020 is not to be had.

import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecorderClient } from './recorder-client.ts';
import { RecorderFacts, type RecorderFact } from './recorder-facts.ts';
import { RecorderReader, type RecorderEntry } from './recorder-reader.ts';

const entry = (name: string, timeUs: number, message: string) =>
  `Name: ${name}\nWhere: some_function\nTime: ${timeUs}\nfile.c:12:${message}\n\n`;

function factsOf(text: string, cut?: number) {
  const facts: RecorderFact[] = [];
  const unread: string[] = [];
  const take = new RecorderFacts(
    (fact) => facts.push(fact),
    ({ name, message }) => unread.push(`${name}: ${message}`),
  );
  const reader = new RecorderReader({
    names: (names) => unread.push(`names ${names.join(' ')}`),
    entry: (one: RecorderEntry) => take.take(one),
    unread: (why) => unread.push(why),
  });
  const bytes = Buffer.from(`Recorders: frame;gst_frame;frames_info;\n${text}`);
  const step = cut ?? bytes.length;
  for (let at = 0; at < bytes.length; at += step) reader.feed(bytes.subarray(at, at + step));
  return { facts, unread: unread.slice(1) };
}

const GUEST = [
  entry('frame', 50, 'Sent frame'),
  entry('frame', 1_000, 'Capturing frame...'),
  entry('gst_frame', 1_200, 'Capturing frame...'),
  entry('gst_frame', 3_200, 'Encoding'),
  entry('gst_frame', 9_200, 'Captured'),
  entry('frame', 9_300, 'Frame of 4321 bytes'),
  entry('frame', 9_350, 'Keyframe'),
  entry('frame', 9_900, 'Sent frame'),
].join('');

test("a guest's frame is put together of its verbs; one that began before we came is passed over", () => {
  expect(factsOf(GUEST)).toEqual({
    facts: [
      {
        kind: 'guest frame',
        frame: {
          startUs: 1_000,
          sleepUs: 200,
          captureUs: 2_000,
          encodeUs: 6_000,
          sendUs: 550,
          sentUs: 9_900,
          bytes: 4321,
          key: true,
        },
      },
    ],
    unread: [],
  });
});

test.each([
  [
    'stream_channel_data',
    'Stream data packet size 212621 mm_time 313704699',
    { kind: 'server frame', atUs: 7, bytes: 212621, mmTimeMs: 313704699 },
  ],
  ['frames_info', 'frame size 900 keyframe 1', { kind: 'client frame', atUs: 7, bytes: 900, key: true }],
  [
    'frames_stats',
    'frame mm_time 5 size 6 creation time 1000 decoded time 250 queue 2 before 1 keyframe 0',
    {
      kind: 'decoded frame',
      atUs: 7,
      mmTimeMs: 5,
      bytes: 6,
      createdUs: 1000,
      decodeUs: 250,
      queue: 2,
      queueBefore: 1,
      key: false,
    },
  ],
  ['frames_dropped', 'dropped 3 frames', { kind: 'frames dropped', atUs: 7, count: 3 }],
  ['frames_dropped', 'drop frame after 1234 in queue', { kind: 'frame left queue', atUs: 7, afterUs: 1234 }],
  ['quality_interface', 'client: !marker: here', { kind: 'message', atUs: 7, source: 'client', text: '!marker: here' }],
  [
    'streaming_info',
    'resolution: 1920x1080',
    { kind: 'message', atUs: 7, source: 'guest', text: 'resolution: 1920x1080' },
  ],
  ['agent_info', 'pid: 42', { kind: 'process', pid: 42 }],
  ['quality_setting', 'encoding:framerate:30', { kind: 'frame rate asked', atUs: 7, fps: 30 }],
])('%s: %s', (name, message, fact) => {
  expect(factsOf(entry(name, 7, message))).toEqual({ facts: [fact], unread: [] });
});

test('an entry of either build says which function told it', () => {
  const entries: RecorderEntry[] = [];
  const reader = new RecorderReader({ names: () => {}, entry: (one) => entries.push(one), unread: () => {} });
  reader.feed(Buffer.from('Recorders: a;\n'));
  for (const word of ['Where', 'Function'])
    reader.feed(Buffer.from(`Name: a\n${word}: paint\nTime: 12\nfile.c:3:it: works\n\n`));
  const one = { name: 'a', where: 'paint', timeUs: 12, message: 'it: works' };
  expect(entries).toEqual([one, one]);
});

test('what is not understood is told, and the next entry is read', () => {
  const { facts, unread } = factsOf(
    `${entry('frames_info', 1, 'frame of unknown size')}one\ntwo\n\nName: a\nWhere: b\nTime: soon\nx\n\n1\n2\n3\n4\n5\n6\n\n${entry('frames_info', 9, 'frame size 1 keyframe 0')}`,
  );
  expect(facts).toHaveLength(1);
  expect(unread).toEqual([
    'frames_info: frame of unknown size',
    'this is no entry: one / two',
    'this is no entry: Name: a / Where: b / Time: soon / x',
    'an entry has more than four lines',
  ]);
});

test('however the bytes are cut, the same is told; whatever comes, nothing throws', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (cut) => {
      expect(factsOf(GUEST, cut)).toEqual(factsOf(GUEST));
    }),
    { numRuns: 30 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      factsOf(Buffer.from(bytes).toString('latin1'));
    }),
    { numRuns: 200 },
  );
});

test('a real connection: recorders are chosen byte by byte, messages go the other way, a peer that comes back is read again', async () => {
  const heard: Buffer[] = [];
  let peer = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    socket.on('data', (chunk) => heard.push(chunk));
    socket.on('error', () => {});
    socket.write('Recorders: frames_info;stream_device_data;agent_info;\n');
    peer.resolve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const told: string[] = [];
  let waiting = Promise.withResolvers<void>();
  const tell = (line: string) => {
    told.push(line);
    waiting.resolve();
  };
  const next = async () => {
    await waiting.promise;
    waiting = Promise.withResolvers<void>();
  };
  const { port } = server.address() as { port: number };
  const client = new RecorderClient(
    { host: '127.0.0.1', port },
    {
      onConnected: (names) => tell(`connected ${names.join(' ')}`),
      onFact: (fact) => tell(fact.kind),
      onUnread: (why) => tell(why),
      onGone: (why) => tell(`gone: ${why}`),
    },
  );
  const running = client.run();
  try {
    await next();
    const socket = await peer.promise;
    socket.write(entry('agent_info', 1, 'pid: 7'));
    await next();
    client.send('!look here');
    expect(() => client.send('x'.repeat(128))).toThrow('127 bytes at most');
    while (Buffer.concat(heard).toString() !== '101!look here\0')
      await new Promise((resolve) => setTimeout(resolve, 5));
    peer = Promise.withResolvers();
    socket.destroy();
    await next();
    expect(() => client.send('nobody')).toThrow('the process is not connected');
    expect(told).toEqual(['connected frames_info agent_info', 'process', 'gone: it closed the connection']);
  } finally {
    client.close();
    await running;
    await new Promise((resolve) => server.close(resolve));
  }
});
