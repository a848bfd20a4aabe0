import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FramePacer } from './frame-pacer.ts';

/** Numbers of the source frames that are shown, one for each output frame. */
function shown(
  times: readonly number[],
  timeBase: { num: number; den: number },
  rate: { num: number; den: number },
  sourceRate: { num: number; den: number },
  lastTicks = 1,
) {
  const pacer = new FramePacer(timeBase, rate, sourceRate);
  const frames: number[] = [];
  times.forEach((ticks, i) => frames.push(...Array.from({ length: pacer.next(ticks) }, () => i - 1)));
  frames.push(...Array.from({ length: pacer.end(lastTicks) }, () => times.length - 1));
  return frames;
}

const rate = fc.record({ num: fc.integer({ min: 1, max: 240 }), den: fc.constantFrom(1, 2, 3) });

test('the same rate shows every frame once', () => {
  fc.assert(
    fc.property(rate, fc.integer({ min: 1, max: 300 }), (same, count) => {
      const frames = Array.from({ length: count }, (_, i) => i);
      expect(shown(frames, { num: same.den, den: same.num }, same, same)).toEqual(frames);
    }),
  );
});

test('any other rate keeps the order and the length, and shows at each time the nearest frame', () => {
  fc.assert(
    fc.property(rate, rate, fc.integer({ min: 1, max: 200 }), (from, to, count) => {
      const frames = Array.from({ length: count }, (_, i) => i);
      const result = shown(frames, { num: from.den, den: from.num }, to, from);
      const [sourceRate, outputRate] = [from.num / from.den, to.num / to.den];
      expect(Math.abs(result.length - (count / sourceRate) * outputRate)).toBeLessThanOrEqual(1);
      result.forEach((frame, k) => {
        if (k > 0) expect(frame).toBeGreaterThanOrEqual(result[k - 1]!);
        const wanted = (k / outputRate) * sourceRate;
        if (wanted < count - 1) expect(Math.abs(frame - wanted)).toBeLessThanOrEqual(0.5 + 1e-5);
      });
    }),
  );
});

test('a pause shows the frame before it until halfway, and the one behind it from there', () => {
  expect(shown([0, 1, 5, 6], { num: 1, den: 10 }, { num: 10, den: 1 }, { num: 10, den: 1 })).toEqual([
    0, 1, 1, 1, 2, 2, 3,
  ]);
});

test('behind a pause the last frame lasts as long as it says, or as the average where it does not say', () => {
  const tenth = [
    { num: 1, den: 10 },
    { num: 10, den: 1 },
    { num: 10, den: 1 },
  ] as const;
  expect(shown([0, 1, 2, 8], ...tenth, 2)).toHaveLength(8 + 2);
  expect(shown([0, 1, 2, 9], ...tenth, 0)).toHaveLength(9 + 3);
  expect(shown([4], ...tenth, 0)).toEqual([0]);
});
