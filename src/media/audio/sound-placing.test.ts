import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trackChannels } from './channel-layout.ts';
import { loudnessGain } from './loudness-gain.ts';
import { JUMP, SoundClock } from './sound-clock.ts';
import { TrackSamples } from './track-samples.ts';

/** Lays pieces of sound, each sample holding its own position + 1, and returns the track. */
function laid(length: number, pieces: readonly (readonly [position: number, count: number])[]) {
  const track: number[] = [];
  const samples = new TrackSamples(2, length, (block, count) => {
    expect(block).toHaveLength(2 * count);
    for (let i = 0; i < count; i++) {
      expect(block[2 * i + 1]).toBe(block[2 * i]);
      track.push(block[2 * i]!);
    }
  });
  for (const [position, count] of pieces)
    samples.put(
      position,
      Float32Array.from({ length: 2 * count }, (_, i) => position + Math.floor(i / 2) + 1),
      count,
    );
  return { track, placement: samples.finish() };
}

test('a track is as long as the video, and each of its samples is silent or the one that belongs there', () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.array(fc.tuple(fc.integer({ min: -50, max: 250 }), fc.nat(60)), { maxLength: 12 }),
      (length, pieces) => {
        const { track } = laid(length, pieces);
        expect(track).toHaveLength(length);
        track.forEach((value, position) => expect([0, position + 1]).toContain(value));
      },
    ),
  );
});

test('pieces in order are all heard, but for what lies outside of the video', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 10 }),
      (start, holesAndCounts) => {
        const pieces: [number, number][] = [];
        let at = start;
        for (const [hole, count] of holesAndCounts) {
          pieces.push([at + hole, count]);
          at += hole + count;
        }
        const heard = new Set(
          pieces.flatMap(([position, count]) => Array.from({ length: count }, (_, i) => position + i)),
        );
        const { track, placement } = laid(200, pieces);
        track.forEach((value, position) => expect(value).toBe(heard.has(position) ? position + 1 : 0));
        expect(placement.overlaps).toBe(0);
        const { cutBefore, cutBehind } = placement;
        const inside = track.filter((value) => value !== 0).length;
        expect(inside + cutBefore + cutBehind).toBe(heard.size);
      },
    ),
  );
});

test('what was done to the sound is told', () => {
  expect(
    laid(100, [
      [-10, 30],
      [40, 20],
      [50, 20],
      [90, 30],
    ]).placement,
  ).toEqual({
    silenceBefore: 0,
    silenceBehind: 0,
    cutBefore: 10,
    cutBehind: 20,
    gaps: 2,
    gapSamples: 40,
    overlaps: 1,
    overlapSamples: 10,
    stretched: 0,
  });
  expect(laid(100, [[20, 30]]).placement).toMatchObject({ silenceBefore: 20, silenceBehind: 50, gaps: 0 });
  expect(laid(100, []).placement).toMatchObject({ silenceBefore: 0, silenceBehind: 100 });
});

test('timestamps rounded to milliseconds are no gaps and no drift', () => {
  const clock = new SoundClock();
  expect(clock.place(0, NaN, NaN)).toBe(JUMP);
  for (let frame = 1; frame < 5_000; frame++) {
    const exact = frame * 1024;
    expect(clock.place(Math.round(exact / 48) * 48, exact, 0)).toBe(0);
  }
});

test('a lost packet of 20 ms is a gap where the piece behind it says so too; one late timestamp is none', () => {
  const clock = new SoundClock();
  clock.place(0, NaN, NaN);
  expect(clock.place(1024 + 960, 1024, 960)).toBe(JUMP);
  expect(clock.place(5_000 + 960, 5_000, 40)).toBe(0);
  expect(clock.place(6_000 + 9_600, 6_000, 0)).toBe(JUMP);
  expect(clock.place(NaN, 7_000, NaN)).toBe(0);
});

test.each([0.999, 0.9995, 1.0005, 1.001])(
  'a clock that runs wrong (%f) is followed: never more than 3 ms off, without a jump',
  (speed) => {
    const clock = new SoundClock();
    let next = NaN;
    let worst = 0;
    let jumps = 0;
    for (let frame = 0; frame < 10_000; frame++) {
      const wanted = frame * 1024 * speed;
      const answer = clock.place(wanted, next, wanted - next);
      if (answer === JUMP) {
        jumps++;
        next = wanted;
      } else next += answer;
      worst = Math.max(worst, Math.abs(next - wanted));
      next += 1024;
    }
    expect(jumps).toBe(1);
    expect(worst).toBeLessThan(3 * 48);
  },
);

test('the gain reaches the target where the peaks have room, and stops 1 dB below full scale where not', () => {
  const measured = { integrated: -30, range: 5, truePeak: -12 };
  expect(loudnessGain(measured, -23, false)).toEqual({ gain: 7, reached: true });
  expect(loudnessGain(measured, -16, false)).toEqual({ gain: 11, reached: false });
  expect(loudnessGain({ ...measured, integrated: -10 }, -23, false)).toEqual({ gain: -13, reached: true });
  expect(loudnessGain(measured, null, true)).toEqual({ gain: 0, reached: null });
  const loud = { integrated: -5, range: 1, truePeak: 3 };
  expect(loudnessGain(loud, null, false)).toEqual({ gain: 0, reached: null });
  expect(loudnessGain(loud, null, true)).toEqual({ gain: -4, reached: null });
  expect(loudnessGain({ integrated: null, range: 0, truePeak: null }, -23, false)).toEqual({ gain: 0, reached: false });
});

test('a track has channels that its codec and every player know, and never more than the source or the ladder', () => {
  const cases = [
    ['aac', 6, 2, 2],
    ['aac', 6, 6, 6],
    ['aac', 1, 2, 1],
    ['aac', 3, 6, 2],
    ['aac', 8, 8, 6],
    ['opus', 8, 8, 8],
    ['opus', 7, 8, 6],
    ['opus', 2, 1, 1],
  ] as const;
  for (const [codec, source, most, made] of cases) expect(trackChannels(codec, source, most)).toBe(made);
});
