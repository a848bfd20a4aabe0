import { expect, test } from 'vitest';
import { chooseThreads, type Scaled } from './choose-threads.ts';

const GB = 1e9;
const SIXTEEN = { cores: 16, memoryBytes: 64 * GB };

/** An encoder of which each doubling of threads makes an item 1.7 times as quick. */
const scaling = (memoryBytes: number): Scaled[] =>
  [1, 2, 4, 8, 16].map((threads) => {
    const speed = 1.7 ** Math.log2(threads);
    return { threads, durationS: 100 / speed, cores: threads * 0.95, memoryBytes };
  });

test('many items get one thread each, one item gets all cores, and what is between is between', () => {
  const chosen = (items: number) => chooseThreads(items, scaling(GB), SIXTEEN);
  expect(chosen(1_000)).toBe(1);
  expect(chosen(16)).toBe(1);
  expect(chosen(8)).toBe(2);
  expect(chosen(4)).toBe(4);
  expect(chosen(1)).toBe(16);
});

test('where memory holds only a few at once, each gets more threads', () => {
  expect(chooseThreads(1_000, scaling(16 * GB), SIXTEEN)).toBe(4);
  expect(chooseThreads(1_000, scaling(60 * GB), SIXTEEN)).toBe(16);
});

test('threads that bring nothing are not given', () => {
  const flat = [1, 2, 4].map((threads) => ({ threads, durationS: 100, cores: 1, memoryBytes: GB }));
  expect(chooseThreads(1, flat, SIXTEEN)).toBe(1);
  expect(chooseThreads(100, flat, { cores: 2, memoryBytes: 4 * GB })).toBe(1);
});
