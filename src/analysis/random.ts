// Random numbers from a seed: the same seed gives the same sequence, on every machine and in every version.

/** Gives the next number, a whole one from 0 to 2^32 - 1. */
export type Random = () => number;

/** Seeds are whole numbers from 0 to this. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

/**
 * xoshiro128** (Blackman and Vigna, 2018; public domain), its state filled by splitmix32 from the seed.
 * @param seed whole number from 0 to {@link MAX_SEED}
 */
export function seededRandom(seed: number): Random {
  const low = splitmix32(seed % 2 ** 32);
  const high = splitmix32(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9);
  const state = new Uint32Array([low(), high(), low() ^ high(), low()]);
  // Four zeros would give nothing but zeros.
  if (state.every((part) => part === 0)) state[0] = 1;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotateLeft(state[3]!, 11);
    return result;
  };
}

/** A whole number from 0 to `limit` - 1, each equally likely. */
export function randomBelow(limit: number, random: Random): number {
  // Numbers past the last full multiple are drawn again: a plain remainder would favour small ones.
  const usable = 2 ** 32 - (2 ** 32 % limit);
  let drawn = random();
  while (drawn >= usable) drawn = random();
  return drawn % limit;
}

/** A copy in random order (Fisher and Yates): every order is equally likely. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = randomBelow(i + 1, random);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** splitmix32: spreads a seed over a whole state. */
function splitmix32(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
