import { expect, test } from 'vitest';
import type { Threshold } from '#core/benchmark';
import { judge } from './thresholds.ts';

const threshold = (change: Partial<Threshold>): Threshold => ({
  text: 'encode.fps >= 20',
  metric: 'encode.fps',
  statistic: 'median',
  comparison: '>=',
  value: 20,
  where: 'bench.yaml:1:1',
  ...change,
});
const repeats = [19, 20, 40].map((value) => ({ 'encode.fps': { value, unit: 'frame/s', better: 'higher' as const } }));

test('the median of the repeats is judged, or the statistic that is named', () => {
  expect(judge(threshold({}), 'a', repeats)).toMatchObject({ state: 'met', value: 20 });
  expect(judge(threshold({ comparison: '>' }), 'a', repeats).state).toBe('missed');
  expect(judge(threshold({ statistic: 'min' }), 'a', repeats)).toMatchObject({ state: 'missed', value: 19 });
  expect(judge(threshold({ statistic: 'max', comparison: '<=' }), 'a', repeats)).toMatchObject({
    state: 'missed',
    value: 40,
  });
});

test('a metric that nobody measured leaves the threshold unknown, not met', () => {
  expect(judge(threshold({ metric: 'gpu.video' }), 'a', repeats)).toMatchObject({ state: 'unknown', value: null });
  expect(judge(threshold({}), 'a', [])).toMatchObject({ state: 'unknown' });
});

test('a metric whose own name ends in a statistic is judged as that metric', () => {
  const slow = [
    {
      'encode.time': { value: 5, unit: 'ms', better: 'lower' as const },
      'encode.time max': { value: 90, unit: 'ms', better: 'lower' as const },
    },
  ];
  const limit = threshold({ metric: 'encode.time', statistic: 'max', comparison: '<', value: 50 });
  expect(judge(limit, 'a', slow)).toMatchObject({ state: 'missed', value: 90 });
});
