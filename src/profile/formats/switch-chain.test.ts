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

test('who is seen on a CPU where another one was put came by a switch that is missing', () => {
  const chainOf = (rounds: number, ...seen: number[]) => {
    const chain = new SwitchChain();
    for (let i = 0; i < rounds; i++) {
      chain.add(0, 0, 7);
      for (const thread of seen) chain.seen(0, thread);
      chain.add(0, 7, 0);
    }
    return chain.isThinned;
  };
  expect(chainOf(4, 0, 7)).toBe(true);
  expect(chainOf(20, 7, 7, 7)).toBe(false);
  // Few switches away from idling are told by some kernels: who is seen after one came by one of them.
  const untold = new SwitchChain();
  for (let i = 0; i < 20; i++) {
    untold.seen(0, 7 + (i % 2));
    untold.add(0, 7 + (i % 2), 0);
  }
  expect(untold.isThinned).toBe(false);
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

test("of a single program a thread's end is not told, and each other switch of it is", () => {
  const children = Array.from({ length: 40 }, (_, i) => [`7-${100 + i}`, `${100 + i}-99`, `7-${100 + i}`]).flat();
  expect(isThinned(...children)).toBe(false);
  expect(isThinned(...children, '0-7')).toBe(true);
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
