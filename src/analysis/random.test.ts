import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_SEED, randomBelow, seededRandom, shuffled } from './random.ts';

const seeds = fc.integer({ min: 0, max: MAX_SEED });

test('the same seed gives the same numbers, and another seed others', () => {
  const numbers = (seed: number) => Array.from({ length: 8 }, seededRandom(seed));
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(numbers(seed)).toEqual(numbers(seed));
      expect(numbers(seed)).not.toEqual(numbers(seed === MAX_SEED ? 0 : seed + 1));
    }),
  );
});

test('a shuffle loses and doubles nothing, and leaves its input alone', () => {
  fc.assert(
    fc.property(seeds, fc.array(fc.integer()), (seed, items) => {
      const before = [...items];
      expect(shuffled(items, seededRandom(seed)).toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      expect(items).toEqual(before);
    }),
  );
});

test('every order of four is equally likely', () => {
  const random = seededRandom(1);
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = shuffled([1, 2, 3, 4], random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // A thousand each is expected; six standard deviations are 186.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(186);
});

test('numbers below a limit are all there, and equally likely', () => {
  const random = seededRandom(2);
  const counts = Array.from({ length: 7 }, () => 0);
  for (let i = 0; i < 70_000; i++) counts[randomBelow(7, random)]!++;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(560);
});
