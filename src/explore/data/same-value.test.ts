// Which texts are one value.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberOf } from '../scene/plot-axis.ts';
import { codeOfValue, valueMeaning } from './same-value.ts';

test.each([
  ['1M', '1000k', '1000000', '1.0M', '0.001G'],
  ['1.5M', '1500k', '1500000', '1.50M'],
  ['-2k', '-2000', '-2.0k'],
  ['0', '0k', '0.0M', '-0k'],
])('%s is one value in every spelling', (first, ...others) => {
  for (const other of others) expect(valueMeaning(other)).toBe(valueMeaning(first!));
});

test.each([
  ['3.1', '3.10'],
  ['1', '01'],
  ['1', '1.0'],
  ['1', '+1'],
  ['1M', '01M'],
  ['1M', '1m'],
  ['1M', '1 M'],
  ['1M', '1Mi'],
  ['3.1beta', '3.10beta'],
  ['20ms', '0.02s'],
  ['1000', '1e3'],
  ['1000ms', '1s'],
  ['0.5', '0.0005k'],
  ['9007199254740993', '9007199254740992'],
])('%s and %s are two', (one, other) => {
  expect(valueMeaning(one)).not.toBe(valueMeaning(other));
});

test('a meaning is the number of its text, and means itself', () => {
  const text = fc.tuple(fc.nat(9999), fc.nat(999), fc.constantFrom('', 'k', 'M', 'G'));
  fc.assert(
    fc.property(text, ([whole, fraction, factor]) => {
      const value = `${whole}.${fraction}${factor}`;
      const meaning = valueMeaning(value);
      expect(valueMeaning(meaning)).toBe(meaning);
      expect(numberOf(meaning)).toBeCloseTo(numberOf(value), 1);
    }),
  );
});

test('a value is found in another spelling, the same text first; a fact only by its text', () => {
  const values = ['1M', '2M', '1000k'];
  expect(['1000000', '1000k', '2000k', '3M'].map((text) => codeOfValue({ origin: 'setting', values }, text))).toEqual([
    0, 2, 1, -1,
  ]);
  expect(codeOfValue({ origin: 'fact', values }, '2000k')).toBe(-1);
});
