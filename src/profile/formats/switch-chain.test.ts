import { expect, test } from 'vitest';
import { SwitchChain } from './switch-chain.ts';

/** Switches of CPU 0, `FROM-TO` by numbers of threads. */
function isThinned(...switches: string[]): boolean {
  const chain = new SwitchChain();
  for (const each of switches) {
    const [from, to] = each.split('-').map(Number);
    chain.add(0, from!, to!);
  }
  return chain.isThinned;
}

const times = (count: number, ...switches: string[]) => Array.from({ length: count }, () => switches).flat();

test('where switches take off a CPU whom none put there, some are missing', () => {
  expect(isThinned(...times(4, '0-7', '8-7', '7-0', '0-8'))).toBe(true);
  expect(isThinned(...times(8, '0-7', '7-8', '8-0'))).toBe(false);
});

test('a kernel that tells of few switches away from idling has told of each other one', () => {
  expect(isThinned(...times(20, '7-0', '8-0', '7-8', '8-0'))).toBe(false);
});

test('a few missing ones among many are none that a frequency thinned, and a handful tells nothing', () => {
  expect(isThinned(...times(50, '0-7', '7-0'), ...times(5, '0-7', '8-0'))).toBe(false);
  expect(isThinned(...times(3, '0-7', '8-0'))).toBe(false);
});

test('of a single program only its own threads are told to leave: others are followed by nobody', () => {
  expect(isThinned(...times(20, '7-99', '7-99', '8-98', '8-7'))).toBe(false);
});

test('what is known to be lost is not taken for it', () => {
  const chain = new SwitchChain();
  for (let i = 0; i < 20; i++) {
    chain.add(i % 2, 0, 7);
    chain.lost(i % 4 === 0 ? -1 : i % 2);
    chain.add(i % 2, 8, 0);
  }
  expect(chain.isThinned).toBe(false);
});
