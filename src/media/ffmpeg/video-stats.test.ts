import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FRAME_TYPES } from '#core/recording';
import { movedQuantizers, readVideoStats } from './video-stats.ts';

const folder = mkdtempSync(join(tmpdir(), 'video-stats-'));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (text: string) => {
  const path = join(folder, 'stats');
  writeFileSync(path, text);
  return path;
};

/** As ffmpeg 5.1, 7.0 and, with -vstats_version 1, 4.4 write it. */
const STATS = `out=  0 st=  0 frame=     0 q= 28.0 f_size=    751 s_size=        0kB time= 0.010 br=   144.2kbits/s avg_br=     0.0kbits/s type= I
out=  0 st=  0 frame=     1 q= 26.5 f_size=     18 s_size=        1KiB time= 0.010 br=     3.5kbits/s avg_br=   600.8kbits/s type= P
frame=     2 q= 0.0 f_size=     13 s_size=        1kB time= 0.010 br=     2.5kbits/s avg_br=   615.2kbits/s type= B
out=  0 st=  0 frame=     3 q= -0.0 f_size=     13 s_size=        1kB time= 0.010 br=     2.5kbits/s avg_br=   615.2kbits/s type= ?
`;

test('quantizer and type of each packet are read, and what is not told is not known', async () => {
  const lossless = (await readVideoStats(written(STATS), 'libx264'))!;
  expect(lossless.packets).toBe(4);
  expect([...lossless.quantizer.subarray(0, 4)]).toEqual([28, 26.5, 0, NaN]);
  expect([...lossless.type.subarray(0, 4)].map((code) => FRAME_TYPES[code])).toEqual(['I', 'P', 'B', 'unknown']);
  // Encoders that do not tell a quantizer may write 0.
  const other = (await readVideoStats(written(STATS), 'libsvtav1'))!;
  expect([...other.quantizer.subarray(0, 4)]).toEqual([28, 26.5, NaN, NaN]);
});

test('long files are read whole, and a missing one is none', async () => {
  const line = STATS.split('\n')[0]!;
  expect(await readVideoStats(written(`${line}\n`.repeat(10_000)), 'libx264')).toMatchObject({ packets: 10_000 });
  expect(await readVideoStats(join(folder, 'missing'), 'libx264')).toBeNull();
});

test('quantizers that x264 tells early are moved to their packets', async () => {
  const stats = (await readVideoStats(written(STATS), 'libx264'))!;
  const described = 'x264 - core 164 - H.264/MPEG-4 AVC codec - options: cabac=1 threads=3 sliced_threads=0';
  expect([...movedQuantizers(stats, 'libx264', described)]).toEqual([NaN, NaN, 28, 26.5]);
  expect([...movedQuantizers(stats, 'libx264', described.replace('sliced_threads=0', 'sliced_threads=1'))]).toEqual([
    28,
    26.5,
    0,
    NaN,
  ]);
  expect([...movedQuantizers(stats, 'libx265', null)]).toEqual([28, 26.5, 0, NaN]);
});
