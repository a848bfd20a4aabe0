import { expect, test } from 'vitest';
import { TimeLeft } from './time-left.ts';

const run = (cell: string, group: string) => ({ cell, group });

test('nothing is forecast from nothing', () => {
  expect(new TimeLeft().forecast([run('a', 'x')])).toBeNull();
});

test('a cell that ran before is forecast from itself, one that did not from its group', () => {
  const left = new TimeLeft();
  left.learn(run('slow 1M', 'slow'), 10);
  left.learn(run('fast 1M', 'fast'), 1);
  expect(left.forecast([run('slow 1M', 'slow')])?.middle).toBeCloseTo(10);
  expect(left.forecast([run('slow 4M', 'slow'), run('fast 4M', 'fast')])?.middle).toBeCloseTo(11);
});

test('the less is known the wider the interval', () => {
  const left = new TimeLeft();
  left.learn(run('a', 'x'), 10);
  const width = (r: { cell: string; group: string }) => {
    const { low, high } = left.forecast([r])!;
    return high / low;
  };
  expect(width(run('a', 'x'))).toBeLessThan(width(run('b', 'x')));
  expect(width(run('b', 'x'))).toBeLessThan(width(run('c', 'y')));
});

test('nothing to do takes no time', () => {
  expect(new TimeLeft().forecast([])).toEqual({ low: 0, middle: 0, high: 0 });
});

test('a run that is many units of what was learned takes as many times as long, with the same doubt', () => {
  const left = new TimeLeft();
  left.learn(run('a', 'x'), 0.5);
  const one = left.forecast([run('a', 'x')])!;
  const many = left.forecast([{ ...run('a', 'x'), times: 30 }])!;
  expect(many.middle).toBeCloseTo(15);
  expect(many.high / many.low).toBeCloseTo(one.high / one.low);
});
