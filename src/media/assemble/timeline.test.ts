import { expect, test } from 'vitest';
import { timelineFault } from './timeline.ts';

/** @param pts of packets in the order of decoding; `keys` are those of keyframes */
function fault(
  pts: readonly number[],
  keys: readonly number[],
  expected: readonly number[],
  keyframes: readonly number[],
) {
  const packets = {
    pts: Float64Array.from(pts),
    key: Uint8Array.from(pts, (each) => (keys.includes(each) ? 1 : 0)),
    bytes: new Uint32Array(pts.length),
  };
  return timelineFault(packets, expected, keyframes);
}

test('every frame at its time, in any order of decoding, is as planned', () => {
  expect(fault([0, 20, 10, 30, 50, 40], [0, 30], [0, 10, 20, 30, 40, 50], [0, 3])).toBeNull();
});

test.each([
  [
    'a time that is off by a tick',
    [0, 11, 20],
    [0],
    [0, 10, 20],
    [0],
    'frame 1 is shown at 11 ticks where 10 are planned',
  ],
  [
    'the right count at the wrong times',
    [0, 10, 30],
    [0],
    [0, 10, 20],
    [0],
    'frame 2 is shown at 30 ticks where 20 are planned',
  ],
  ['a frame twice', [0, 10, 10], [0], [0, 10, 20], [0], 'frame 2 is shown at 10 ticks where 20 are planned'],
  ['a frame too few', [0, 10], [0], [0, 10, 20], [0], '2 frames are there where 3 are planned'],
  ['a frame too many', [0, 10, 20], [0], [0, 10], [0], '3 frames are there where 2 are planned'],
  [
    'a keyframe too many',
    [0, 10, 20],
    [0, 10],
    [0, 10, 20],
    [0],
    'a keyframe stands at 10 ticks, where none is planned',
  ],
  ['a keyframe too few', [0, 10, 20], [0], [0, 10, 20], [0, 2], 'no keyframe stands at frame 2 (20 ticks)'],
  ['a keyframe too late', [0, 10, 20], [0, 20], [0, 10, 20], [0, 1], 'no keyframe stands at frame 1 (10 ticks)'],
])('%s is found', (_, pts, keys, expected, keyframes, words) => {
  expect(fault(pts, keys, expected, keyframes)).toBe(words);
});
