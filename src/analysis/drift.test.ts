import { expect, test } from 'vitest';
import { findDrift, mannKendall, theilSenSlope } from './drift.ts';
import { seededRandom, type Random } from './random.ts';

const times = (count: number) => Array.from({ length: count }, (_, i) => i * 60);

const uniform = (random: Random) => random() / 2 ** 32;

test('the exact p of a perfect order of five is 2 / 5!', () => {
  expect(mannKendall([1, 2, 3, 4, 5])).toBeCloseTo(2 / 120);
  expect(mannKendall([2, 1])).toBe(1);
});

test('the slope is the median of all slopes, whatever one value does', () => {
  expect(theilSenSlope([0, 1, 2, 3, 4], [0, 1, 2, 3, 100])).toBeCloseTo(1);
});

test('a machine that slows down steadily is found', () => {
  const drift = findDrift(times(7), [100, 99, 97, 96, 94, 92, 91]);
  expect(drift?.kind).toBe('trend');
  expect(drift?.share).toBeCloseTo(-0.094, 2);
});

test('one disturbed visit is named', () => {
  expect(findDrift(times(6), [100, 101, 99, 70, 100, 101])).toMatchObject({ kind: 'disturbed', visits: [3] });
});

test('a steady change too small to matter is left alone', () => {
  expect(findDrift(times(7), [100, 100.1, 100.2, 100.3, 100.4, 100.5, 100.6])).toBeNull();
});

test('on plain noise of two percent drift is found in fewer than one bench in twenty', () => {
  let found = 0;
  for (let trial = 0; trial < 500; trial++) {
    const random = seededRandom(trial + 1);
    const values = times(7).map(
      () => 100 * (1 + 0.02 * (uniform(random) + uniform(random) + uniform(random) - 1.5) * 2),
    );
    if (findDrift(times(7), values) !== null) found++;
  }
  expect(found / 500).toBeLessThan(0.05);
});
