// In which order values stand.

import { expect, test } from 'vitest';
import { orderValues } from './value-order.ts';

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['numbers ascend, with their factors', ['4M', '500k', '16', '1.5M'], [], ['16', '500k', '1.5M', '4M']],
  ['pictures ascend by their pixels', ['1920x1080', '640x360', '1280x720'], [], ['640x360', '1280x720', '1920x1080']],
  ['amounts of one unit ascend', ['100ms', '20ms', '3ms'], [], ['3ms', '20ms', '100ms']],
  ['amounts of two units are names', ['100ms', '2s', '3ms'], [], ['100ms', '2s', '3ms']],
  ['ranges ascend by their begin', ['96..191', '0..95'], [], ['0..95', '96..191']],
  ['names stand as in the file', ['slow', 'fast', 'medium'], ['fast', 'medium', 'slow'], ['fast', 'medium', 'slow']],
  [
    'names that the file lacks follow as seen',
    ['z', 'slow', 'a', 'fast'],
    ['fast', 'slow'],
    ['fast', 'slow', 'z', 'a'],
  ],
  ['a name stands behind numbers', ['auto', '4', '2'], ['auto', '2', '4'], ['2', '4', 'auto']],
])('%s', (_, given, known, order) => {
  const { values, positions } = orderValues(given, known);
  expect(values).toEqual(order);
  expect(given.map((_value, i) => values[positions[i]!])).toEqual(given);
});

test('numbers are those of the values, NaN where a value is a name; null where all are', () => {
  expect([...orderValues(['auto', '4M', '2k'], []).numbers!]).toEqual([2e3, 4e6, NaN]);
  expect(orderValues(['1280x720', '640x360'], []).numbers).toBeNull();
  expect(orderValues([], []).numbers).toBeNull();
});
