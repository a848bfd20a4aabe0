import { expect, test } from 'vitest';
import { periodicWithin } from './heatmap-gestures.ts';

const WHOLE = { from: -0.003661, to: 3.05 };

test('every second from the beginning on begins at second 0, not where perf did', () => {
  expect([...periodicWithin(WHOLE, null, 1, 0.1)!]).toEqual([0, 0.1, 1, 1.1, 2, 2.1, 3, 3.05]);
});

test('one stretch begins at the crosshair, and none outside of what is in view', () => {
  const [first, , second] = periodicWithin(WHOLE, 1.25, 1, 0.5)!;
  expect([first, second]).toEqual([0.25, 1.25]);
  expect([...periodicWithin({ from: 1.5, to: 2.25 }, 0.2, 1, 0.5)!]).toEqual([1.5, 2]);
  expect([...periodicWithin({ from: -2, to: -1 }, null, 1, 0.5)!]).toEqual([]);
  expect(periodicWithin({ from: 0, to: 1e6 }, null, 0.001, 0.0005)).toBeNull();
});
