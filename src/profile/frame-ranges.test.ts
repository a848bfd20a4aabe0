import { expect, test } from 'vitest';
import { FRAME_TYPES } from '#core/recording';
import { chooseFrames, countOfShare, frameRanges } from './frame-ranges.ts';
import { framesAtOnce, frameSpans, usualWay, type FrameTimes } from './frame-times.ts';
import { parseFrameChoice } from './frame-ranges-text.ts';

const [I, P, B] = ['I', 'P', 'B'].map((type) => FRAME_TYPES.indexOf(type as 'I')) as [number, number, number];

/** Ten frames, one after the other: 1 ms in calls, the third 5 ms; each keyframe stands at a fifth. */
const oneByOne = {
  frame: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  startUs: [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000],
  busyUs: [1000, 1000, 5000, 1000, 1000, 1000, 1000, 1000, 1000, -1],
  delayUs: [1000, 1000, 5000, 1000, 1000, 1000, 1000, 1000, 1000, -1],
  type: [I, P, B, P, B, I, P, B, P, B],
  key: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
  bytes: [900, 50, 20, 50, 20, 800, 50, 20, 50, 20],
} satisfies FrameTimes;
/** The same in an encoder that holds four frames: each is given out three frames later. */
const ahead = { ...oneByOne, delayUs: [31, 31, 31, 31, 31, 31, 31, 31, 31, 31].map((ms) => ms * 1000) };

const chosen = (text: string) => [...chooseFrames(oneByOne, parseFrameChoice(text))];

test('frames are chosen by speed, size, type, number, key and time', () => {
  expect(chosen('slowest:1%')).toEqual([2]);
  expect(chosen('largest:20%')).toEqual([0, 5]);
  expect(chosen('keyframes')).toEqual([0, 5]);
  expect(chosen('others')).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
  expect(chosen('frames:3-4,9,77')).toEqual([3, 4, 9]);
  expect(chosen('type:B')).toEqual([2, 4, 7, 9]);
  expect(chosen('around:0.0215/0.001')).toEqual([2]);
});

test('frames that are encoded one by one have exact times, and what has no time is told', () => {
  const made = frameRanges(oneByOne, chooseFrames(oneByOne, parseFrameChoice('type:B')), 'calls', 7);
  expect([...made.rangesNs]).toEqual([20e6 + 7, 25e6 + 7, 40e6 + 7, 41e6 + 7, 70e6 + 7, 71e6 + 7]);
  expect(made).toMatchObject({ frames: 3, unknown: 1, inside: 1 });
  expect(made.exactness).toMatch(/in their own calls\. It is exact.* Of 1 more no time is known/);
});

test('an encoder that looks ahead works on others too, and the sentence says on how many', () => {
  const row = Uint32Array.of(5);
  const calls = frameRanges(ahead, row, 'calls');
  expect([...calls.rangesNs]).toEqual([50e6, 51e6]);
  expect(calls.inside).toBeCloseTo(4);
  expect(calls.exactness).toMatch(/3\.0 other frames/);
  expect([...frameRanges(ahead, row, 'way').rangesNs]).toEqual([50e6, 81e6]);
  // Its packet came at 81 ms, the one before at 71 ms.
  expect([...frameRanges(ahead, row, 'output').rangesNs]).toEqual([71e6, 81e6]);
});

test('no frame has no time', () => {
  const none = frameRanges(oneByOne, new Uint32Array(0));
  expect(none.rangesNs.length).toBe(0);
  expect(none.inside).toBeNaN();
});

test('the usual time is that of the calls where frames come out one by one, and that before the packets where several are inside', () => {
  expect(usualWay(oneByOne)).toBe('calls');
  expect(usualWay(ahead)).toBe('output');
  expect(framesAtOnce(oneByOne)).toBe(1);
  expect(framesAtOnce(ahead)).toBeCloseTo(310 / 121);
  const untimed = { ...oneByOne, startUs: oneByOne.startUs.map(() => NaN) };
  expect([framesAtOnce(untimed), usualWay(untimed)]).toEqual([NaN, 'calls']);
});

test('a hard frame in an encoder that looks ahead is the slow one, and not the frame that came in while it was worked on', () => {
  // Frame 4 holds up the call of frame 7 and all that comes after it, by 40 ms.
  const late = (row: number) => (row > 3 ? 40_000 : 0);
  const held: FrameTimes = {
    ...ahead,
    startUs: ahead.startUs.map((us, row) => us + (row > 7 ? 40_000 : 0)),
    busyUs: ahead.busyUs.map((us, row) => (row === 7 ? 41_000 : us)),
    delayUs: ahead.delayUs.map((us, row) => us + late(row) - (row > 7 ? 40_000 : 0)),
  };
  expect([...chooseFrames(held, { kind: 'slowest', percent: 10 })]).toEqual([4]);
  expect([...chooseFrames(held, { kind: 'slowest', percent: 10 }, 'calls')]).toEqual([7]);
  expect([...frameRanges(held, Uint32Array.of(4)).rangesNs]).toEqual([61e6, 111e6]);
  // Until the first packet came at 31 ms frames only went in: the last one at 30 ms.
  expect(frameSpans(held, 'output').fromUs[0]).toBe(30_000);
});

test('the slowest 1 % are at least that share of the frames, and no more than that takes', () => {
  expect([1, 100, 101, 240, 300, 700].map((frames) => countOfShare(frames, 0.01))).toEqual([1, 1, 2, 3, 3, 7]);
  expect(countOfShare(0, 0.01)).toBe(0);
  expect(countOfShare(3, 1)).toBe(3);
});
