// Student's t distribution: p-values and quantiles, for any positive number of degrees of freedom (Welch's are seldom whole).

const MAX_TERMS = 300;
const PRECISION = 1e-14;
const TINY = 1e-300;

/** Two-sided p: the probability of a value at least as far from 0 as t. NaN without a degree of freedom. */
export function studentTwoSided(t: number, freedom: number): number {
  if (Number.isNaN(t) || !(freedom > 0)) return NaN;
  if (!Number.isFinite(t)) return 0;
  const square = t * t;
  // Near 0 the other end of the function has the digits.
  if (square < 1) return 1 - incompleteBeta(0.5, freedom / 2, square / (freedom + square));
  return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square));
}

/**
 * The t within which, on both sides of 0, a share of the distribution lies.
 * @param confidence 0.95 for a 95 % interval; 0 and 1 excluded
 */
export function studentBound(confidence: number, freedom: number): number {
  const outside = 1 - confidence;
  let low = 0;
  let high = 2;
  while (studentTwoSided(high, freedom) > outside && high < 1e15) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 100 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, freedom) > outside) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) with the method of Lentz as Thompson and Barnett (1986) changed it. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  let c = 1;
  let d = lentz(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = lentz(1 + even * d);
    c = 1 + even / c || TINY;
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = lentz(1 + odd * d);
    c = 1 + odd / c || TINY;
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return front * value;
}

function lentz(denominator: number): number {
  return 1 / (denominator === 0 ? TINY : denominator);
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Natural logarithm of the gamma function for x above 0: Stirling's series (DLMF 5.11.1) from 15 on, below it by the recurrence. */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  for (; at < 15; at++) product *= at;
  const square = 1 / (at * at);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}
