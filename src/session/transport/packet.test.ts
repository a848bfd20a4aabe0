import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutFrame } from './fragments.ts';
import type { MediaConfig } from './media.ts';
import {
  HEADER_BYTES,
  MAX_DATAGRAM_BYTES,
  PACKET,
  encodePacket,
  parseJson,
  parsePacket,
  sequenceAfter,
} from './packet.ts';
import { parseReport } from './receiver-report.ts';
import { encodeConfig, parseConfig } from './stream-config.ts';
import { PacketCutter, withLength } from './tcp-wire.ts';

const u32 = fc.nat({ max: 0xffff_ffff });
const frameId = fc.nat({ max: 0x7fff_ffff });
const fields = fc.record({
  stream: u32,
  sequence: u32,
  frame: frameId,
  captureUs: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  fragment: fc.nat({ max: 99 }),
  fragments: fc.integer({ min: 100, max: 10_000 }),
  key: fc.boolean(),
  config: u32,
  sourceFrame: fc.integer({ min: -1, max: 0x7fff_ffff }),
  sentBefore: u32,
  body: fc.uint8Array({ minLength: 1, maxLength: 1000 }),
});

test('every packet comes out as it went in', () => {
  fc.assert(
    fc.property(fields, (packet) => {
      const parsed = parsePacket(encodePacket(PACKET.frame, packet));
      expect(parsed === null ? null : { ...parsed, body: Uint8Array.from(parsed.body) }).toEqual({
        kind: PACKET.frame,
        ...packet,
      });
    }),
  );
});

test('garbage is a packet within the bounds or nothing, and never an error', () => {
  const damaged = fc.tuple(fields, fc.array(fc.tuple(fc.nat({ max: 1100 }), fc.nat({ max: 255 })), { maxLength: 8 }));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), damaged), (made) => {
      const bytes = Array.isArray(made) ? encodePacket(PACKET.frame, made[0]) : Buffer.from(made as Uint8Array);
      if (Array.isArray(made)) for (const [at, value] of made[1]) if (at < bytes.length) bytes[at] = value;
      const parsed = parsePacket(bytes);
      if (parsed === null) return;
      expect(parsed.body.length).toBe(bytes.length - HEADER_BYTES);
      if (parsed.kind === PACKET.frame) expect(parsed.fragment).toBeLessThan(parsed.fragments);
      parseJson(parsed);
      parseConfig(parsed);
      parseReport(parsed);
    }),
    { numRuns: 1000 },
  );
});

test('packets come out of a stream of bytes however it is cut, and a lie about a length ends it', () => {
  fc.assert(
    fc.property(
      fc.array(fields, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat({ max: 6000 }), { maxLength: 8 }),
      (packets, cuts) => {
        const bytes = Buffer.concat(packets.map((packet) => withLength(encodePacket(PACKET.frame, packet))));
        const got: number[] = [];
        const cutter = new PacketCutter((packet) => got.push(packet.frame));
        let from = 0;
        for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          cutter.push(bytes.subarray(from, to));
          from = Math.max(from, to);
        }
        expect(cutter.fault).toBeNull();
        expect(got).toEqual(packets.map(({ frame }) => frame));
        cutter.push(Buffer.from([0xff, 0xff, 0xff, 0x7f]));
        expect(cutter.fault).toContain('garbage');
      },
    ),
  );
});

test('a frame is cut into datagrams that pass any network, and together they are the frame', () => {
  const data = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
  const frame = { config: 3, frame: 7, captureUs: 123_456, key: true, sourceFrame: 2, data };
  const { raw, count, packetBytes } = cutFrame('udp', frame, { stream: 9, sequence: 0xffff_fffe, sentBefore: 5 });
  expect(packetBytes).toBe(MAX_DATAGRAM_BYTES);
  const packets = Array.from({ length: count }, (_, i) =>
    parsePacket(raw.subarray(i * packetBytes, (i + 1) * packetBytes)),
  );
  expect(packets.map((packet) => packet?.sequence)).toEqual([0xffff_fffe, 0xffff_ffff, 0, 1, 2]);
  expect(Buffer.concat(packets.map((packet) => packet!.body))).toEqual(data);
});

test('a config comes out as it went in, headers included, and one that asks for too much is none', () => {
  const media: MediaConfig = {
    config: 4,
    codec: 'h264',
    width: 1280,
    height: 720,
    frameRate: 60,
    extraData: Buffer.from([1, 2, 3]),
  };
  const back = (config: MediaConfig) =>
    parseConfig(parsePacket(encodeConfig({ stream: 'video 2', media: config }, { stream: 1, sequence: 2 }))!);
  expect(back(media)).toEqual({ stream: 'video 2', media });
  expect(back({ ...media, extraData: null })?.media.extraData).toBeNull();
  expect(back({ ...media, width: 1_000_000 })).toBeNull();
  expect(back({ ...media, frameRate: 0 })).toBeNull();
});

test('sequence numbers go on after their largest', () => {
  expect(sequenceAfter(0, 0xffff_ffff)).toBe(true);
  expect(sequenceAfter(0xffff_ffff, 0)).toBe(false);
  expect(sequenceAfter(5, 5)).toBe(false);
});
