import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pixelScale, valueScale } from './axis-scale.ts';
import { measureAxis } from './measure-axis.ts';

const values = fc.double({ min: -1e9, max: 1e9, noNaN: true, noDefaultInfinity: true });

test('an axis holds its values between ticks, and bars have their zero', () => {
  fc.assert(
    fc.property(values, values, fc.integer({ min: 40, max: 900 }), fc.boolean(), (a, b, lengthPx, fromZero) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const axis = measureAxis({ name: 'm', unit: '1', low, high, lengthPx, fromZero });
      if (axis.kind !== 'linear') throw new Error('not linear');
      const reach = (axis.high - axis.low) * 1e-6;
      expect(axis.low).toBeLessThanOrEqual(low + reach);
      expect(axis.high).toBeGreaterThanOrEqual(high - reach);
      expect(axis.high).toBeGreaterThan(axis.low);
      expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
      expect(axis.ticks.length).toBeLessThan(4 + lengthPx / 12);
      expect([axis.ticks[0]!.at, axis.ticks.at(-1)!.at]).toEqual([axis.low, axis.high]);
      if (fromZero) expect(axis.low <= 0 && axis.high >= 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('an axis stands still while values come in between its ends', () => {
  const axis = (high: number) => measureAxis({ name: 'm', unit: 'ms', low: 3, high, lengthPx: 300, fromZero: true });
  expect(axis(171)).toEqual(axis(188));
});

test('units, logarithms and nothing at all', () => {
  const of = (low: number, high: number, log = false) =>
    measureAxis({ name: 'bitrate', unit: 'bit/s', low, high, lengthPx: 200, fromZero: false, log });
  expect(of(1e6, 9e6)).toMatchObject({ kind: 'linear', label: 'bitrate, Mbit/s', low: 0 });
  expect(of(8.1e6, 9e6)).toMatchObject({ low: 8e6 });
  expect(of(1e4, 9e6, true).kind).toBe('log');
  expect(of(0, 9e6, true).kind).toBe('linear');
  expect(of(NaN, NaN)).toMatchObject({ low: 0 });
  expect(of(5e6, 5e6)).toMatchObject({ kind: 'linear' });
  expect(of(5.4e-323, 6e-323)).toEqual(of(0, 0));
});

test('from a value to a pixel and back', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.boolean(), (value, log) => {
      const axis = measureAxis({ name: 'm', unit: '1', low: 1, high: 1e6, lengthPx: 300, fromZero: false, log });
      const pixel = pixelScale(axis, 310, 10)(value);
      expect(pixel).toBeGreaterThanOrEqual(10 - 1e-6);
      expect(pixel).toBeLessThanOrEqual(310 + 1e-6);
      expect(valueScale(axis, 310, 10)(pixel)).toBeCloseTo(value, 3);
    }),
    { numRuns: 50 },
  );
  const names = { kind: 'names', label: '', names: ['a', 'b', 'c'] } as const;
  expect([0, 1, 2].map(pixelScale(names, 0, 300))).toEqual([50, 150, 250]);
  expect([10, 150, 299].map(valueScale(names, 0, 300))).toEqual([0, 1, 2]);
});
