import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallTimes } from './call-times.ts';
import { stepsOfCalls, stepsOfStats } from './encode-steps.ts';

/** Calls of an encoder as ffmpeg 5.1 tells them: `give[i]` packets come out when frame i goes in. */
function calls(give: readonly number[], drained: number, isApart = true) {
  const encode = new CallTimes();
  const flush = new CallTimes();
  let timeUs = 0;
  for (const [frame, packets] of give.entries()) {
    timeUs += 100;
    encode.add((timeUs += 1000 + frame), 1000 + frame, isApart);
    for (let packet = 0; packet < packets; packet++) encode.add((timeUs += 3), 3, false);
  }
  for (let packet = 0; packet <= drained; packet++) flush.add((timeUs += 50), 50, packet === 0);
  return { encode, flush };
}

test('an encoder that holds three frames gives each packet when a later frame goes in', () => {
  const { encode, flush } = calls([0, 0, 0, 1, 1], 3);
  const steps = stepsOfCalls(Int32Array.from([0, 3, 1, 2, 4]), encode, flush)!;
  expect([...steps.frame]).toEqual([0, 3, 1, 2, 4]);
  expect([...steps.busyUs]).toEqual([1000, 1003, 1001 + 50, 1002 + 50, 1004 + 50]);
  // Frame 0 goes in at 100 and its packet comes with frame 3.
  expect(steps.startUs[0]).toBe(100);
  expect(steps.durationUs[0]).toBe(encode.endUs[3]! - 100);
});

test('whatever the delay is, each frame has its own call, and busy times add up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 20 }),
      fc.boolean(),
      (frames, delay, isApart) => {
        const held = Math.min(frames, delay);
        const { encode, flush } = calls(
          Array.from({ length: frames }, (_, i) => (i < held ? 0 : 1)),
          held,
          isApart,
        );
        const steps = stepsOfCalls(
          Int32Array.from({ length: frames }, (_, i) => i),
          encode,
          flush,
        )!;
        const busy = steps.busyUs.reduce((sum, us) => sum + us, 0);
        expect(busy).toBe(frames * 1000 + (frames * (frames - 1)) / 2 + held * 50);
        for (let i = 0; i < frames; i++) expect(steps.durationUs[i]).toBeGreaterThanOrEqual(1000);
      },
    ),
  );
});

test('an encoder that gives packets irregularly is followed where its calls stand apart, and not guessed otherwise', () => {
  const order = Int32Array.from([0, 1, 2, 3, 4]);
  const irregular = calls([0, 0, 2, 0, 2], 1);
  const steps = stepsOfCalls(order, irregular.encode, irregular.flush)!;
  expect([...steps.busyUs]).toEqual([1000, 1001, 1002, 1003, 1004 + 50]);
  const unclear = calls([0, 0, 2, 0, 2], 1, false);
  const followed = stepsOfCalls(order, unclear.encode, unclear.flush);
  // Its calls fit a constant delay of one as well: then that is what they look like.
  expect(followed === null || followed.frame.length === 5).toBe(true);
});

test('lost and doubled frames are not matched', () => {
  const { encode, flush } = calls([1, 1, 1], 0);
  expect(stepsOfCalls(Int32Array.from([0, 1]), encode, flush)).toBeNull();
  expect(stepsOfCalls(Int32Array.from([0, 1, 7]), encode, flush)).toBeNull();
  const frames = new CallTimes();
  const packets = new CallTimes();
  for (const us of [10, 20, 30]) frames.add(us, -1, true);
  for (const us of [25, 35, 36]) packets.add(us, -1, true);
  const steps = stepsOfStats(Int32Array.from([0, 2, 1]), frames, packets)!;
  expect([...steps.durationUs]).toEqual([15, 5, 16]);
  expect([...steps.busyUs]).toEqual([-1, -1, -1]);
  expect(stepsOfStats(Int32Array.from([0, 1]), frames, packets)).toBeNull();
});
