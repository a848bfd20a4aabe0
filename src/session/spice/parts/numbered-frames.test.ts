import { expect, test } from 'vitest';
import type { SpiceFrame, SpiceStream } from '../display-streams.ts';
import { NumberedFrames } from './numbered-frames.ts';

const STREAM = { codec: 'vp8', serial: 0 } as SpiceStream;
const frameAt = (firstUs: number, key: boolean | null, bytes = 100): SpiceFrame => ({
  stream: STREAM,
  frame: 0,
  bytes,
  messageBytes: bytes + 12,
  key,
  mmTime: 0,
  width: 640,
  height: 480,
  firstUs,
  lastUs: firstUs + 400,
});

function numbered() {
  const told: string[] = [];
  const frames = new NumberedFrames('video', {
    stream: () => {},
    frame: (frame, _source, us, type, key, bytes) => told.push(`frame ${frame} ${us} ${type} ${key} ${bytes}`),
    step: (frame, step, startUs, durationUs) => told.push(`${step} ${frame} ${startUs}+${durationUs}`),
  });
  return { frames, told };
}

test('a frame has its number, its type where it is known, its passing, and its encoder from the log', () => {
  const { frames, told } = numbered();
  frames.frame(frameAt(1_000, true));
  frames.frame(frameAt(5_000, false, 20));
  frames.frame(frameAt(9_000, null));
  for (const endUs of [900.4, 4_800, 8_990]) frames.server({ element: 'encoder', endUs, durationUs: 300 });
  expect(told).toEqual([
    'frame 0 1000 1 true 100',
    'send 0 1000+400',
    'frame 1 5000 2 false 20',
    'send 1 5000+400',
    'frame 2 9000 0 false 100',
    'send 2 9000+400',
    'encode 0 600+300',
    'encode 1 4500+300',
    'encode 2 8690+300',
  ]);
  expect(frames.last).toEqual({ stream: 'video', frame: 2 });
});

test('a frame ahead is found by the rate of the last frames; where none comes it is the next one', () => {
  const { frames } = numbered();
  expect(frames.last.frame).toBe(-1);
  expect(frames.ahead(500, 0).frame).toBe(0);
  for (let i = 0; i < 100; i++) frames.frame(frameAt(i * 40_000, false));
  const lastUs = 99 * 40_000;
  expect(frames.ahead(500, lastUs).frame).toBe(100 + 13);
  expect(frames.ahead(0, lastUs).frame).toBe(100);
  expect(frames.ahead(500, lastUs + 2e6).frame).toBe(100);
});
