import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PictureChooser, type HeldPlace } from './picture-chooser.ts';
import { choosePictures, intervalTicks, pictureCount } from './thumbnail-plan.ts';

/** Milliseconds: an interval of a second has 1,000 ticks. */
const TIME_BASE = { num: 1, den: 1000 };

/** What is chosen of frames that pass by; the chooser is told how long the video will be, as a container says it. */
function passingBy(pts: readonly number[], key: readonly boolean[], durationS: number, most: number): number[] | null {
  const held: Record<HeldPlace, number> = { middle: -1, key: -1 };
  const chosen: number[] = [];
  let frame = 0;
  const chooser = new PictureChooser(intervalTicks(durationS, TIME_BASE), {
    hold: (place, from) => (held[place] = from === 'now' ? frame : frame - 1),
    choose: (place) => chosen.push(place === 'before' ? frame - 1 : held[place]),
  });
  for (; frame < pts.length; frame++) if (!chooser.add(pts[frame]!, key[frame]!, most)) return null;
  chooser.finish(pictureCount(durationS));
  return chosen;
}

test('frames that pass by are chosen as if all of them were at hand: any rate, any pause, any keyframes', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }) },
    { weight: 1, arbitrary: fc.constantFrom(250, 500, 1000) },
  );
  const frames = fc.array(fc.tuple(step, fc.boolean()), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(frames, fc.integer({ min: 0, max: 9000 }), (rows, startMs) => {
      const pts: number[] = [];
      let endMs = startMs;
      for (const [durationMs] of rows) {
        pts.push(endMs);
        endMs += durationMs;
      }
      const key = rows.map(([, isKey]) => isKey);
      const durationS = (endMs - startMs) / 1000;
      const columns = {
        pts: Float64Array.from(pts),
        key: Uint8Array.from(key, Number),
        spatial: new Float32Array(pts.length),
      };
      const info = { video: { timeBase: TIME_BASE, frameRate: null } };
      const expected = choosePictures({ info, frames: columns }, durationS).map(({ frame }) => frame);
      expect(passingBy(pts, key, durationS, Infinity)).toEqual(expected);
    }),
  );
});

test('a time that jumps ahead by years ends the choosing', () => {
  expect(passingBy([0, 500, 1e12], [true, false, false], 2, 100)).toBeNull();
});
