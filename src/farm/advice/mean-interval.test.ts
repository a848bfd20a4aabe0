import { expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import { drawNormal } from '../simulate/draws.ts';
import { meanInterval } from './mean-interval.ts';

test('the bounds hold the truth in 95 of 100 samples, small ones too', () => {
  const random = seededRandom(2);
  for (const size of [5, 12]) {
    let held = 0;
    for (let i = 0; i < 4000; i++) {
      const { low, high } = meanInterval(Array.from({ length: size }, () => 3 + drawNormal(random)));
      if (low <= 3 && high >= 3) held++;
    }
    // A standard deviation of such a count is 0.34 %.
    expect(Math.abs(held / 4000 - 0.95)).toBeLessThan(0.014);
  }
});

test('one number tells nothing of its spread', () => {
  expect(meanInterval([4])).toEqual({ value: 4, low: -Infinity, high: Infinity });
});
