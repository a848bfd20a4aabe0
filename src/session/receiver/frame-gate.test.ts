import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameGate, MAX_WAITING_FRAMES, MAX_WAIT_US } from './frame-gate.ts';

const config = { config: 0, codec: 'h264', width: 2, height: 2, frameRate: 30, extraData: null };

/** A gate and all that it did, as words. */
function gate() {
  const told: string[] = [];
  const work = new FrameGate({
    onDropped: ({ media }, outcome) => told.push(`${media.frame} ${outcome}`),
    onKeyframeWanted: () => told.push('keyframe!'),
  });
  const push = (frame: number, key: boolean, sinceUs = frame) => {
    const media = { config: 0, frame, captureUs: 0, key, sourceFrame: -1, data: Buffer.alloc(10) };
    work.push({ media, config, stream: 'video', sinceUs });
  };
  return { work, told, push, take: () => work.take()?.media.frame };
}

test('nothing is decoded before the first keyframe, and after a loss nothing before the next', () => {
  const { work, told, push, take } = gate();
  push(0, false);
  push(1, true);
  push(2, false);
  work.lost();
  push(4, false);
  push(5, true);
  expect([take(), take(), take(), take()]).toEqual([1, 2, 5, undefined]);
  expect(told).toEqual(['0 waiting', 'keyframe!', '4 waiting']);
});

test('when the decoder is too slow, what waits is given up for a keyframe', () => {
  const { told, push, take } = gate();
  push(0, true, 0);
  push(1, false, MAX_WAIT_US);
  push(2, false, MAX_WAIT_US + 1);
  push(3, false, MAX_WAIT_US + 2);
  push(4, true, MAX_WAIT_US + 3);
  expect(told).toEqual(['0 full', '1 full', '2 full', 'keyframe!', '3 waiting']);
  expect([take(), take()]).toEqual([4, undefined]);
});

test('after a failure the next keyframe that already waits is enough', () => {
  const { work, told, push, take } = gate();
  push(0, true);
  push(1, false);
  push(2, true);
  take();
  work.failed();
  expect(told).toEqual(['1 waiting']);
  expect(take()).toBe(2);
  work.failed();
  expect(told).toEqual(['1 waiting', 'keyframe!']);
});

test('each frame is decoded or told as dropped, once, and the queue stays within its bound', () => {
  const event = fc.constantFrom('key', 'frame', 'frame', 'frame', 'take', 'lost', 'failed');
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300 }), (events) => {
      const { work, told, push, take } = gate();
      let pushed = 0;
      const taken: number[] = [];
      for (const each of events) {
        if (each === 'take') taken.push(...[take()].filter((frame) => frame !== undefined));
        else if (each === 'lost') work.lost();
        else if (each === 'failed') work.failed();
        else push(pushed++, each === 'key', 0);
        expect(work.length).toBeLessThanOrEqual(MAX_WAITING_FRAMES);
      }
      for (let frame = take(); frame !== undefined; frame = take()) taken.push(frame);
      const dropped = told.filter((word) => word !== 'keyframe!').map((word) => Number(word.split(' ')[0]));
      expect([...taken, ...dropped].toSorted((a, b) => a - b)).toEqual(Array.from({ length: pushed }, (_, i) => i));
      expect(taken).toEqual(taken.toSorted((a, b) => a - b));
    }),
  );
});
