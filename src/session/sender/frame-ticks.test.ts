import { expect, test } from 'vitest';
import fc from 'fast-check';
import { FrameTicks } from './frame-ticks.ts';

const rate = fc.record({ num: fc.integer({ min: 1, max: 240_000 }), den: fc.constantFrom(1, 1000, 1001) });

test('Ticks do not drift: the millionth is where the rate says', () => {
  const ticks = new FrameTicks({ num: 30_000, den: 1001 }, 0, 500);
  for (let i = 0; i < 1_000_000; i++) ticks.advance();
  expect(ticks.dueUs).toBeCloseTo(500 + (1_000_000 * 1001e6) / 30_000, 3);
});

test('A frame is late when more than an interval has passed', () => {
  const ticks = new FrameTicks({ num: 50, den: 1 }, 7, 1_000);
  expect(ticks.isLate(21_000)).toBe(false);
  expect(ticks.isLate(21_001)).toBe(true);
});

test('Another rate keeps number and time of the next frame, whatever came before', () => {
  fc.assert(
    fc.property(rate, rate, fc.nat(1_000), (before, after, count) => {
      const ticks = new FrameTicks(before, 0, 0);
      for (let i = 0; i < count; i++) ticks.advance();
      const { frame, dueUs } = ticks;
      ticks.setRate(after);
      expect([ticks.frame, ticks.dueUs]).toEqual([frame, dueUs]);
      ticks.advance();
      expect(ticks.frame).toBe(frame + 1);
      expect(ticks.dueUs - dueUs).toBeCloseTo((1e6 * after.den) / after.num, 3);
    }),
  );
});

test('The frame at a time is the first that is due then or later, and never one that has passed', () => {
  const ticks = new FrameTicks({ num: 10, den: 1 }, 0, 0);
  for (let i = 0; i < 5; i++) ticks.advance();
  expect(ticks.frameAt(0)).toBe(5);
  expect(ticks.frameAt(600_000)).toBe(6);
  expect(ticks.frameAt(600_001)).toBe(7);
});
