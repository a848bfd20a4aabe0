import { seededRandom } from '#analysis/random';
import { expect, test } from 'vitest';
import { intervalColumns, intervalNotes, intervalOfMedian } from './median-intervals.ts';

function interval(values: readonly number[]): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const into = { low: NaN, high: NaN };
  intervalOfMedian(sorted, 0, sorted.length, into);
  return [into.low, into.high];
}

test('one value has no interval, equal values have one of no width', () => {
  expect(interval([4])).toEqual([NaN, NaN]);
  expect(interval([4, 4, 4, 4])).toEqual([4, 4]);
});

test('of fewer than 6 runs it is their range, of more it leaves out what lies at both ends', () => {
  expect(interval([3, 8])).toEqual([3, 8]);
  expect(interval([29, 10, 11, 13, 17])).toEqual([10, 29]);
  expect(interval([1, 2, 4, 8, 16, 32])).toEqual([1, 32]);
  expect(interval([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([2, 8]);
});

test.each([6, 7, 9, 16, 30, 60])('95 of 100 intervals of %i runs hold the median that they come from', (count) => {
  const random = seededRandom(count);
  let hits = 0;
  for (let trial = 0; trial < 2_000; trial++) {
    const [low, high] = interval(Array.from({ length: count }, () => random() / 2 ** 32));
    if (low <= 0.5 && 0.5 <= high) hits++;
  }
  expect(hits / 2_000).toBeGreaterThan(0.94);
});

test('nobody calls the range of few runs a 95 % interval', () => {
  const note = (...runs: number[]) => intervalNotes({ runs: Uint32Array.from(runs) }).join();
  expect(note(1, 1)).toBe('each stands for one run: there is no interval');
  expect(note(1, 5, 2)).toBe(
    'whiskers and bands are the range of the runs: fewer than 6 runs have no 95 % interval of their median',
  );
  expect(note(6, 20, 1)).toBe('whiskers and bands are 95 % intervals of the median, by order statistics');
  expect(note(6, 3)).toContain('where they stand for 2 to 5 runs, the range of these');
});

test('a table says of each line what its ends are', () => {
  const of = (...values: number[]) => Float64Array.from(values);
  const medians = { median: of(5, 6, 7), low: of(4, NaN, 1), high: of(6, NaN, 9), runs: Uint32Array.of(3, 1, 6) };
  const [from, to, what] = intervalColumns(medians, 'ms', [2, 1, 0], 'encode.time');
  expect([from!.title, to!.title]).toEqual(['encode.time, from', 'encode.time, to']);
  expect(from!.values).toEqual([1, null, 4]);
  expect(what!.values).toEqual(['95 % interval of the median', null, 'range of the runs']);
});
