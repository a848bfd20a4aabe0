import { expect, test } from 'vitest';
import { madeDataset } from '../../../test/explore/made-dataset.ts';
import { keepBrushed } from './keep-brushed.ts';

test('a filter is kept of each setting that the brushed runs have fewer values of', () => {
  const data = madeDataset({ codec: ['x264', 'vp9', 'av1'], bitrate: ['1M', '2M'] });
  const rows = Uint32Array.of(0, 1, 2, 3, 4, 5);
  expect(keepBrushed(data, rows, Uint32Array.of(1, 2, 4))).toEqual([
    { kind: 'values', property: 'codec', values: ['vp9', 'av1'] },
  ]);
  expect(keepBrushed(data, rows, rows)).toEqual([]);
  expect(keepBrushed(data, rows, new Uint32Array(0))).toEqual([]);
});

test('runs without a setting are kept where they were brushed, and left out where they were not', () => {
  const whole = madeDataset({ preset: ['12', 'fast'] });
  const data = { ...whole, properties: [{ ...whole.properties[0]!, codes: Int32Array.of(0, -1) }] };
  const rows = Uint32Array.of(0, 1);
  expect(keepBrushed(data, rows, Uint32Array.of(1))).toEqual([
    { kind: 'values', property: 'preset', values: [], absent: true },
  ]);
  expect(keepBrushed(data, rows, Uint32Array.of(0))).toEqual([{ kind: 'values', property: 'preset', values: ['12'] }]);
  expect(keepBrushed(data, rows, rows)).toEqual([]);
});
