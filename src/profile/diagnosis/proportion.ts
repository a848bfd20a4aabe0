// How sure a share is that was counted: Wilson's score interval, the difference of two shares, and a test against a limit.

/** Of the standard normal distribution, two-sided 95 %. */
export const Z95 = 1.959964;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of a share (E. B. Wilson, JASA 22, 1927).
 * @param share 0 to 1
 * @param count of what it is a share of; effective, where they are not independent
 */
export function wilson(share: number, count: number, z = Z95): Interval {
  if (!(count > 0)) return { low: 0, high: 1 };
  const z2 = z * z;
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = (z / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Newcombe's hybrid score interval of `a` - `b` (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10). */
export function differenceInterval(a: number, countA: number, b: number, countB: number, z = Z95): Interval {
  const ofA = wilson(a, countA, z);
  const ofB = wilson(b, countB, z);
  const difference = a - b;
  return {
    low: difference - Math.hypot(a - ofA.low, ofB.high - b),
    high: difference + Math.hypot(ofA.high - a, b - ofB.low),
  };
}

/** How probable it is that a share that was counted lies below a limit: the score test against it. */
export function probablyBelow(share: number, limit: number, count: number): number {
  if (!(count > 0)) return 0;
  return normalCdf((limit - share) / Math.sqrt((limit * (1 - limit)) / count));
}

/** By Abramowitz and Stegun's approximation 7.1.26 of the error function, whose error is below 1.5e-7. */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - polynomial * Math.exp(-x * x);
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}

/** The z of a two-sided test at 1 % that is made `tests` times (Bonferroni): solved by halving. */
export function bonferroniZ(tests: number): number {
  const target = 1 - 0.005 / Math.max(1, tests);
  let low = 0;
  let high = 8;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
