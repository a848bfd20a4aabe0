import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameClock, offsetAt } from './frame-clock.ts';
import { matchFrames } from './match-frames.ts';
import { randomBelow, seededRandom } from './random.ts';

describe('the same frames in two places', () => {
  const stream = fc
    .tuple(fc.integer({ min: 30, max: 400 }), fc.integer({ min: 50, max: 100_000 }), fc.nat())
    .map(([count, sizes, seed]) => {
      const random = seededRandom(seed);
      const all = Int32Array.from({ length: count }, () => randomBelow(sizes, random));
      const keep = (share: number) => [...all.keys()].filter(() => randomBelow(100, random) < share);
      return { all, first: keep(90), second: keep(90) };
    });

  it('are found by their sizes, whichever are missing on either side, and never in another order', () => {
    fc.assert(
      fc.property(stream, ({ all, first, second }) => {
        const sizesOf = (indices: readonly number[]) => Int32Array.from(indices, (index) => all[index]!);
        const match = matchFrames(sizesOf(first), sizesOf(second))!;
        expect(match).not.toBeNull();
        let last = -1;
        let [right, common] = [0, 0];
        for (const [at, index] of second.entries()) {
          if (first.includes(index)) common++;
          const found = match[at]!;
          if (found < 0) continue;
          expect(found).toBeGreaterThan(last);
          expect(all[first[found]!]).toBe(all[index]);
          last = found;
          if (first[found] === index) right++;
        }
        // Equal sizes side by side can't be told apart.
        expect(right).toBeGreaterThanOrEqual(common * 0.9);
      }),
      { numRuns: 100 },
    );
  });

  it('are all found where all are there, and where a piece of one side is missing at its beginning or end', () => {
    const sizes = Array.from({ length: 200 }, (_, i) => 1000 + ((i * 7919) % 1013));
    expect([...matchFrames(sizes, sizes)!]).toEqual([...sizes.keys()]);
    expect([...matchFrames(sizes, sizes.slice(17, 180))!]).toEqual(Array.from({ length: 163 }, (_, i) => i + 17));
    const match = matchFrames(sizes.slice(17, 180), sizes)!;
    expect(Array.from(match.subarray(0, 18))).toEqual([...Array<number>(17).fill(-1), 0]);
  });

  it('are not found where the two have nothing to do with each other, or every frame has one size', () => {
    expect(matchFrames([1, 2, 3, 4], [5, 6, 7, 8])).toBeNull();
    expect(matchFrames([], [])).toBeNull();
    expect(matchFrames(Array<number>(100).fill(5), Array<number>(90).fill(5))).toBeNull();
  });
});

describe('a clock that only frames tell', () => {
  it('is found with its drift up to the smallest delay, within the error that it tells', () => {
    fc.assert(
      fc.property(
        fc.record({
          offsetUs: fc.integer({ min: -1e10, max: 1e10 }),
          driftPpm: fc.integer({ min: -200, max: 200 }),
          smallestUs: fc.integer({ min: 0, max: 50_000 }),
          jitterUs: fc.integer({ min: 1, max: 20_000 }),
          seed: fc.nat(),
        }),
        ({ offsetUs, driftPpm, smallestUs, jitterUs, seed }) => {
          const random = seededRandom(seed);
          const sentUs = Float64Array.from({ length: 1200 }, (_, i) => 1e9 + i * 33_333);
          const remote = (timeUs: number) => timeUs + offsetUs + (driftPpm / 1e6) * (timeUs - 1e9);
          // Most frames wait a little, some long: one in twenty is as fast as can be.
          const delay = () => smallestUs + (randomBelow(20, random) === 0 ? 0 : randomBelow(jitterUs, random));
          const clock = frameClock(
            sentUs,
            sentUs.map((timeUs) => Math.round(remote(timeUs + delay()))),
          )!;
          for (const timeUs of [1e9, 1.02e9, 1.04e9]) {
            const truth = remote(timeUs) - timeUs + smallestUs;
            expect(Math.abs(offsetAt(clock, timeUs) - truth)).toBeLessThan(clock.errorUs + jitterUs * 0.02 + 20);
          }
          if (clock.driftKnown) expect(Math.abs(clock.drift * 1e6 - driftPpm)).toBeLessThan(50);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('needs frames, and tells no drift of a moment', () => {
    expect(frameClock([], [])).toBeNull();
    expect(frameClock([5], [25])).toMatchObject({ offsetUs: 20, driftKnown: false });
  });
});
