import { expect, test } from 'vitest';
import type { MetricColumn } from '#explore/data/dataset';
import { chosenStats } from './explore-store.ts';

const metric = (name: string, better: MetricColumn['better'] = 'higher'): MetricColumn => ({
  name,
  unit: '1',
  better,
  values: new Float64Array(0),
});
const names = (metrics: readonly MetricColumn[], wanted: readonly string[], isOfQuality: boolean) =>
  chosenStats(metrics, wanted, isOfQuality).map(({ name }) => name);

test('a plot of quality has a quality where nobody chose', () => {
  const metrics = [metric('encode.fps'), metric('quality.loss', 'lower'), metric('quality.psnr')];
  expect(names(metrics, [], true)).toEqual(['quality.psnr']);
  expect(names([...metrics, metric('quality.vmaf')], [], true)).toEqual(['quality.vmaf']);
});

test('what was chosen stays, and other plots and runs without a quality have the usual stat', () => {
  const metrics = [metric('quality.psnr'), metric('encode.fps')];
  expect(names(metrics, ['encode.fps'], true)).toEqual(['encode.fps']);
  expect(names(metrics, [], false)).toEqual(['encode.fps']);
  expect(names([metric('encode.fps')], [], true)).toEqual(['encode.fps']);
});
