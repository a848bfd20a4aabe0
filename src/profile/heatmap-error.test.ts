import { expect, test } from 'vitest';
import { cellErrorCpus, leastCellNs } from './heatmap-error.ts';

test('more samples are more certain, and half busy is the least certain', () => {
  expect(cellErrorCpus(1, 2, 40)).toBeLessThan(cellErrorCpus(1, 2, 4));
  expect(cellErrorCpus(1, 2, 40)).toBeGreaterThan(cellErrorCpus(2, 2, 40));
  expect(cellErrorCpus(0, 2, 40)).toBeGreaterThan(0);
  expect(cellErrorCpus(1, 2, 0)).toBeNaN();
});

test('a cell must hold about 20 samples to be worth showing', () => {
  expect(leastCellNs(999, 2)).toBe(10e6);
  expect(leastCellNs(99, 2)).toBe(100e6);
  expect(leastCellNs(99, 64)).toBe(5e6);
  expect(leastCellNs(1, 1)).toBe(1000e6);
});
