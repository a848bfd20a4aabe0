import { expect, test } from 'vitest';
import { benjaminiHochberg } from './multiplicity.ts';
import { seededRandom } from './random.ts';

test('the example of Benjamini and Hochberg (1995, section 3.2): four of fifteen hypotheses are rejected at 0.05', () => {
  const p = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  const adjusted = benjaminiHochberg(p);
  expect([...adjusted].filter((value) => value <= 0.05)).toHaveLength(4);
  expect(adjusted[0]).toBeCloseTo(0.0015, 10);
  expect(adjusted[3]).toBeCloseTo(0.035625, 10);
  // The sixth, 0.0278 · 15 / 6, is above the seventh, 0.0298 · 15 / 7: the smaller one counts for both.
  expect(adjusted[5]).toBeCloseTo((0.0298 * 15) / 7, 10);
  expect(adjusted[14]).toBe(1);
});

test('the order of the input is kept, and what is no test does not count', () => {
  expect([...benjaminiHochberg([0.04, NaN, 0.01])]).toEqual([0.04, NaN, 0.02]);
  expect([...benjaminiHochberg([])]).toEqual([]);
});

test('of 1,000 tests of nothing at most a few sets of 20 have a single false alarm at 0.05', () => {
  const random = seededRandom(7);
  let alarms = 0;
  for (let set = 0; set < 1000; set++) {
    const p = Array.from({ length: 20 }, () => random() / 2 ** 32);
    if (benjaminiHochberg(p).some((value) => value <= 0.05)) alarms++;
  }
  expect(alarms).toBeGreaterThan(30);
  expect(alarms).toBeLessThan(70);
});
