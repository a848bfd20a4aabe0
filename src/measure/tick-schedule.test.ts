import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTick } from './tick-schedule.ts';

const INTERVAL = 10_000;

test('ticks stay on the grid without drift, however late each is taken', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 60 }), (delays) => {
      const start = 123;
      let tick = 0;
      let taken = start;
      for (const delay of delays) {
        const next = nextTick(start, INTERVAL, tick, taken);
        const due = start + next * INTERVAL;
        expect(next).toBeGreaterThan(tick);
        // Neither bunched behind a late one, nor further away than the grid asks for.
        expect(due - taken).toBeGreaterThanOrEqual(INTERVAL / 4);
        expect(due - taken).toBeLessThanOrEqual(INTERVAL * 1.25);
        tick = next;
        taken = due + delay;
      }
    }),
  );
});

test('a timer that fires too early does not take its tick twice', () => {
  expect(nextTick(0, INTERVAL, 5, 49_600)).toBe(6);
});

test('missed ticks are skipped', () => {
  expect(nextTick(0, INTERVAL, 5, 93_000)).toBe(10);
  expect(nextTick(0, INTERVAL, 5, 98_000)).toBe(11);
});
