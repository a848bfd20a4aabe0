import { expect, test } from 'vitest';
import { findFreezes } from './freezes.ts';

/** Times of frames with these intervals between them, ms. */
function shown(...intervalsMs: number[]): number[] {
  let us = 5_000_000;
  return [us, ...intervalsMs.map((ms) => (us += ms * 1000))];
}

const EVEN = Array<number>(10).fill(20);

test('a freeze is 150 ms more than usual, of slow streams three times the usual', () => {
  expect(findFreezes(shown(...EVEN, 169, ...EVEN), NaN).count).toBe(0);
  expect(findFreezes(shown(...EVEN, 170, ...EVEN), NaN)).toEqual({ count: 1, totalUs: 170_000, longestUs: 170_000 });
  const slow = Array<number>(10).fill(100);
  expect(findFreezes(shown(...slow, 299), NaN).count).toBe(0);
  expect(findFreezes(shown(...slow, 300), NaN).count).toBe(1);
});

test('the usual interval is the mean of the thirty before, and with fewer than five nothing is usual', () => {
  expect(findFreezes(shown(20, 20, 20, 20, 5000), NaN).count).toBe(0);
  expect(findFreezes(shown(20, 20, 20, 20, 20, 5000), NaN).count).toBe(1);
  // Thirty later the long intervals of the beginning count no more.
  const start = Array<number>(5).fill(400);
  const after = (count: number) => shown(...start, ...Array<number>(count).fill(20), 200);
  expect(findFreezes(after(27), NaN).count).toBe(0);
  expect(findFreezes(after(30), NaN).count).toBe(1);
});

test('several are added up, and a stream that died is frozen until the end', () => {
  const times = shown(...EVEN, 500, ...EVEN, 300, ...EVEN);
  const last = times.at(-1)!;
  expect(findFreezes(times, last + 20_000)).toEqual({ count: 2, totalUs: 800_000, longestUs: 500_000 });
  expect(findFreezes(times, last + 4_000_000)).toEqual({ count: 3, totalUs: 4_800_000, longestUs: 4_000_000 });
  expect(findFreezes([], 1)).toEqual({ count: 0, totalUs: 0, longestUs: 0 });
});
