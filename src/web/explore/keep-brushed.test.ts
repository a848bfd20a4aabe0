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
