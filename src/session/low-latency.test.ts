import { expect, test } from 'vitest';
import { asksForQuality, lowLatencyOptions } from './low-latency.ts';

const ALL = new Set(['preset', 'tune', 'maxrate', 'minrate', 'bufsize', 'deadline', 'cpu-used', 'svtav1-params']);

test('What the user says stands, and the rest is for low latency', () => {
  expect(lowLatencyOptions('libx264', ALL, { preset: 'slow' }, 2_000_000)).toEqual({
    preset: 'slow',
    tune: 'zerolatency',
    maxrate: '2000000',
    bufsize: '1000000',
  });
});

test('A quality has no limits of a rate', () => {
  expect(asksForQuality({ crf: '30' })).toBe(true);
  expect(lowLatencyOptions('libx264', ALL, { crf: '30' }, null)).toEqual({
    preset: 'veryfast',
    tune: 'zerolatency',
    crf: '30',
  });
});

test('Nothing is put in that the encoder does not have', () => {
  expect(lowLatencyOptions('libvpx', new Set(['deadline']), {}, 1_000_000)).toEqual({ deadline: 'realtime' });
  expect(lowLatencyOptions('mpeg4', ALL, {}, 1_000_000)).toEqual({});
});

test('A list of the user’s is joined with the defaults that it says nothing about', () => {
  const options = (list: string, bitrate: number | null) =>
    lowLatencyOptions('libsvtav1', ALL, { 'svtav1-params': list }, bitrate)['svtav1-params'];
  expect(options('lookahead=5', 1_000_000)).toBe('lookahead=5:pred-struct=1:rc=2');
  expect(options('rc=1:pred-struct=2:lookahead=9', null)).toBe('rc=1:pred-struct=2:lookahead=9');
});
