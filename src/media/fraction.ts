// Fractions of integers: frame rates and time bases, exactly.

import type { Fraction } from '#core/source';

/** The same value in lowest terms, with a positive denominator. */
export function reduced(num: number, den: number): Fraction {
  const divisor = greatestCommonDivisor(Math.abs(num), Math.abs(den)) || 1;
  const sign = den < 0 ? -1 : 1;
  return { num: (sign * num) / divisor, den: (sign * den) / divisor };
}

export function sameFraction(a: Fraction, b: Fraction): boolean {
  return a.num * b.den === b.num * a.den;
}

/** A decimal number as a fraction, digit by digit: 29.97 is 2997/100 and not 30000/1001. Null for what is no number. */
export function fractionOfDecimal(text: string): Fraction | null {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return null;
  const digits = match[2] ?? '';
  return reduced(Number(match[1]! + digits), 10 ** digits.length);
}

/**
 * The fraction with the smallest denominator strictly between two positive numbers (Stern-Brocot tree).
 * @param maxDenominator gives up beyond it and returns null
 */
export function simplestBetween(low: number, high: number, maxDenominator: number): Fraction | null {
  let left = { num: 0, den: 1 };
  let right = { num: 1, den: 0 };
  for (;;) {
    const middle = { num: left.num + right.num, den: left.den + right.den };
    if (middle.den > maxDenominator || middle.num > Number.MAX_SAFE_INTEGER / 2) return null;
    const value = middle.num / middle.den;
    if (value <= low) {
      // Many steps in one direction at once: a rate of 240 is 240 steps to the right.
      const steps =
        middle.den === 0 ? 1 : Math.max(1, Math.floor((low * left.den - left.num) / (right.num - low * right.den)));
      left = { num: left.num + steps * right.num, den: left.den + steps * right.den };
    } else if (value >= high) {
      const steps = Math.max(1, Math.floor((right.num - high * right.den) / (high * left.den - left.num)));
      right = { num: right.num + steps * left.num, den: right.den + steps * left.den };
    } else return middle;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
