import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparisonFormat } from './comparison-format.ts';
import { FrameTally, MAX_NAMED } from './frame-tally.ts';
import { MIN_DISTANCE_S, WorstFrames } from './worst-frames.ts';

test.each([
  ['yuv420p', 'yuv420p', 'yuv420p'],
  ['yuvj420p', 'yuv420p', 'yuv420p'],
  ['nv12', 'yuv420p', 'yuv420p'],
  ['yuv420p10le', 'yuv420p', 'yuv420p10le'],
  ['yuv420p', 'yuv420p10le', 'yuv420p10le'],
  ['yuv444p', 'yuv420p', 'yuv444p'],
  ['yuv422p9le', 'yuv422p10le', 'yuv422p10le'],
  ['yuva420p', 'yuv420p', 'yuv420p'],
  ['bgr0', 'yuv420p', 'yuv444p'],
  ['gbrp12le', 'yuv420p', 'yuv444p12le'],
  ['gray', 'yuv420p', 'gray'],
  ['gray10le', 'yuv420p', 'gray10le'],
  ['yuv411p', 'yuv420p', 'yuv411p'],
  ['yuv411p', 'yuv420p10le', 'yuv444p10le'],
])('a source in %s and an output in %s are compared in %s', (source, output, compared) => {
  expect(comparisonFormat(source, output)).toBe(compared);
});

const scored = fc.array(fc.double({ min: 20, max: 60, noNaN: true }), { maxLength: 200 });
test('of the worst frames no more than wanted are held, none near another, and the very worst is among them', () => {
  fc.assert(
    fc.property(scored, fc.integer({ min: 1, max: 6 }), (values, count) => {
      let held = 0;
      const worst = new WorstFrames<{ timeS: number; value: number }>(count, () => held--);
      for (const [i, value] of values.entries()) {
        const frame = { timeS: i / 24, value };
        if (!worst.takes(frame)) continue;
        worst.add(frame);
        held++;
        expect(held).toBeLessThanOrEqual(count);
      }
      const kept = worst.sorted();
      expect(kept.length).toBe(held);
      if (values.length > 0) expect(kept[0]!.value).toBe(Math.min(...values));
      const times = kept.map(({ timeS }) => timeS).toSorted((a, b) => a - b);
      for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(MIN_DISTANCE_S);
    }),
  );
});

test('a frame that equals its source is never one of the worst', () => {
  expect(new WorstFrames(3, () => {}).takes({ timeS: 0, value: Infinity })).toBe(false);
});

test('frames are counted in full and named up to a bound', () => {
  const tally = new FrameTally();
  for (let i = 0; i < 2 * MAX_NAMED; i++) tally.surplus(i);
  tally.pair(0);
  tally.pair(0);
  tally.missing(2, 1);
  tally.dropped(2);
  tally.pair(3);
  expect(tally.end()).toEqual({
    compared: 3,
    dropped: { count: 2, first: [1, 2] },
    doubled: { count: 1, first: [0] },
    missing: { count: 1, first: [2] },
    surplus: { count: 2 * MAX_NAMED, first: Array.from({ length: MAX_NAMED }, (_, i) => i) },
  });
});
