import { describe, expect, it } from 'vitest';
import { balanceFamilies, normalOfF, stepDownP } from './max-statistic.ts';
import { studentTwoSided } from './student-t.ts';
import { seededRandom } from './random.ts';

it('counts the permutations whose largest statistic is as large, and steps down', () => {
  // Three statistics, four permutations. Of the largest: no permutation reaches 9. Of the second, 4: one has 5. Of the third, 1: all have as much.
  const permuted = Float64Array.of(1, 2, 3, 5, 0, 0, 8, 1, 1, 2, 3, 0);
  expect([...stepDownP(Float64Array.of(9, 1, 4), permuted)]).toEqual([1 / 5, 4 / 5, 1 / 5]);
  expect([...stepDownP(Float64Array.of(9, NaN), new Float64Array(8))]).toEqual([1 / 5, 1]);
  expect([...stepDownP(new Float64Array(), new Float64Array())]).toEqual([]);
});

it('keeps the chance of any false finding at its level', () => {
  const random = seededRandom(11);
  let any = 0;
  for (let trial = 0; trial < 400; trial++) {
    const draw = (count: number) => Float64Array.from({ length: count }, () => random() / 2 ** 32);
    if (stepDownP(draw(20), draw(20 * 99)).some((p) => p <= 0.05)) any++;
  }
  expect(any / 400).toBeGreaterThan(0.02);
  expect(any / 400).toBeLessThan(0.09);
});

it('puts ratios of variances of any degrees of freedom on one scale', () => {
  // F of 1 and n degrees is t squared: one-sided upper tail of F is the two-sided one of t.
  for (const freedom of [8, 20, 100])
    for (const t of [1.5, 2, 3]) {
      const tail = studentTwoSided(normalOfF(t * t, 1, freedom), 1e6) / 2;
      expect(tail / studentTwoSided(t, freedom)).toBeGreaterThan(0.7);
      expect(tail / studentTwoSided(t, freedom)).toBeLessThan(1.4);
    }
  expect(normalOfF(Infinity, 2, 10)).toBeGreaterThan(5);
  expect(normalOfF(1, 0, 10)).toBeNaN();
});

describe('families of statistics', () => {
  /** Two metrics of two statistics each: of the second one permutation in 25 is a perfect fit. */
  const permutations = 999;
  const random = seededRandom(3);
  const draw = () => (random() / 2 ** 32) * 3;
  const permuted = Float64Array.from({ length: permutations * 4 }, (_, at) =>
    at % 4 === 2 && (at >> 2) % 25 === 0 ? 40 : draw(),
  );

  it('are found whatever chance gives another', () => {
    const [plain, balanced] = [Float64Array.of(6, 1, 1, 1), Float64Array.of(6, 1, 1, 1)];
    expect(stepDownP(plain, permuted)[0]).toBeGreaterThan(0.03);
    const scaled = permuted.slice();
    balanceFamilies(balanced, scaled, 2);
    expect([...stepDownP(balanced, scaled)].map((p) => p < 0.01)).toEqual([true, false, false, false]);
  });

  it('are not found where chance fits them as well', () => {
    const [observed, scaled] = [Float64Array.of(1, 1, 40, 1), permuted.slice()];
    balanceFamilies(observed, scaled, 2);
    expect(stepDownP(observed, scaled)[2]).toBeGreaterThan(0.03);
  });

  it('keep the chance of any false finding at its level', () => {
    let any = 0;
    for (let trial = 0; trial < 400; trial++) {
      const [observed, chance] = [
        Float64Array.from({ length: 20 }, draw),
        Float64Array.from({ length: 20 * 99 }, draw),
      ];
      balanceFamilies(observed, chance, 5);
      if (stepDownP(observed, chance).some((p) => p <= 0.05)) any++;
    }
    expect(any / 400).toBeLessThan(0.08);
  });
});
