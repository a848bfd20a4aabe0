import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dipP, dipStatistic, dipTest } from './dip-test.ts';
import { seededRandom } from './random.ts';

it('gives the dip of a published sample', () => {
  // Assessments of 63 members of a statistics faculty, the example of R's package diptest: D = 0.059524, p = 0.087.
  const faculty = [
    30, 33, 35, 36, 37, 37, 39, 39, 39, 39, 39, 40, 40, 40, 40, 41, 42, 43, 43, 43, 44, 44, 45, 45, 46, 47, 47, 47, 48,
    48, 48, 49, 50, 50, 51, 52, 52, 53, 53, 53, 53, 53, 54, 54, 57, 57, 59, 60, 60, 60, 61, 61, 61, 61, 62, 62, 62, 62,
    63, 66, 70, 72, 72,
  ];
  const { dip, p } = dipTest(faculty);
  expect(dip).toBeCloseTo(0.05952381, 8);
  expect(p).toBeCloseTo(0.087, 2);
});

it('has a table that agrees with published ones', () => {
  // Critical values at 5 %, 1 % and 0.1 % of R's package diptest.
  const published = [
    [8, 0.153978, 0.172989, 0.194484],
    [10, 0.139611, 0.159684, 0.180611],
    [20, 0.10513, 0.120624, 0.13857],
    [50, 0.070274, 0.0812, 0.094093],
    [100, 0.051128, 0.059024, 0.068448],
    [1000, 0.016934, 0.019608, 0.022869],
  ] as const;
  for (const [count, five, one, tenth] of published) {
    expect(dipP(five, count) / 0.05).toBeCloseTo(1, 0.7);
    expect(dipP(one, count) / 0.01).toBeCloseTo(1, 0.7);
    expect(dipP(tenth, count) / 0.001).toBeCloseTo(1, 0.3);
  }
  // Between the rows: 5 % of 15 to 20 values.
  expect(dipP(0.11, 17)).toBeGreaterThan(0.04);
  expect(dipP(0.11, 17)).toBeLessThan(0.08);
});

it('is small for one heap and large for two', () => {
  const random = seededRandom(5);
  const uniform = () => (random() + 0.5) / 2 ** 32;
  const heap = (middle: number) => Array.from({ length: 30 }, () => middle + uniform() + uniform() + uniform());
  expect(dipTest(heap(0)).p).toBeGreaterThan(0.1);
  expect(dipTest([...heap(0), ...heap(5)]).p).toBeLessThan(1e-4);
  expect(dipTest([1, 1, 1, 1, 9, 9, 9, 9]).dip).toBeCloseTo(0.25, 9);
});

it('does not change with the unit, the sign or the origin, and lies between 1 / (2 n) and a quarter', () => {
  const values = fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -9, max: 9 }), (sample, factor, shift) => {
      const sorted = sample.toSorted((a, b) => a - b);
      const dip = dipStatistic(sorted);
      expect(dipStatistic(sorted.map((value) => factor * value + shift))).toBeCloseTo(dip, 12);
      expect(dipStatistic(sorted.map((value) => -value).toReversed())).toBeCloseTo(dip, 12);
      expect(dip).toBeGreaterThanOrEqual(1 / (2 * sorted.length) - 1e-12);
      expect(dip).toBeLessThanOrEqual(Math.max(0.25, 1 / (2 * sorted.length)) + 1e-12);
    }),
    { numRuns: 200 },
  );
  expect(dipTest([]).dip).toBeNaN();
  expect(dipTest([4, 4, 4, 4]).dip).toBe(1 / 8);
  expect(dipTest([3, 1, 2]).p).toBe(1);
});
