import { expect, test } from 'vitest';
import { numberOf, propertyAxis, rateAxis, roomyTicks, valueAxis } from './plot-axis.ts';

test.each([
  ['4', 4],
  ['1.5M', 1.5e6],
  ['400k', 4e5],
  ['-2', -2],
  ['1280x720', NaN],
  ['medium', NaN],
  ['p5', NaN],
  ['', NaN],
])('%s is the number %s', (text, number) => {
  expect(numberOf(text)).toBe(number);
});

test.each([
  [['1', '2', '4'], 'log'],
  [['1', '2', '3', '4'], 'linear'],
  [['4M', '1M', '2M'], 'log'],
  [['18', '22', '26', '30'], 'linear'],
  [['0', '10', '1000'], 'linear'],
  [['fast', 'slow'], 'names'],
  [['1', 'auto'], 'names'],
  [['1000k', '1M'], 'names'],
  [['5'], 'names'],
])('the values %s make an axis of the kind %s', (values, kind) => {
  expect(propertyAxis('p', values).kind).toBe(kind);
});

test('ticks of a property are its values as they are written, in the order of their numbers', () => {
  const axis = propertyAxis('bitrate', ['4M', '1M', '2M']);
  expect(axis.kind !== 'names' && axis.ticks).toEqual([
    { at: 1e6, text: '1M' },
    { at: 2e6, text: '2M' },
    { at: 4e6, text: '4M' },
  ]);
});

test('an axis of values begins at zero where that is near, and names its unit', () => {
  const near = valueAxis('bitrate', 'bit/s', [1e6, 4e6], 250);
  expect(near).toMatchObject({ kind: 'linear', label: 'bitrate, Mbit/s', low: 0 });
  expect(near.kind !== 'names' && near.ticks.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4']);
  const far = valueAxis('quality.psnr', 'dB', [38, 42], 250);
  expect(far.kind !== 'names' && far.low).toBeGreaterThan(37);
});

test('an axis of one value, and of none, still has a range', () => {
  for (const values of [[5], [0], []]) {
    const axis = valueAxis('fps', 'frame/s', values, 250);
    expect(axis.kind !== 'names' && axis.high > axis.low).toBe(true);
  }
});

test('a rate has ticks at 1, 2 and 5, and only those that have room', () => {
  const axis = rateAxis('bitrate', 'bit/s', 4e5, 6.4e6);
  if (axis.kind === 'names') throw new Error('no numbers');
  expect(axis.ticks.map(({ text }) => text)).toEqual(['0.5', '1', '2', '5']);
  expect(roomyTicks(axis, 400)).toHaveLength(4);
  expect(roomyTicks(axis, 60).map(({ text }) => text)).toEqual(['0.5', '2', '5']);
});

test('a short logarithmic axis has ticks too', () => {
  const axis = rateAxis('bitrate', 'bit/s', 27.3e6, 30e6);
  expect(axis.kind !== 'names' && axis.ticks.map(({ text }) => text)).toEqual(['28', '29', '30']);
});
