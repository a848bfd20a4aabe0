import { expect, test } from 'vitest';
import { unitConversion } from './same-unit.ts';

test.each([
  ['ms', 's', 1500, 1.5],
  ['s', 'ms', 0.3, 300],
  ['us', 'ms', 5, 0.005],
  ['kbit/s', 'bit/s', 8.4, 8400],
  ['MiB', 'byte', 2, 2_097_152],
  ['byte/s', 'bit/s', 125, 1000],
  ['dB', 'dB', 41, 41],
])('%s as %s: %d is %d', (from, to, value, expected) => {
  expect(unitConversion(from, to)!(value)).toBe(expected);
});

test.each([
  ['ms', 'byte'],
  ['frame/s', 'Hz'],
  ['dB', '1'],
  ['byte', 'byte/s'],
  ['constructor', 'toString'],
])('%s is no %s', (from, to) => {
  expect(unitConversion(from, to)).toBeNull();
});
