import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuShares } from './cpu-shares.ts';

test('an output bears the time of its own calls and an equal part of what was done for all', () => {
  const shares = new CpuShares(2);
  shares.addShared(20);
  shares.add(0, 50);
  shares.add(1, 30);
  expect([...shares.take()]).toEqual([0.6, 0.4]);
  expect([...shares.take()], 'nothing was done since').toEqual([0.5, 0.5]);
});

test('nothing is lost and nothing counted twice: shares add up to one', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 12 }), fc.nat(1e9), (busy, shared) => {
      const shares = new CpuShares(busy.length);
      busy.forEach((us, output) => shares.add(output, us));
      shares.addShared(shared);
      const taken = shares.take();
      expect(taken.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(taken.every((share) => share >= 0)).toBe(true);
    }),
  );
});
