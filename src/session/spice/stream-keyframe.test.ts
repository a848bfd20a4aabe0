import { expect, test } from 'vitest';
import { isKeyframe } from './stream-keyframe.ts';

test.each([
  ['mjpeg', [0xff, 0xd8], true],
  ['vp8', [0x10], true],
  ['vp8', [0x11], false],
  ['vp9', [0x82], true],
  ['vp9', [0x86], false],
  // Shows a frame that was decoded before.
  ['vp9', [0x88], false],
  // Profile 3.
  ['vp9', [0xb0], true],
  ['vp9', [0xb2], false],
  ['vp9', [0x12], null],
  ['h264', [0, 0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1, 0x67, 1], true],
  ['h264', [0, 0, 1, 0x65], true],
  ['h264', [0, 0, 0, 1, 0x41, 0x9a], false],
  ['h264', [0, 0, 0, 1, 0x06, 5, 0, 0, 1, 0x21], false],
  ['h264', [1, 2, 3, 4], null],
  ['h265', [0, 0, 0, 1, 0x40, 1], true],
  ['h265', [0, 0, 1, 0x26, 1], true],
  ['h265', [0, 0, 1, 0x02, 1], false],
  ['codec 9', [0, 0, 1, 0x65], null],
  ['vp8', [], null],
])('a frame of %s that begins with %j: keyframe %s', (codec, bytes, key) => {
  expect(isKeyframe(codec, Uint8Array.from(bytes))).toBe(key);
});
