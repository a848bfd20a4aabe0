import { expect, test } from 'vitest';
import type { EncoderSummary } from '#server/encoders-wire';
import { codecsOf, filterEncoders, sortEncoders } from './encoder-filter.ts';

const encoder = (name: string, codec: string, device: string | null, available: boolean): EncoderSummary => ({
  name,
  codec,
  description: `${name} of ${codec}`,
  engine: 'bundled',
  hardware: device !== null,
  threads: 'other',
  device,
  available,
  reason: available ? null : 'no device',
  parameters: 3,
});

const encoders = [
  encoder('libx264', 'h264', null, true),
  encoder('h264_vaapi', 'h264', 'vaapi', false),
  encoder('libsvtav1', 'av1', null, true),
];
const all = { text: '', codec: null, kind: null, available: false } as const;

test.each([
  [{}, ['libx264', 'h264_vaapi', 'libsvtav1']],
  [{ text: 'H264  lib' }, ['libx264']],
  [{ text: 'vaapi' }, ['h264_vaapi']],
  [{ codec: 'h264' }, ['libx264', 'h264_vaapi']],
  [{ codec: 'h264', available: true }, ['libx264']],
  [{ kind: 'hardware' }, ['h264_vaapi']],
  [{ kind: 'software', text: 'nothing' }, []],
] as const)('%o shows %o', (filter, names) => {
  expect(filterEncoders(encoders, { ...all, ...filter }).map(({ name }) => name)).toEqual(names);
});

test('codecs with the most encoders come first', () => {
  expect(codecsOf(encoders)).toEqual([
    { codec: 'h264', encoders: 2 },
    { codec: 'av1', encoders: 1 },
  ]);
});

test('what video is delivered in stands first, its hardware encoders after the others', () => {
  const list = [encoder('a64multi', 'a64_multi', null, true), ...encoders.toReversed()];
  expect(sortEncoders(list).map(({ name }) => name)).toEqual(['libx264', 'h264_vaapi', 'libsvtav1', 'a64multi']);
});
