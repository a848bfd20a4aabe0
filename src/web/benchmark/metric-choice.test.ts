import { expect, test } from 'vitest';
import { chosenColumns, chosenMetric, EXPECTED_METRICS, STREAM_METRICS } from './metric-choice.ts';
import type { MetricInfo } from './results.ts';

const named = (...names: string[]): MetricInfo[] => names.map((name) => ({ name, unit: 'ms', better: 'lower' }));

test('a benchmark of streams shows what streams are judged by, and one of encodes what encodes are', () => {
  const stream = named('frames', ...STREAM_METRICS, 'encode.fps', 'quality.psnr', 'quality.xpsnr');
  expect(chosenColumns(null, stream)).toEqual([...STREAM_METRICS, 'quality.xpsnr']);
  expect(chosenMetric(null, stream, [])).toBe('stream.rate presented');
  const encode = [...EXPECTED_METRICS, ...named('quality.vmaf')];
  expect(chosenColumns(null, encode)).toEqual([...EXPECTED_METRICS.map(({ name }) => name), 'quality.vmaf']);
  expect(chosenMetric(null, encode, [])).toBe('encode.fps');
});

test('what the address names comes first, and a benchmark of neither shows what it has', () => {
  expect(chosenColumns('b,none', named('a', 'b'))).toEqual(['b']);
  expect(chosenColumns(null, named('a', 'b'))).toEqual(['a', 'b']);
  expect(chosenMetric(null, named('a', 'b'), [{ metric: 'b' }])).toBe('b');
  expect(chosenMetric('a', named('a', 'b'), [{ metric: 'b' }])).toBe('a');
});
