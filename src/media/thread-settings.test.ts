import { expect, test } from 'vitest';
import { withThreads } from './thread-settings.ts';

test.each([
  ['libx264', 2, {}, {}],
  ['libsvtav1', null, {}, {}],
  ['libsvtav1', 1, {}, { 'svtav1-params': 'lp=1' }],
  ['libsvtav1', 2, { 'svtav1-params': 'tune=0' }, { 'svtav1-params': 'tune=0:lp=2' }],
  ['libsvtav1', 2, { 'svtav1-params': 'tune=0:lp=4' }, { 'svtav1-params': 'tune=0:lp=4' }],
  ['libx265', 3, { 'x265-params': 'ref=2' }, { 'x265-params': 'ref=2:pools=3' }],
  ['libx265', 3, { 'x265-params': 'pools=none' }, { 'x265-params': 'pools=none' }],
] as const)('%s with threads %j and %j', (encoder, threads, options, expected) => {
  expect(withThreads(encoder, threads, options)).toEqual(expected);
});
