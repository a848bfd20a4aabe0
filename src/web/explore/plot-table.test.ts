import { expect, test } from 'vitest';
import { tableCsv } from './plot-table.tsx';

test('the CSV of a plot keeps all digits, names units, quotes what needs it and leaves empty what is absent', () => {
  const csv = tableCsv([
    { title: 'codec', unit: null, values: ['x264', 'a "b", c'] },
    { title: 'encode.fps', unit: 'frame/s', values: [71.123456789, null] },
    { title: 'ssim', unit: '1', values: [NaN, 0.5] },
  ]);
  expect(csv).toBe('codec,encode.fps (frame/s),ssim\r\nx264,71.123456789,\r\n"a ""b"", c",,0.5\r\n');
});
