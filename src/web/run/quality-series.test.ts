import { expect, test, vi } from 'vitest';
import type { WorstFrame } from '#server/quality-wire';
import { qualitySeries } from './quality-series.ts';

vi.stubGlobal('document', { documentElement: {} });
vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => '#000' }));

const worst = [{ frame: 2 }] as unknown as readonly WorstFrame[];
const columns = (value: (number | null)[], identical: number[]) => ({
  metric: 'psnr',
  axis: 'run' as const,
  timeS: [0, 1, 2],
  frame: [0, 1, 2],
  sourceFrame: [0, 1, 2],
  value,
  identical,
  total: 3,
});

test('a frame without bound is a mark above all scores, never a zero in the line', () => {
  const { series, columns: table } = qualitySeries(columns([30, null, 40], [0, 1, 0]), worst);
  expect(series.map(({ label, values }) => [label, values])).toEqual([
    ['PSNR', [30, null, 40]],
    ['identical to the source', [null, 41.2, null]],
    ['worst, with pictures', [null, null, 40]],
  ]);
  expect(series[1]!.format!(41.2)).toBe('identical');
  expect(table.at(-1)!.values).toEqual([30, 'identical', 40]);
});

test('where all frames are the same as the source there is no line at all', () => {
  const { series } = qualitySeries(columns([null, null, null], [1, 1, 1]), []);
  expect(series.map(({ label }) => label)).toEqual(['identical to the source']);
});
