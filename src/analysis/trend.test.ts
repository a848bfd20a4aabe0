import { expect, it } from 'vitest';
import { seededRandom } from './random.ts';
import { driftWithinRun, findTrend } from './trend.ts';

function wandering(count: number, memory: number, seed: number, slope = 0): Float64Array {
  const random = seededRandom(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log((random() + 0.5) / 2 ** 32)) * Math.cos((2 * Math.PI * random()) / 2 ** 32);
  let last = normal() / Math.sqrt(1 - memory ** 2);
  return Float64Array.from({ length: count }, (_, i) => {
    last = memory * last + normal();
    return 20 + last + (slope * i) / count;
  });
}

const times = (count: number) => Float64Array.from({ length: count }, (_, i) => i / 30);

it('keeps to its level in noise, with and without a memory', () => {
  for (const memory of [0, 0.5, 0.9]) {
    for (const count of [20, 60, 600]) {
      let found = 0;
      for (let seed = 0; seed < 150; seed++)
        if (findTrend(times(count), wandering(count, memory, seed))!.p < 0.01) found++;
      // 1 % of 150 is 1 or 2; of a short series with a long memory somewhat more is let through.
      expect(found).toBeLessThanOrEqual(count === 20 ? 8 : 5);
    }
  }
});

it('finds what grows, and by how much', () => {
  const drift = driftWithinRun(times(1_200), wandering(1_200, 0.5, 3, 10))!;
  expect(drift.p).toBeLessThan(0.001);
  expect(drift.share).toBeGreaterThan(0.3);
  expect(drift.share).toBeLessThan(0.5);
  expect(driftWithinRun(times(1_200), wandering(1_200, 0.5, 3, -10))!.share).toBeLessThan(-0.3);
});

it('says nothing of few frames, of a moment, and of what never changes', () => {
  expect(findTrend([1, 2, 3], [1, 2, 3])).toBeNull();
  expect(driftWithinRun(times(60), wandering(60, 0, 1))).toBeNull();
  expect(findTrend(times(100), new Float64Array(100).fill(7))!.p).toBe(1);
});
