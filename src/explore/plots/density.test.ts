import { seededRandom } from '#analysis/random';
import { expect, test } from 'vitest';
import { boxOf, densityOf, silvermanBandwidth } from './density.ts';

/** The density as it is defined, without bins. */
function direct(sorted: Float64Array, places: Float64Array): number[] {
  const width = silvermanBandwidth(sorted);
  const sums = Array.from(places, (at) =>
    sorted.reduce((sum, value) => sum + Math.exp(-(((value - at) / width) ** 2) / 2), 0),
  );
  return sums.map((sum) => sum / Math.max(...sums));
}

test('the density by bins is the density', () => {
  const random = seededRandom(3);
  const chance = () => random() / 2 ** 32;
  const sorted = Float64Array.from(
    { length: 300 },
    () => (chance() < 0.4 ? 10 : 20) + chance() + chance() + chance(),
  ).sort();
  const density = densityOf(sorted, 50)!;
  for (const [i, height] of direct(sorted, density.at).entries()) expect(density.height[i]).toBeCloseTo(height, 2);
  expect([density.at[0], density.at.at(-1)]).toEqual([sorted[0], sorted.at(-1)]);
});

test('the bandwidth is that of Silverman’s rule of thumb', () => {
  // The quartiles of 1 … 5 are 2 and 4: 0.9 (2 / 1.34) 5^(-1/5), less than by the standard deviation of 1.58.
  expect(silvermanBandwidth(Float64Array.of(1, 2, 3, 4, 5))).toBeCloseTo(0.9736, 4);
});

test('equal values and too few have no density', () => {
  expect(densityOf(Float64Array.of(2, 2, 2, 2, 2, 2), 10)).toBeNull();
  expect(densityOf(Float64Array.of(1, 2, 3, 4), 10)).toBeNull();
  expect(densityOf(Float64Array.of(1, 1, 1, 1, 9), 10)!.height.every((height) => height >= 0)).toBe(true);
});

test('whiskers end at values, at most 1.5 boxes away', () => {
  expect(boxOf(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 30))).toEqual({
    lower: 3,
    median: 5,
    upper: 7,
    whiskerLow: 1,
    whiskerHigh: 8,
  });
  expect(boxOf(Float64Array.of(4))).toEqual({ lower: 4, median: 4, upper: 4, whiskerLow: 4, whiskerHigh: 4 });
});
