import { expect, test } from 'vitest';
import { AwaitedFrames } from './awaited-frames.ts';

/** Frames of one codec every 100 ms. */
function pass(frames: AwaitedFrames, codec: string, count: number, isTold = true): boolean {
  return frames.passed(
    codec,
    Array.from({ length: count }, (_, i) => i * 100_000),
    isTold,
  );
}

test('a client is blind when frames went by for a second and its log told of none, until it tells of one', () => {
  const frames = new AwaitedFrames();
  expect(pass(frames, 'vp8', 10)).toBe(true);
  expect(frames.isBlind).toBe(false);
  expect(pass(frames, 'vp8', 12)).toBe(true);
  expect(frames.isBlind).toBe(true);
  frames.decoded('vp8');
  expect(frames.isBlind).toBe(false);
  frames.passed('vp8', [5e6], true);
  expect(frames.isBlind).toBe(false);
});

test('where nobody writes the log, and of mjpeg that the client decodes by itself, nothing is awaited', () => {
  const frames = new AwaitedFrames();
  expect(pass(frames, 'vp8', 30, false)).toBe(false);
  expect(pass(frames, 'mjpeg', 30)).toBe(false);
  expect(frames.isBlind).toBe(false);
  // A client without a decoder of its own for it.
  frames.decoded('mjpeg');
  expect(pass(frames, 'mjpeg', 30)).toBe(true);
  expect(frames.isBlind).toBe(true);
  // The server goes on with mjpeg again, of which the log of another client tells nothing.
  expect(pass(new AwaitedFrames(), 'mjpeg', 30)).toBe(false);
});
