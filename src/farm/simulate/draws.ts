// Draws from distributions, from a seeded sequence of whole numbers.

import type { Random } from '#analysis/random';

/** Uniform between 0 and 1, neither included. */
function drawUniform(random: Random): number {
  return (random() + 0.5) / 2 ** 32;
}

/** Exponential with the given mean. */
export function drawExponential(random: Random, mean: number): number {
  return -mean * Math.log(drawUniform(random));
}

/** Standard normal (Box and Muller 1958). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(drawUniform(random))) * Math.cos(2 * Math.PI * drawUniform(random));
}

/** Log-normal with the given median; `sigma` is the standard deviation of its logarithm, 0 gives the median and draws nothing. */
export function drawLogNormal(random: Random, median: number, sigma: number): number {
  return sigma === 0 ? median : median * Math.exp(sigma * drawNormal(random));
}
