import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simplestBetween } from './fraction.ts';
import { constantFrameRate } from './frame-rate.ts';

const timesOf = (
  rate: { num: number; den: number },
  timeBase: { num: number; den: number },
  frames: number,
  startS = 0,
) =>
  Float64Array.from({ length: frames }, (_, i) =>
    Math.round(((startS + (i * rate.den) / rate.num) * timeBase.den) / timeBase.num),
  );
const milliseconds = { num: 1, den: 1000 };
const ninetyKilohertz = { num: 1, den: 90_000 };
const rates = [24, 25, 30, 50, 60, 120].flatMap((n) => [
  { num: n, den: 1 },
  ...(n === 25 || n === 50 ? [] : [{ num: n * 1000, den: 1001 }]),
]);

test('usual rates are found exactly in milliseconds and in 90 kHz, wherever the stream starts', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...rates),
      fc.constantFrom(milliseconds, ninetyKilohertz),
      fc.integer({ min: 1001, max: 4000 }),
      fc.double({ min: 0, max: 9, noNaN: true }),
      (rate, timeBase, frames, start) => {
        expect(constantFrameRate(timesOf(rate, timeBase, frames, start), timeBase, [])).toEqual(rate);
      },
    ),
  );
});

test('a short clip that fits two rates takes the one that the container declares', () => {
  const times = timesOf({ num: 24000, den: 1001 }, milliseconds, 12);
  expect(constantFrameRate(times, milliseconds, [{ num: 24000, den: 1001 }])).toEqual({ num: 24000, den: 1001 });
  expect(constantFrameRate(times, milliseconds, [{ num: 24, den: 1 }])).toEqual({ num: 24, den: 1 });
});

test('an unusual rate with equal durations is told exactly', () => {
  expect(constantFrameRate(timesOf({ num: 90_000, den: 2999 }, ninetyKilohertz, 41), ninetyKilohertz, [])).toEqual({
    num: 90_000,
    den: 2999,
  });
});

test('a missing frame, a pause or jitter is a variable rate', () => {
  const even = [...timesOf({ num: 25, den: 1 }, milliseconds, 100)];
  expect(constantFrameRate(Float64Array.from(even.toSpliced(50, 1)), milliseconds, [])).toBeNull();
  expect(constantFrameRate(Float64Array.from(even.map((t, i) => (i > 60 ? t + 500 : t))), milliseconds, [])).toBeNull();
  expect(constantFrameRate(Float64Array.from(even.map((t, i) => t + (i % 5) * 3)), milliseconds, [])).toBeNull();
});

test('in ticks as long as a frame only equal durations are constant', () => {
  expect(constantFrameRate(Float64Array.of(0, 1, 2, 3, 4), { num: 1, den: 25 }, [])).toEqual({ num: 25, den: 1 });
  expect(constantFrameRate(Float64Array.of(0, 1, 3, 4, 5), { num: 1, den: 25 }, [])).toBeNull();
});

test('the simplest fraction between two numbers lies between them, and none is simpler', () => {
  expect(simplestBetween(0.33, 0.34, 1000)).toEqual({ num: 1, den: 3 });
  expect(simplestBetween(23.97, 23.98, 1000)).toEqual({ num: 815, den: 34 });
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 500, noNaN: true }),
      fc.double({ min: 1e-4, max: 1, noNaN: true }),
      (low, width) => {
        const found = simplestBetween(low, low + width, 1_000_000)!;
        expect(found.num / found.den).toBeGreaterThan(low);
        expect(found.num / found.den).toBeLessThan(low + width);
        for (let den = 1; den < Math.min(found.den, 200); den++)
          expect((Math.floor(low * den) + 1) / den).toBeGreaterThanOrEqual(low + width);
      },
    ),
  );
});
