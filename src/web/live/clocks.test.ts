import { expect, test } from 'vitest';
import { CollectorClock } from './collector-clock.ts';
import { alignedBy } from './recorded-clock.ts';
import { StepLine } from './step-line.ts';
import { numberOf } from './live-store.ts';

test('the collector’s time is told by the message that was least late', () => {
  const clock = new CollectorClock();
  expect(clock.at(5)).toBeNaN();
  clock.hear(100, 5.3);
  clock.hear(101, 6.02);
  clock.hear(102, 7.5);
  expect(clock.at(8)).toBeCloseTo(102.98);
  clock.forget();
  expect(clock.at(8)).toBeNaN();
});

test('a recorded clock goes in straight lines between what was told, and is level outside', () => {
  const line = { timeUs: [1_000, 3_000], offsetUs: [100, 300] };
  expect([0, 1_000, 2_000, 3_000, 9_000].map((at) => alignedBy(line, at))).toEqual([-100, 900, 1_800, 2_700, 8_700]);
  expect(alignedBy({ timeUs: [], offsetUs: [] }, 5)).toBeNaN();
});

test('a requested value holds until the next, and the only one since the first frame', () => {
  const line = new StepLine();
  const points = () => Array.from({ length: line.length }, (_, i) => [line.times[i], line.values[i]]);
  line.set(5, 30);
  line.set(6, 30);
  line.span(2, 9);
  expect(points()).toEqual([
    [2, 30],
    [9, 30],
  ]);
  line.set(10, 60);
  line.span(2, 12);
  expect(points()).toEqual([
    [5, 30],
    [10, 30],
    [10, 60],
    [12, 60],
  ]);
});

test('numbers are read as a person writes them', () => {
  expect(['4M', '800k', '1.5M', 60, '59.94'].map(numberOf)).toEqual([4e6, 8e5, 1.5e6, 60, 59.94]);
  expect(['', undefined, 'source', '30/x'].every((value) => Number.isNaN(numberOf(value)))).toBe(true);
});
