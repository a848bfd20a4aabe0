import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incompleteBeta, logGamma, studentBound, studentTwoSided } from './student-t.ts';

/** A(t|n) of Abramowitz and Stegun 26.7.3 and 26.7.4: exact for whole degrees of freedom. */
function within(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cos = Math.cos(angle) ** 2;
  let term = 1;
  let sum = 0;
  if (freedom % 2 === 0) {
    for (let k = 0; k <= freedom - 2; k += 2) {
      sum += term;
      term *= (cos * (k + 1)) / (k + 2);
    }
    return Math.sin(angle) * sum;
  }
  for (let k = 1; k <= freedom - 2; k += 2) {
    sum += term;
    term *= (cos * (k + 1)) / (k + 2);
  }
  return (2 / Math.PI) * (angle + Math.sin(angle) * Math.cos(angle) * sum);
}

describe("Student's t", () => {
  it('agrees with the closed forms of whole degrees of freedom to ten digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 40, noNaN: true }), (freedom, t) => {
        expect(Math.abs(studentTwoSided(t, freedom) - (1 - within(t, freedom)))).toBeLessThan(1e-11);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the bounds of printed tables', () => {
    // R's qt(0.975, n) and qt(0.995, n).
    expect(studentBound(0.95, 1)).toBeCloseTo(12.706204736174694, 9);
    expect(studentBound(0.95, 2)).toBeCloseTo(4.302652729749462, 10);
    expect(studentBound(0.95, 10)).toBeCloseTo(2.2281388519862735, 10);
    expect(studentBound(0.99, 30)).toBeCloseTo(2.749995653567, 9);
    expect(studentBound(0.95, 1e6)).toBeCloseTo(1.959966, 6);
  });

  it('keeps the digits of a very small p', () => {
    // With one degree of freedom the tail is 2 / (pi t).
    expect(studentTwoSided(1e12, 1) / (2 / (Math.PI * 1e12))).toBeCloseTo(1, 10);
    expect(studentTwoSided(-3, 5)).toBe(studentTwoSided(3, 5));
    expect(studentTwoSided(0, 5)).toBe(1);
    expect(studentTwoSided(Infinity, 5)).toBe(0);
    expect(studentTwoSided(NaN, 5)).toBeNaN();
    expect(studentTwoSided(1, 0)).toBeNaN();
  });
});

describe('the incomplete beta function', () => {
  it('is the polynomial that it is for whole parameters', () => {
    // I_x(2, 3) = 1 - (1-x)^4 - 4x(1-x)^3, the chance of at least 2 of 4.
    for (const x of [0.01, 0.2, 0.5, 0.9])
      expect(incompleteBeta(2, 3, x)).toBeCloseTo(1 - (1 - x) ** 4 - 4 * x * (1 - x) ** 3, 13);
  });

  it('stands on factorials', () => {
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  });
});
