// Many tests on the same data, corrected together: by the largest statistic that chance gives.

/**
 * Adjusted p of many statistics, from what they were under permutations of the same data: the step-down maximum of Westfall and Young
 * ("Resampling-Based Multiple Testing", 1993, algorithm 4.1). It keeps the chance of even one false finding below the level, and loses nothing
 * to statistics that go together.
 * @param observed one statistic each, all on one scale, larger is stranger; NaN is never strange
 * @param permuted of each permutation the statistics, one permutation behind the other
 * @returns the smallest that there can be is 1 / (permutations + 1)
 */
export function stepDownP(observed: Float64Array, permuted: Float64Array): Float64Array {
  const count = observed.length;
  const permutations = count === 0 ? 0 : permuted.length / count;
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => rank(observed[b]!) - rank(observed[a]!));
  const atLeast = new Float64Array(count).fill(1);
  for (let k = 0; k < permutations; k++) {
    let largest = -Infinity;
    for (let place = count - 1; place >= 0; place--) {
      const at = order[place]!;
      const value = permuted[k * count + at]!;
      if (value > largest) largest = value;
      if (largest >= observed[at]!) atLeast[at]!++;
    }
  }
  const p = new Float64Array(count).fill(1);
  let before = 0;
  for (const at of order) {
    if (Number.isNaN(observed[at]!)) continue;
    before = Math.max(before, atLeast[at]! / (permutations + 1));
    p[at] = before;
  }
  return p;
}

/** Of all permutations the one whose largest statistic a family is measured by: of 999 three are as large. */
const SCALE_RANK = 3;
/** A family whose statistics are all near zero is not blown up. */
const LEAST_SCALE = 1;

/**
 * Makes the statistics of several families (metrics) comparable, in place: each is divided by what chance gives its own family at the most, but for SCALE_RANK permutations
 * (balanced as by Beran, "Balanced simultaneous confidence sets", JASA 1988). A metric that has two values, one of them rare, fits some permutations perfectly; unscaled these would
 * be the largest statistic of all metrics. What was observed counts as one of the permutations, so that the correction stays exact.
 * @param families the statistics of one lie side by side, as many in each
 */
export function balanceFamilies(observed: Float64Array, permuted: Float64Array, families: number): void {
  const count = observed.length;
  const size = count / families;
  const permutations = count === 0 ? 0 : permuted.length / count;
  const largest = new Float64Array(permutations + 1);
  const largestOf = (all: Float64Array, from: number) => {
    let most = -Infinity;
    for (let at = from; at < from + size; at++) if (all[at]! > most) most = all[at]!;
    return most;
  };
  for (let from = 0; from < count; from += size) {
    for (let k = 0; k < permutations; k++) largest[k] = largestOf(permuted, k * count + from);
    largest[permutations] = largestOf(observed, from);
    const scale = Math.max(LEAST_SCALE, largest.sort().at(-SCALE_RANK) ?? LEAST_SCALE);
    for (let at = from; at < from + size; at++) {
      observed[at]! /= scale;
      for (let k = 0; k < permutations; k++) permuted[k * count + at]! /= scale;
    }
  }
}

/**
 * A ratio of variances on the scale of a standard normal deviation (Wilson and Hilferty's cube root, in Paulson's form of 1942): ratios of different
 * degrees of freedom can be compared.
 */
export function normalOfF(ratio: number, above: number, below: number): number {
  if (!(above > 0) || !(below > 0) || Number.isNaN(ratio)) return NaN;
  // A perfect fit has no limit; this is beyond every chance.
  const root = Math.cbrt(Math.min(Math.max(ratio, 0), MAX_RATIO));
  const a = 2 / (9 * above);
  const b = 2 / (9 * below);
  return ((1 - b) * root - (1 - a)) / Math.sqrt(b * root * root + a);
}

const MAX_RATIO = 1e12;

function rank(value: number): number {
  return Number.isNaN(value) ? -Infinity : value;
}
