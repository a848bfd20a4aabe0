import { expect, test } from 'vitest';
import { groupedBounds } from './conformal.ts';
import { seededRandom } from './random.ts';

const high = (scores: Float64Array, groups: ArrayLike<number>, level: number) =>
  groupedBounds(scores, groups, { below: 0.5, above: 1 - level }).high;

test('a group counts once, however many rows it has; the new group counts as one above all', () => {
  // Four groups: the share up to a score is that of 1/4 a group, times 4/5.
  const scores = Float64Array.of(1, 2, 3, 4, 10, 20, 30);
  const groups = [0, 0, 0, 0, 1, 2, 3];
  expect(high(scores, groups, 0.2)).toBe(4);
  expect(high(scores, groups, 0.05)).toBe(1);
  expect(high(scores, groups, 0.4)).toBe(10);
  expect(high(scores, groups, 0.8)).toBe(30);
  expect(groupedBounds(scores, groups, { below: 0.4, above: 0.2 })).toEqual({ low: 10, high: 30 });
  expect(groupedBounds(scores, groups, { below: 0.2, above: 0.2 })).toEqual({ low: 1, high: 30 });
});

test('too few groups promise nothing: 95 % takes 19', () => {
  const scores = (groups: number) => Float64Array.from({ length: groups }, (_, group) => group);
  expect(high(scores(18), scores(18), 0.95)).toBe(Infinity);
  expect(high(scores(19), scores(19), 0.95)).toBe(18);
  const nothing = groupedBounds(new Float64Array(), [], { below: 0.5, above: 0.5 });
  expect(nothing).toEqual({ low: -Infinity, high: Infinity });
});

test('the bound holds on new groups as often as it says, whose rows are alike and whose sizes are not', () => {
  const random = seededRandom(11);
  const uniform = () => random() / 2 ** 32;
  let covered = 0;
  const rounds = 300;
  for (let round = 0; round < rounds; round++) {
    const scores: number[] = [];
    const groups: number[] = [];
    // Small groups are far off: counting rows would miss them.
    const sample = () => {
      const small = uniform() < 0.5;
      return { size: small ? 2 : 40, center: (small ? 3 : 1) * uniform() };
    };
    for (let group = 0; group < 40; group++) {
      const { size, center } = sample();
      for (let i = 0; i < size; i++) {
        scores.push(center + 0.2 * uniform());
        groups.push(group);
      }
    }
    const bound = high(Float64Array.from(scores), groups, 0.9);
    covered += sample().center + 0.2 * uniform() <= bound ? 1 / rounds : 0;
  }
  expect(covered).toBeGreaterThan(0.87);
  expect(covered).toBeLessThan(0.95);
});
