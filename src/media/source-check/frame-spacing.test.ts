import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameSpacing } from './frame-spacing.ts';

const milliseconds = { num: 1, den: 1000 };
const even = (frames: number, rate: number) => Array.from({ length: frames }, (_, i) => Math.round((i * 1000) / rate));

test('frames that are taken out of a constant rate are counted, in milliseconds too', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(24, 25, 30000 / 1001, 60),
      fc.integer({ min: 30, max: 250 }),
      fc.integer({ min: 1, max: 12 }),
      (rate, at, missing) => {
        const spacing = frameSpacing(Float64Array.from(even(300, rate).toSpliced(at, missing)), milliseconds);
        expect(spacing.constant).toBe(true);
        expect(spacing.holes).toMatchObject([{ frame: at - 1, missing }]);
      },
    ),
  );
});

test('a constant rate has no holes', () => {
  expect(frameSpacing(Float64Array.from(even(300, 24000 / 1001)), milliseconds)).toEqual({ constant: true, holes: [] });
});

test('a variable rate has none either: jitter, a camera that slows down in the dark, pictures left out on purpose', () => {
  const jitter = even(300, 30).map((time, i) => time + ((i * 7) % 5));
  const slower = [...even(60, 30), ...even(20, 10).map((time) => time + 2000)];
  const thinned = even(300, 30).filter((_, i) => i % 3 !== 1);
  for (const times of [jitter, slower, thinned])
    expect(frameSpacing(Float64Array.from(times), milliseconds).holes).toEqual([]);
});

test('a long pause is told whatever the rate is, and where the rate goes on behind it, how many frames it took', () => {
  const times = even(200, 25).map((time, i) => (i < 100 ? time : time + 4000));
  expect(frameSpacing(Float64Array.from(times), milliseconds)).toMatchObject({
    constant: true,
    holes: [{ frame: 99, lengthS: 4.04, missing: 100 }],
  });
  const jitter = times.map((time, i) => time + ((i * 7) % 5) * 3);
  expect(frameSpacing(Float64Array.from(jitter), milliseconds)).toMatchObject({
    constant: false,
    holes: [{ frame: 99, missing: null }],
  });
});
