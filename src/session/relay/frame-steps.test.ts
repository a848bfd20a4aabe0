import { expect, test } from 'vitest';
import { PACKET, encodePacket, parsePacket, type Packet } from '../transport/packet.ts';
import { FrameSteps } from './frame-steps.ts';

function steps() {
  const told: string[] = [];
  return {
    told,
    work: new FrameSteps({
      onStep: (stream, frame, step, startUs, durationUs, outcome) =>
        told.push(`${stream} ${frame} ${step} ${startUs}+${durationUs} ${outcome}`),
    }),
  };
}
const piece = (frame: number, fragment: number, fragments: number, stream = 1): Packet =>
  parsePacket(encodePacket(PACKET.frame, { stream, frame, fragment, fragments, body: Buffer.from([1]) }))!;

test('a frame is received when its last packet came, and sent when its last packet left', () => {
  const { work, told } = steps();
  work.arrived(piece(7, 0, 2), 'video', 100);
  work.arrived(piece(7, 1, 2), 'video', 150);
  work.left(piece(7, 0, 2), 'ok', 300);
  work.left(piece(7, 1, 2), 'ok', 400);
  expect(told).toEqual(['video 7 receive 100+50 ok', 'video 7 send 150+250 ok']);
});

test('one lost packet loses its frame', () => {
  const { work, told } = steps();
  for (let i = 0; i < 3; i++) {
    work.arrived(piece(7, i, 3), 'video', i);
    work.left(piece(7, i, 3), i === 0 ? 'lost' : 'ok', i);
  }
  expect(told).toEqual(['video 7 receive 0+2 ok', 'video 7 send 2+0 lost']);
});

test('a frame of which something never came is lost after a while, one that waits in the queue is not', () => {
  const { work, told } = steps();
  work.arrived(piece(1, 0, 2), 'video', 0);
  work.left(piece(1, 0, 2), 'ok', 10);
  work.arrived(piece(2, 0, 1), 'video', 20);
  work.expire(2_000_001);
  work.expire(9_000_000);
  expect(told).toEqual(['video 2 receive 20+0 ok', 'video 1 receive 0+0 lost']);
  work.left(piece(2, 0, 1), 'ok', 9_000_020);
  expect(told.at(-1)).toBe('video 2 send 20+9000000 ok');
});

test('another sender ends what the old one began', () => {
  const { work, told } = steps();
  work.arrived(piece(1, 0, 2), 'video', 0);
  work.left(piece(1, 0, 2), 'ok', 0);
  work.arrived(piece(1, 0, 1, 2), 'video 2', 5);
  expect(told).toEqual(['video 1 receive 0+0 lost', 'video 2 1 receive 5+0 ok']);
});
