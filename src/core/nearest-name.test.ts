import { expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

test('a slip of a letter, a swap and another case find the name', () => {
  const known = ['preset', 'bitrate', 'framerate', 'resolution'];
  expect(nearestName('prest', known)).toBe('preset');
  expect(nearestName('birtate', known)).toBe('bitrate');
  expect(nearestName('FrameRate', known)).toBe('framerate');
});

test('something else entirely finds nothing', () => {
  expect(nearestName('banana', ['preset', 'bitrate'])).toBeNull();
  expect(nearestName('x', [])).toBeNull();
});

test('a swap of neighbours costs one', () => {
  expect(editDistance('medium', 'meduim')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});
