import { expect, test } from 'vitest';
import { EncodeLog, errorsIn, readableLog } from './encode-log.ts';

/** As Debian's ffmpeg 5.1 wrote it, shortened. */
const LOG = `[info] Input #0, lavfi, from 'testsrc2':
[libx264 @ 0x55f0c36b7740] [info] using cpu capabilities: MMX2 SSE2Fast SSSE3 SSE4.2 AVX FMA3 BMI2 AVX2
[info] Output #0, matroska, to 'file:out.mkv':
[info] bench:      100 user        0 sys      500 real decode_video 0.0 
[info] bench:       71 user       15 sys       87 real encode_video 0.0 
[info] bench:       14 user        0 sys       14 real decode_video 0.0 
[info] bench:     7593 user    56850 sys    64794 real encode_video 0.0 
[info] bench:       13 user       26 sys       41 real encode_video 0.0 
[info] bench:       13 user       26 sys     9999 real encode_audio 0.1 
[info] bench:     1736 user        0 sys     1172 real flush_video 0.0 
[info] bench:        5 user        0 sys        5 real flush_video 0.0 
[warning] deprecated pixel format used, make sure you did set range correctly
`;

test('times of calls are read from a log in pieces of any size, and end when they came', () => {
  for (const size of [1, 7, 64, 10_000]) {
    let opened = 0;
    let flushed = 0;
    const log = new EncodeLog(
      () => opened++,
      () => flushed++,
    );
    const bytes = Buffer.from(LOG);
    for (let at = 0; at < bytes.length; at += size) log.push(bytes.subarray(at, at + size), 1_000_000 + at);
    expect([...log.encode.tookUs.subarray(0, log.encode.count)]).toEqual([87, 64794, 41]);
    expect([...log.encode.apart.subarray(0, log.encode.count)]).toEqual([1, 1, 0]);
    expect([...log.flush.tookUs.subarray(0, log.flush.count)]).toEqual([1172, 5]);
    expect(opened).toBe(1);
    expect(flushed).toBeGreaterThan(0);
    expect(log.text).not.toContain('bench');
    expect(log.text).toContain('[warning] deprecated');
  }
});

test('calls that are told together ended one after the other', () => {
  const log = new EncodeLog(
    () => {},
    () => {},
  );
  log.push(Buffer.from(LOG), 1_000_000);
  const [second, third] = [log.encode.endUs[1]!, log.encode.endUs[2]!];
  expect(log.flush.endUs[1]).toBe(1_000_000);
  expect(log.flush.endUs[0]).toBe(1_000_000 - 5);
  expect(third).toBe(1_000_000 - 5 - 1172 - 9999);
  expect(second).toBe(third - 41);
  expect(log.encode.endUs[0]).toBe(second - 64_794 - 14);
});

test('errors are told once, without what follows from them', () => {
  const log = `[info] Input #0
[libx264 @ 0x5581] [error] Error setting preset/tune nonsense/(null).
[libx264 @ 0x5581] [info] Possible presets: ultrafast superfast
[libx264 @ 0x5581] [error] Error setting preset/tune nonsense/(null).
[fatal] Conversion failed!
`;
  expect(errorsIn(log)).toEqual(['Error setting preset/tune nonsense/(null).']);
  expect(readableLog(log).split('\n')[0]).toBe('libx264: Error setting preset/tune nonsense/(null).');
  expect(readableLog(log)).not.toContain('Input');
});

test('a log without an end keeps its end only', () => {
  const log = new EncodeLog(
    () => {},
    () => {},
  );
  for (let i = 0; i < 20_000; i++) log.push(Buffer.from(`[warning] line ${i} of a damaged source\n`), i);
  expect(log.text.length).toBeLessThan(70_000);
  expect(log.text).toContain('line 19999 of');
});
