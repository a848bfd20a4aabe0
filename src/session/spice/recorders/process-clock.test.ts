import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProcessClock } from './process-clock.ts';

/** Of January 2020, as in the records that are left. */
const AHEAD_US = 1_578_412_081_766_768;

test('a time is never later than it was heard, and too late only by the shortest way', () => {
  const way = fc.integer({ min: 0, max: 400_000 });
  fc.assert(
    fc.property(fc.array(way, { minLength: 1, maxLength: 200 }), fc.boolean(), (ways, isAhead) => {
      const clock = new ProcessClock();
      let shortestUs = Infinity;
      ways.forEach((wayUs, i) => {
        const toldUs = i * 33_333;
        shortestUs = Math.min(shortestUs, wayUs);
        const atUs = clock.at(toldUs + (isAhead ? AHEAD_US : -3_000), toldUs + wayUs);
        expect(atUs).toBe(toldUs + shortestUs);
      });
    }),
    { numRuns: 50 },
  );
});

test('a clock that runs fast or slow is followed: what is older than 20 s is forgotten', () => {
  for (const drift of [1.0005, 0.9995]) {
    const clock = new ProcessClock();
    let worstUs = 0;
    for (let nowUs = 0; nowUs < 600e6; nowUs += 100_000) {
      const atUs = clock.at(Math.round(nowUs * drift), nowUs);
      worstUs = Math.max(worstUs, Math.abs(atUs - nowUs));
    }
    expect(worstUs).toBeLessThanOrEqual(10_001);
  }
});

test('a clock that is set while it runs is read anew', () => {
  const clock = new ProcessClock();
  expect(clock.at(AHEAD_US, 1_000)).toBe(1_000);
  expect(clock.at(AHEAD_US - 3600e6, 2_000)).toBe(2_000);
  expect(clock.at(AHEAD_US - 3600e6 + 500, 2_600)).toBe(2_500);
  expect(clock.at(AHEAD_US + 3600e6, 3_000)).toBe(3_000);
});
