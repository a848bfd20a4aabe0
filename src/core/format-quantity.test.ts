import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayUnit, formatDuration, formatNumber, formatQuantity } from './format-quantity.ts';

test.each([
  [1_240_000, 'bit/s', '1.24 Mbit/s'],
  [999_600, 'bit/s', '1.00 Mbit/s'],
  [512, 'bit/s', '512 bit/s'],
  [149.3, 'frame/s', '149 frame/s'],
  [14.93, 'frame/s', '14.9 frame/s'],
  [0.00805, 's', '8.05 ms'],
  [0.000012, 's', '12 µs'],
  [8.05, 'ms', '8.05 ms'],
  [0.25, 'ms', '250 µs'],
  [1500, 'ms', '1.50 s'],
  [185, 's', '3 min 05 s'],
  [0, 's', '0 s'],
  [0, 'byte', '0 B'],
  [153_000, 'byte', '153 kB'],
  [1.78, 'core', '1.78 core'],
  [42.123, 'dB', '42.1 dB'],
  [192, 'frame', '192 frame'],
  [0.0123, '1', '0.0123'],
  [0.9998, '1', '0.9998'],
  [0.99, '1', '0.9900'],
  [-0.9998, '1', '−0.9998'],
  [0.98765, '1', '0.988'],
  [1, '1', '1'],
  [1.0004, '1', '1.00'],
  [-3.5, 'dB', '−3.50 dB'],
  [null, 's', '–'],
  [undefined, 's', '–'],
  [Number.NaN, 's', '–'],
] as const)('%s %s is shown as %s', (value, unit, text) => {
  expect(formatQuantity(value, unit)).toBe(text);
});

test.each([
  [0.4, '0 s'],
  [59.6, '1 min 00 s'],
  [3599.4, '59 min 59 s'],
  [3599.6, '1 h 00 min'],
  [7620, '2 h 07 min'],
  [273_600, '3 d 4 h'],
  [-5, '−5 s'],
  [null, '–'],
] as const)('a duration of %s seconds is shown as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('a shown number is within half a percent of what is stored', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (value) => {
      const shown = Number(formatNumber(value));
      expect(Math.abs(shown - value) / value).toBeLessThanOrEqual(value < 0.0005 ? 0.05 : 0.0051);
    }),
  );
});

test('a display unit leaves one to three digits before the point where its ladder reaches', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 9e11, noNaN: true }), (value) => {
      const shown = value / displayUnit('bit/s', value).divisor;
      expect(shown).toBeGreaterThanOrEqual(0.999);
      expect(shown).toBeLessThan(1000);
    }),
  );
});
