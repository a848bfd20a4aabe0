import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkLengths } from './chunk-lengths.ts';
import { cutPlaces, type CutSource } from './cut-places.ts';

const RATE = 24;
const even = (frames: number, scenes: readonly number[] = [0]): CutSource => ({
  frames,
  times: Float64Array.from({ length: frames + 1 }, (_, frame) => frame / RATE),
  scenes,
  change: new Float32Array(frames).fill(0.5),
});
const automatic = (frames: number) => chunkLengths(null, frames / RATE, RATE, 2);

test('cuts lie at scene cuts that are near, and at keyframes elsewhere', () => {
  const source = even(720, [0, 285, 378, 553]);
  expect(cutPlaces(source, 48, automatic(720))).toEqual([0, 144, 285, 378, 553]);
});

test('a source without scenes is cut into equal pieces of whole GOPs', () => {
  expect(cutPlaces(even(720), 48, chunkLengths(6, 30, RATE, 2))).toEqual([0, 144, 288, 432, 576]);
});

test('short shots are collated: forty of them become a few chunks', () => {
  const scenes = Array.from({ length: 40 }, (_, shot) => shot * 18);
  const cuts = cutPlaces(even(720, scenes), 48, automatic(720));
  expect(cuts.length).toBeGreaterThanOrEqual(4);
  expect(cuts.length).toBeLessThanOrEqual(8);
  for (const cut of cuts) expect(cut % 18).toBe(0);
});

test('of scenes that crowd together the clearest is the one', () => {
  const source = even(720, [0, 238, 240, 242, 480]);
  (source.change as Float32Array)[242] = 0.9;
  const cuts = cutPlaces(source, 48, chunkLengths(10, 30, RATE, 2));
  expect(cuts).toEqual([0, 242, 480]);
});

test.each([
  [2, 1, 1],
  [30, 4, 8],
  [120, 4, 8],
  [7200, 60, 240],
])('a source of %i s is cut into %i to %i chunks', (seconds, least, most) => {
  const { length } = cutPlaces(even(seconds * RATE), 48, automatic(seconds * RATE));
  expect(length).toBeGreaterThanOrEqual(least);
  expect(length).toBeLessThanOrEqual(most);
});

test('a minute that one frame lasts is no reason to hang or to cut within it', () => {
  const times = Float64Array.from({ length: 101 }, (_, frame) => frame / RATE + (frame > 50 ? 600 : 0));
  const cuts = cutPlaces({ ...even(100), times }, 48, chunkLengths(2, 604, RATE, 2));
  expect(cuts[0]).toBe(0);
  expect(cuts).toContain(48);
});

/** Any source: durations of frames that vary a thousandfold, scenes anywhere. */
const anySource = fc
  .record({
    durations: fc.array(fc.double({ min: 0.001, max: 3, noNaN: true }), { minLength: 1, maxLength: 400 }),
    scenes: fc.uniqueArray(fc.nat(399), { maxLength: 60 }),
    change: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 400, maxLength: 400 }),
  })
  .map(({ durations, scenes, change }): CutSource => {
    const times = new Float64Array(durations.length + 1);
    for (const [frame, duration] of durations.entries()) times[frame + 1] = times[frame]! + duration;
    return { frames: durations.length, times, scenes: scenes.toSorted((a, b) => a - b), change };
  });

test('whatever the source, chunks ascend from its first frame, none is too short, and none too long that could be cut', () => {
  fc.assert(
    fc.property(
      anySource,
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0.1, max: 30, noNaN: true }),
      (source, gop, asked) => {
        const { frames, times } = source;
        const lengths = chunkLengths(asked, times[frames]!, frames / times[frames]!, 0.1);
        const cuts = cutPlaces(source, gop, lengths);
        expect(cuts[0]).toBe(0);
        const ends = [...cuts.slice(1), frames];
        for (const [index, first] of cuts.entries()) {
          expect(ends[index]).toBeGreaterThan(first);
          const length = times[ends[index]!]! - times[first]!;
          if (cuts.length > 1) expect(length).toBeGreaterThanOrEqual(lengths.shortest);
        }
        expect(cutPlaces(source, gop, lengths)).toEqual(cuts);
      },
    ),
    { numRuns: 300 },
  );
});

test('at a constant rate no chunk is longer than it may be', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.uniqueArray(fc.nat(20_000), { maxLength: 200 }),
      fc.integer({ min: 1, max: 240 }),
      fc.option(fc.double({ min: 0.5, max: 120, noNaN: true })),
      (frames, scenes, gop, asked) => {
        const source = even(
          frames,
          scenes.toSorted((a, b) => a - b),
        );
        const lengths = chunkLengths(asked, frames / RATE, RATE, gop / RATE);
        const cuts = cutPlaces(source, gop, lengths);
        for (const [index, first] of cuts.entries())
          expect(((cuts[index + 1] ?? frames) - first) / RATE).toBeLessThanOrEqual(lengths.longest + 1e-9);
      },
    ),
    { numRuns: 200 },
  );
});
