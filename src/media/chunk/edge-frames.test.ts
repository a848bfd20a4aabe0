import fc from 'fast-check';
import { expect, test } from 'vitest';
import { edgeFrames, keptPictures, keptPlace, tooLarge } from './edge-frames.ts';

test('law: the pictures that are kept are those next to the ends, each at a place of its own, in their order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (frames) => {
      const edge = edgeFrames(frames);
      const kept = Array.from({ length: frames }, (_, frame) => frame).filter((frame) => keptPlace(frame, frames) >= 0);
      expect(kept.map((frame) => keptPlace(frame, frames))).toEqual(kept.map((_, place) => place));
      expect(kept).toHaveLength(keptPictures(frames));
      for (let frame = 0; frame < frames; frame++)
        expect(kept.includes(frame)).toBe(frame < edge || frame >= frames - edge);
    }),
  );
});

test('pictures of 4K are kept, also with ten bits; too large ones are refused with their size', () => {
  expect(tooLarge({ width: 3840, height: 2160, pixelFormat: 'yuv420p10le' }, 1000)).toBeNull();
  expect(tooLarge({ width: 7680, height: 4320, pixelFormat: 'yuv420p' }, 1000)).toBeNull();
  expect(tooLarge({ width: 7680, height: 4320, pixelFormat: 'yuv420p10le' }, 1000)).toBe(
    '20 pictures of 7680x4320 in yuv420p10le are more than is kept of a source (1000 MB)',
  );
  expect(tooLarge({ width: 7680, height: 4320, pixelFormat: 'yuv420p10le' }, 8)).toBeNull();
});
