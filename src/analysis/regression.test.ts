import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceBand, fitLine, lineAt } from './regression.ts';

/** NIST's reference data set Norris (y, x): www.itl.nist.gov/div898/strd/lls/data/Norris.shtml */
const NORRIS = [
  [0.1, 0.2],
  [338.8, 337.4],
  [118.1, 118.2],
  [888, 884.6],
  [9.2, 10.1],
  [228.1, 226.5],
  [668.5, 666.3],
  [998.5, 996.3],
  [449.1, 448.6],
  [778.9, 777],
  [559.2, 558.2],
  [0.3, 0.4],
  [0.1, 0.6],
  [778.1, 775.5],
  [668.8, 666.9],
  [339.3, 338],
  [448.9, 447.5],
  [10.8, 11.6],
  [557.7, 556],
  [228.3, 228.1],
  [998, 995.8],
  [888.8, 887.6],
  [119.6, 120.2],
  [0.3, 0.3],
  [0.6, 0.3],
  [557.6, 556.8],
  [339.3, 339.1],
  [888, 887.2],
  [998.5, 999],
  [778.9, 779],
  [10.2, 11.1],
  [117.6, 118.3],
  [228.9, 229.2],
  [668.4, 669.1],
  [449.2, 448.9],
  [0.2, 0.5],
] as const;

/** Anscombe, "Graphs in Statistical Analysis" (1973): four pictures, one line. */
const ANSCOMBE_X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
const ANSCOMBE = [
  { x: ANSCOMBE_X, y: [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68] },
  { x: ANSCOMBE_X, y: [9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74] },
  { x: ANSCOMBE_X, y: [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73] },
  {
    x: [8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8],
    y: [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89],
  },
];

describe('a fitted line', () => {
  it("has NIST's certified values on Norris", () => {
    const fit = fitLine(
      NORRIS.map(([, x]) => x),
      NORRIS.map(([y]) => y),
    )!;
    expect(fit.slope).toBeCloseTo(1.00211681802045, 12);
    expect(fit.intercept).toBeCloseTo(-0.262323073774029, 10);
    expect(fit.slopeError).toBeCloseTo(0.429796848199937e-3, 12);
    expect(fit.residual).toBeCloseTo(0.884796396144373, 11);
    expect(fit.rSquared).toBeCloseTo(0.999993745883712, 13);
    // The error of the intercept is that of the mean at 0.
    expect(confidenceBand(fit)(0) / 2.0322445093177191).toBeCloseTo(0.232818234301152, 9);
  });

  it("says the same of all four of Anscombe's pictures", () => {
    for (const { x, y } of ANSCOMBE) {
      const fit = fitLine(x, y)!;
      expect(fit.slope).toBeCloseTo(0.5, 2);
      expect(fit.intercept).toBeCloseTo(3, 2);
      expect(fit.rSquared).toBeCloseTo(0.667, 2);
      expect(fit.p).toBeCloseTo(0.0022, 4);
    }
    // R: summary(lm(y1 ~ x1, anscombe))
    const first = fitLine(ANSCOMBE[0]!.x, ANSCOMBE[0]!.y)!;
    expect(first.p).toBeCloseTo(0.00216962887307879, 12);
    expect(first.slopeError).toBeCloseTo(0.1179, 4);
  });

  it('does not change where everything is shifted far away, but for its intercept', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 40 }), (points) => {
        const near = fitLine(
          points.map(([x]) => x),
          points.map(([, y]) => y),
        );
        const far = fitLine(
          points.map(([x]) => x + 2 ** 20),
          points.map(([, y]) => y - 2 ** 20),
        );
        expect(far === null).toBe(near === null);
        if (near === null) return;
        expect(far!.slope).toBeCloseTo(near.slope, 7);
        expect(lineAt(far!, near.meanX + 2 ** 20) + 2 ** 20).toBeCloseTo(lineAt(near, near.meanX), 6);
        if (!Number.isNaN(near.p)) expect(far!.p).toBeCloseTo(near.p, 4);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves out what is not a number, and refuses what is no line', () => {
    expect(fitLine([1, NaN, 2, 3, 4, Infinity], [2, 5, 4, 6, NaN, 1])).toMatchObject({
      count: 3,
      slope: 2,
      intercept: 0,
    });
    expect(fitLine([1, 2], [1, 2])).toBeNull();
    expect(fitLine([4, 4, 4], [1, 2, 3])).toBeNull();
    expect(fitLine([], [])).toBeNull();
  });

  it('is certain on a line without noise, and has no p where nothing varies', () => {
    expect(fitLine([1, 2, 3, 4], [3, 5, 7, 9])).toMatchObject({ slope: 2, intercept: 1, rSquared: 1, p: 0 });
    const flat = fitLine([1, 2, 3], [7, 7, 7])!;
    expect(flat).toMatchObject({ slope: 0, intercept: 7, p: NaN, rSquared: NaN });
  });
});
