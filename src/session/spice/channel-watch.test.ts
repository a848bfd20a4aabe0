import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  clientOpening,
  longMessage,
  message,
  serverOpening,
  streamCreate,
  streamData,
  streamDataSized,
  type LinkOptions,
} from '../../../test/session/spice-bytes.ts';
import { ChannelWatch, type ChannelSink } from './channel-watch.ts';
import type { Side } from './direction-reader.ts';

const DISPLAY: LinkOptions = { channelType: 2 };
const KEY = Uint8Array.of(0x10, 1, 2, 3);
const DELTA = Uint8Array.of(0x11, 4, 5);

/** What a watch tells, a line each. */
function watched() {
  const told: string[] = [];
  const sink: ChannelSink = {
    linked: () => told.push('linked'),
    unread: (side, why) => told.push(`${side} unread: ${why}`),
    roundTrip: (_, us) => told.push(`round trip ${us}`),
    multiMediaTime: (_, ms) => told.push(`time ${ms}`),
    streamCreated: ({ serial, id, codec, width, height }) =>
      told.push(`stream ${serial} (${id}) ${codec} ${width}x${height}`),
    streamDestroyed: ({ serial }) => told.push(`end of stream ${serial}`),
    streamClipped: ({ serial }, rectangles) => told.push(`clip of stream ${serial}: ${rectangles}`),
    frame: ({ stream, frame, bytes, key, mmTime, width, height }) =>
      told.push(`frame ${stream.serial}.${frame} ${bytes} B ${key} at ${mmTime} ${width}x${height}`),
    report: ({ stream, frames, drops, lastDelayMs }) =>
      told.push(`report ${stream.serial}: ${frames} frames, ${drops} drops, ${lastDelayMs} ms`),
    reportsAsked: ({ serial }, window, timeout) => told.push(`reports of ${serial} every ${window} or ${timeout} ms`),
  };
  return { told, watch: new ChannelWatch(sink) };
}

function linked(options: LinkOptions = DISPLAY) {
  const both = watched();
  both.watch.feed('client', clientOpening(options), 0);
  both.watch.feed('server', serverOpening(options), 0);
  return both;
}

test('a display channel tells its streams, their frames and what the client reports of them', () => {
  const { told, watch } = linked();
  watch.feed('server', streamCreate(49, 2, 1024, 576), 10);
  watch.feed('server', streamData(49, 500, KEY), 20);
  watch.feed('server', streamDataSized(49, 533, 640, 360, DELTA), 30);
  const asked = Buffer.alloc(16);
  [49, 1, 5, 1000].forEach((word, i) => asked.writeUInt32LE(word, 4 * i));
  watch.feed('server', message(319, asked), 40);
  const report = Buffer.alloc(32);
  [49, 1, 500, 533, 2, 1].forEach((word, i) => report.writeUInt32LE(word, 4 * i));
  report.writeInt32LE(-7, 24);
  watch.feed('client', message(102, report), 50);
  watch.feed('server', message(126, []), 60);
  watch.feed('server', streamData(49, 600, KEY), 70);
  expect(told).toEqual([
    'linked',
    'stream 0 (49) vp8 1024x576',
    'frame 0.0 4 B true at 500 1024x576',
    'frame 0.1 3 B false at 533 640x360',
    'reports of 0 every 5 or 1000 ms',
    'report 0: 2 frames, 1 drops, -7 ms',
    'end of stream 0',
  ]);
  expect(watch.streams.orphans).toBe(1);
  expect(watch.counts('server').map(({ type, count }) => [type, count])).toEqual([
    [122, 1],
    [123, 2],
    [316, 1],
    [319, 1],
    [126, 1],
  ]);
  expect(watch.counts('client')).toEqual([{ type: 102, count: 1, bytes: 38 }]);
});

test('a stream that others lie before tells how many rectangles of it are shown; one that is none of ours tells nothing', () => {
  const { told, watch } = linked();
  const clip = (stream: number, type: number, rectangles = 0) => {
    const body = Buffer.alloc(9 + 16 * rectangles);
    body.writeUInt32LE(stream, 0);
    body.writeUInt8(type, 4);
    body.writeUInt32LE(rectangles, 5);
    return message(124, type === 0 ? body.subarray(0, 5) : body);
  };
  watch.feed('server', streamCreate(49, 2, 1024, 576), 10);
  for (const bytes of [clip(49, 1, 3), clip(49, 1, 300), clip(49, 1), clip(49, 0), clip(48, 1, 2), clip(49, 7)])
    watch.feed('server', bytes, 20);
  watch.feed('server', message(124, [49, 0, 0, 0, 1]), 30);
  expect(told.slice(2)).toEqual([3, 300, 0, null].map((rectangles) => `clip of stream 0: ${rectangles}`));
});

test('a stream whose number is used again is another stream', () => {
  const { told, watch } = linked();
  for (const codec of [1, 3]) watch.feed('server', streamCreate(0, codec, 8, 8), 1);
  expect(told.slice(1)).toEqual(['stream 0 (0) mjpeg 8x8', 'end of stream 0', 'stream 1 (0) h264 8x8']);
});

test('ping and its answer are a round trip, the main channel tells the multimedia time', () => {
  const { told, watch } = linked({ channelType: 1 });
  const init = Buffer.alloc(32);
  init.writeUInt32LE(90_000, 24);
  watch.feed('server', message(103, init), 5);
  watch.feed('server', message(106, [1, 2, 0, 0]), 6);
  const ping = Buffer.alloc(12);
  ping.writeUInt32LE(3, 0);
  watch.feed('server', message(4, ping), 1_000);
  watch.feed('client', message(3, ping), 3_500);
  watch.feed('client', message(3, ping), 9_000);
  expect(told).toEqual(['linked', 'time 90000', 'time 513', 'round trip 2500']);
});

test('without short heads on both sides messages have the long one', () => {
  const options = { channelType: 2, client: 0b0011 };
  const { told, watch } = linked(options);
  const create = streamCreate(1, 3, 16, 16).subarray(6);
  watch.feed('server', longMessage(1, 122, create), 1);
  expect(told).toEqual(['linked', 'stream 0 (1) h264 16x16']);
  expect(watch.canInsert).toBe(false);
});

test('a client that does not say how it signs in sends its ticket at once', () => {
  const { told, watch } = linked({ channelType: 2, client: 0b1000, server: 0b1000 });
  watch.feed('client', message(3, [0, 0, 0, 0]), 1);
  expect(told).toEqual(['linked']);
  expect(watch.counts('client')).toEqual([{ type: 3, count: 1, bytes: 10 }]);
});

test.each([
  ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), 'it is encrypted (TLS)'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n'), 'it does not begin as a SPICE channel does'],
  [
    'an old version',
    Buffer.from('REDQ\x01\0\0\0\x02\0\0\0\x16\0\0\0'),
    'it speaks version 1 of the protocol, and not 2',
  ],
  [
    'a huge link',
    Buffer.from('REDQ\x02\0\0\0\x02\0\0\0\xff\xff\xff\x7f', 'latin1'),
    'its link message would have 2147483647 bytes',
  ],
])('%s is not read, and said', (_, bytes, why) => {
  const { told, watch } = watched();
  watch.feed('client', bytes, 0);
  watch.feed('client', bytes, 0);
  watch.feed('server', bytes, 0);
  expect(told).toEqual([`client unread: ${why}`]);
  expect(watch.isUnread).toBe(true);
});

test('a message that would be larger than any ends the reading', () => {
  const { told, watch } = linked();
  watch.feed('server', Buffer.from([122, 0, 0xff, 0xff, 0xff, 0xff]), 1);
  expect(told).toEqual(['linked', 'server unread: a message of type 122 would have 4294967295 bytes']);
});

const STREAM = Buffer.concat([
  serverOpening(DISPLAY),
  streamCreate(3, 4, 320, 200),
  streamData(3, 1, Buffer.alloc(70_000, 0x82)),
  message(105, []),
  streamData(3, 2, Uint8Array.of(0x86)),
  message(125, [3, 0, 0, 0]),
]);

test('however the bytes are cut, the same is told, and ends of messages are where they are', () => {
  const whole = watched();
  whole.watch.feed('client', clientOpening(DISPLAY), 0);
  whole.watch.feed('server', STREAM, 0);
  expect(whole.told).toHaveLength(5);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const { told, watch } = watched();
      watch.feed('client', clientOpening(DISPLAY), 0);
      let at = 0;
      for (let i = 0; at < STREAM.length; i++) {
        const chunk = STREAM.subarray(at, at + sizes[i % sizes.length]!);
        const boundary = watch.feed('server', chunk, 0);
        expect(boundary).toBeLessThanOrEqual(chunk.length);
        at += chunk.length;
      }
      expect(told).toEqual(whole.told);
    }),
    { numRuns: 60 },
  );
});

test('what is damaged anywhere is told or counted, and never throws', () => {
  const bytes = { client: Buffer.concat([clientOpening(DISPLAY), message(102, Buffer.alloc(32))]), server: STREAM };
  fc.assert(
    fc.property(
      fc.constantFrom<Side>('client', 'server'),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      (side, changes, cut) => {
        const { watch } = watched();
        const damaged = Buffer.from(bytes[side]);
        for (const [at, value] of changes) damaged[at % Math.min(damaged.length, 600)] = value;
        const other = side === 'client' ? 'server' : 'client';
        watch.feed(other, bytes[other], 0);
        watch.feed(side, damaged.subarray(0, cut % damaged.length), 1);
        watch.feed(side, damaged.subarray(cut % damaged.length), 2);
        watch.feed(other, bytes[other], 3);
      },
    ),
    { numRuns: 400 },
  );
});
