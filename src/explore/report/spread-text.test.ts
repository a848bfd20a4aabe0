import { expect, test } from 'vitest';
import { spreadText, withSpread } from './spread-text.ts';

const of = (count: number, median: number, interval: readonly [number, number] | null) => ({ count, median, interval });
const FPS = { name: 'encode.fps', unit: 'frame/s' };
const XPSNR = { name: 'quality.xpsnr', unit: 'dB' };

test('half of an interval is a share of the median, of decibels, scores and what may be 0 a difference', () => {
  expect(spreadText(of(6, 100, [98, 102]), FPS)).toBe('±2.0 %');
  expect(spreadText(of(6, 100, [80, 120]), FPS)).toBe('±20 %');
  expect(spreadText(of(6, 46.12, [45.87, 46.37]), XPSNR)).toBe('±0.25 dB');
  expect(spreadText(of(6, 92, [91, 93]), { name: 'quality.vmaf', unit: '1' })).toBe('±1');
  expect(spreadText(of(6, 4, [0, 8]), { name: 'freeze.time', unit: 's' })).toBe('±4 s');
  expect(spreadText(of(6, 5, [5, 5]), FPS)).toBe('±0');
});

test('of fewer than 6 repeats it is their range, and no interval', () => {
  expect(spreadText(of(5, 151, [148, 154]), FPS)).toBe('148 to 154 frame/s');
  expect(spreadText(of(2, 46.12, [45.87, 46.37]), XPSNR)).toBe('45.87 to 46.37 dB');
  expect(spreadText(of(3, 1, [0.5, 2]), { name: 'wall', unit: 's' })).toBe('0.5 to 2 s');
});

test('a single value, and values that are written alike, have none', () => {
  expect(spreadText(of(1, 5, null), FPS)).toBeNull();
  expect(spreadText(of(1, 5, [NaN, NaN]), FPS)).toBeNull();
  expect(spreadText(of(3, 5, [5, 5]), FPS)).toBeNull();
});

test('behind a median in the same unit the unit is not said again', () => {
  expect(withSpread('151 frame/s', of(5, 151, [148, 154]), FPS)).toBe('151 frame/s (148 to 154)');
  expect(withSpread('900 ms', of(3, 0.9, [0.5, 2]), { name: 'wall', unit: 's' })).toBe('900 ms (0.5 to 2 s)');
  expect(withSpread('1 s', of(3, 1, [0.9, 1.1]), { name: 'wall', unit: 's' })).toBe('1 s (0.9 to 1.10)');
  expect(withSpread('1 s', of(3, 1, [0, 0.4]), { name: 'wall', unit: 's' })).toBe('1 s (0 to 400 ms)');
  expect(withSpread('1 s', of(3, 1, [2e-5, 2]), { name: 'wall', unit: 's' })).toBe('1 s (20.0 µs to 2 s)');
  expect(withSpread('100 frame/s', of(6, 100, [98, 102]), FPS)).toBe('100 frame/s ±2.0 %');
  expect(withSpread('5 frame/s', of(1, 5, null), FPS)).toBe('5 frame/s');
  expect(spreadText(of(3, 76, [45, 89]), { name: 'wall', unit: 's' })).toBe('45 s to 1 min 29 s');
});

test('where the median does not lie in the middle both ends are told, unless that is too little to matter', () => {
  expect(spreadText(of(6, 74.8, [45.1, 89]), FPS)).toBe('45.1 to 89 frame/s');
  expect(withSpread('74.8 frame/s', of(6, 74.8, [45.1, 89]), FPS)).toBe('74.8 frame/s (45.1 to 89)');
  expect(spreadText(of(6, 46, [45.2, 46.2]), XPSNR)).toBe('45.20 to 46.20 dB');
  expect(spreadText(of(6, 74, [50, 100]), FPS)).toBe('±34 %');
  expect(spreadText(of(6, 100, [99.8, 101]), FPS)).toBe('±0.60 %');
  expect(spreadText(of(6, 46, [45.9, 46.2]), XPSNR)).toBe('±0.15 dB');
});
