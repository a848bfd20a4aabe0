import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UseSamples } from './use-samples.ts';

const second = 1e6;

/** One sample a quarter of a second; `cores` are those busy until then. */
function sampled(cores: readonly number[], memory: readonly number[] = []): UseSamples {
  const samples = new UseSamples();
  let cpuS = 0;
  for (const [i, busy] of [0, ...cores].entries()) {
    cpuS += busy / 4;
    const timeUs = (i * second) / 4;
    samples.add({ timeUs, cpuS, memory: memory[i] ?? 1000, diskRead: 10 * i, diskWritten: NaN });
  }
  return samples;
}

test('the peak is that of the busiest second, not of the busiest moment', () => {
  const used = sampled([1, 1, 1, 1, 4, 0, 4, 0, 1, 1, 1, 1]).used(0, 3 * second);
  expect(used).toMatchObject({ durationS: 3, cpuS: 4, cpuPeak: 2.25, memoryPeak: 1000, diskRead: 120 });
  expect(used.diskWritten).toBeNull();
  expect(used.network).toBeNull();
});

test('a span tells what was used inside of it: counters are interpolated, memory is the largest sample', () => {
  const samples = sampled([2, 2, 2, 2, 0, 0, 0, 0], [1, 5, 3, 2, 2, 2, 2, 9, 1]);
  expect(samples.used(0.5 * second, 1.5 * second)).toMatchObject({ cpuS: 1, memoryPeak: 3, diskRead: 40 });
  expect(samples.used(0.1 * second, 0.15 * second).cpuS).toBeCloseTo(0.1);
  // Shorter than a second: no second of it was busy.
  expect(samples.used(0, 0.5 * second).cpuPeak).toBeNull();
  // Between two samples: the next one saw what it held.
  expect(samples.used(1.6 * second, 1.7 * second).memoryPeak).toBe(9);
  expect(samples.used(0, second, 7).cpuS).toBe(7);
});

test('what nobody sampled is not known', () => {
  expect(new UseSamples().used(0, second)).toEqual({
    durationS: 1,
    cpuS: null,
    cpuPeak: null,
    memoryPeak: null,
    diskRead: null,
    diskWritten: null,
    network: null,
  });
});

test('however long it goes on, the sum, the peak of memory and the whole stay', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40_000 }), fc.nat(39_999), (count, at) => {
      const samples = new UseSamples();
      for (let i = 0; i < count; i++)
        samples.add({ timeUs: i * 250_000, cpuS: i / 4, memory: i === at ? 9e9 : 1e6, diskRead: i, diskWritten: i });
      const used = samples.used(0, count * 250_000);
      expect(used.cpuS).toBe((count - 1) / 4);
      expect(used.memoryPeak).toBe(at < count ? 9e9 : 1e6);
      if (count > 8) expect(used.cpuPeak).toBeCloseTo(1);
    }),
    { numRuns: 20 },
  );
});
