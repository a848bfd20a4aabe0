import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameAssembler, MAX_OPEN_BYTES, MAX_OPEN_FRAMES, REORDER_US, STALL_US } from './frame-assembler.ts';
import { cutFrame } from './fragments.ts';
import { PACKET, encodePacket, parsePacket, type Packet } from './packet.ts';
import { shiftSent } from './sender-link.ts';

/** Packets of frames with these numbers and sizes, as the sender's link makes them. */
function packetsOf(frames: readonly { frame: number; bytes: number }[]): Packet[] {
  let [sequence, sentBefore, last] = [0xffff_fff0, 0, -1];
  return frames.flatMap(({ frame, bytes }) => {
    sentBefore = shiftSent(sentBefore, frame - last, last >= 0);
    last = frame;
    const media = { config: 0, frame, captureUs: frame, key: false, sourceFrame: -1, data: Buffer.alloc(bytes, frame) };
    const { raw, count, packetBytes } = cutFrame('udp', media, { stream: 1, sequence, sentBefore });
    sequence = (sequence + count) >>> 0;
    return Array.from({ length: count }, (_, i) => parsePacket(raw.subarray(i * packetBytes, (i + 1) * packetBytes))!);
  });
}

function assembler() {
  const got: string[] = [];
  return {
    got,
    work: new FrameAssembler({
      onFrame: ({ frame, data }) => got.push(`${frame}${data.every((byte) => byte === frame % 256) ? '' : ' damaged'}`),
      onLost: (first) => got.push(`lost ${first}`),
    }),
  };
}

test('each frame is handed on whole, or lost, once and in order, whatever is lost and however packets overtake each other', () => {
  const stream = fc
    .array(fc.record({ skip: fc.nat({ max: 3 }), bytes: fc.integer({ min: 1, max: 5000 }) }), {
      minLength: 2,
      maxLength: 20,
    })
    .map((steps) => {
      let frame = -1;
      return steps.map(({ skip, bytes }) => ({ frame: (frame += 1 + skip), bytes }));
    });
  fc.assert(
    fc.property(
      stream,
      fc.infiniteStream(fc.nat({ max: 9 })),
      fc.infiniteStream(fc.nat({ max: 9 })),
      (frames, luck, shift) => {
        const packets = packetsOf(frames);
        // First and last arrive whole: nobody can know of frames that are outside of what came.
        const sure = new Set([frames[0]!.frame, frames.at(-1)!.frame]);
        const lost = new Set<number>();
        const sent = packets.filter((packet) => {
          const through = sure.has(packet.frame) || luck.next().value !== 0;
          if (!through) lost.add(packet.frame);
          return through;
        });
        const late = sent.map((packet, i) => ({
          packet,
          at: sure.has(packet.frame) ? i * 10 : i * 10 + shift.next().value! * 9,
        }));
        const { work, got } = assembler();
        for (const { packet, at } of late.toSorted((a, b) => a.at - b.at)) work.push(packet, at * 10);
        work.expire(1e9);
        expect(got).toEqual(frames.map(({ frame }) => (lost.has(frame) ? `lost ${frame}` : `${frame}`)));
        expect(work.held).toEqual({ frames: 0, bytes: 0 });
      },
    ),
    { numRuns: 300 },
  );
});

test('a hole is noticed shortly after a later packet came, the loss of the last packets after a while', () => {
  const packets = packetsOf([
    { frame: 0, bytes: 100 },
    { frame: 2, bytes: 3000 },
    { frame: 3, bytes: 3000 },
  ]);
  const { work, got } = assembler();
  work.push(packets[0]!, 0);
  work.push(packets[1]!, 1000);
  work.push(packets[3]!, 1000);
  work.push(packets[4]!, 2000);
  work.expire(2000 + REORDER_US - 1);
  expect(got).toEqual(['0']);
  work.expire(2000 + REORDER_US);
  expect(got).toEqual(['0', 'lost 2']);
  work.expire(2000 + STALL_US - 1);
  expect(got).toEqual(['0', 'lost 2']);
  work.expire(2000 + STALL_US);
  expect(got).toEqual(['0', 'lost 2', 'lost 3']);
});

test('frames of which nothing came are told by those that follow, frames that were never sent are not', () => {
  const packets = packetsOf([0, 1, 5, 6].map((frame) => ({ frame, bytes: 10 })));
  const { work, got } = assembler();
  work.push(packets[0]!, 0);
  work.push(packets[3]!, 10);
  work.expire(10 + REORDER_US);
  expect(got).toEqual(['0', 'lost 1', 'lost 5', '6']);
});

test('another sender begins anew, and what the old one left is lost', () => {
  const { work, got } = assembler();
  const [first, second] = packetsOf([{ frame: 90, bytes: 2000 }]);
  work.push(first!, 0);
  work.push({ ...packetsOf([{ frame: 0, bytes: 10 }])[0]!, stream: 2 }, 10);
  work.push(second!, 20);
  expect(got[0]).toBe('lost 90');
  expect(got).toContain('0');
});

test('whatever a stranger sends, what is held stays within its bounds', () => {
  const hostile = fc.record({
    stream: fc.nat({ max: 1 }),
    sequence: fc.nat({ max: 0xffff_ffff }),
    frame: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 0x7fff_ffff })),
    captureUs: fc.nat(),
    fragment: fc.nat({ max: 3 }),
    fragments: fc.integer({ min: 4, max: 14_000 }),
    sentBefore: fc.nat({ max: 0xffff_ffff }),
    body: fc.uint8Array({ minLength: 1, maxLength: 50 }),
  });
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 300 }), (sent) => {
      const { work } = assembler();
      sent.forEach((fields, i) => {
        const packet = parsePacket(encodePacket(PACKET.frame, fields));
        if (packet !== null) work.push(packet, i);
        expect(work.held.frames).toBeLessThanOrEqual(MAX_OPEN_FRAMES);
      });
      work.expire(1e9);
      expect(work.held).toEqual({ frames: 0, bytes: 0 });
    }),
    { numRuns: 200 },
  );
});

test('frames that never end do not fill the memory', () => {
  const { work } = assembler();
  const body = Buffer.alloc(15_000);
  for (let i = 0; i < 5000; i++) {
    const fields = { stream: 1, sequence: i, frame: Math.floor(i / 1000), fragment: i % 1000, fragments: 14_000, body };
    work.push(parsePacket(encodePacket(PACKET.frame, fields))!, i);
    expect(work.held.bytes).toBeLessThanOrEqual(MAX_OPEN_BYTES);
  }
});
