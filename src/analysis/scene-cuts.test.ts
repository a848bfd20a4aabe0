import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sceneCuts, type SceneSignals } from './scene-cuts.ts';

/** Signals of pictures that are each one number, luma from 0 to 255: differences are then what they are for flat pictures. */
function signalsOf(pictures: readonly number[]): SceneSignals {
  const back = (distance: number) =>
    Float32Array.from(pictures, (picture, i) => (i < distance ? 0 : Math.abs(picture - pictures[i - distance]!)));
  return {
    frames: pictures.length,
    change: back(1),
    change2: back(2),
    change3: back(3),
    histogram: back(1).map((each) => Math.min(1, each / 8)),
  };
}

const scene = (luma: number, frames: number, step = 0) => Array.from({ length: frames }, (_, i) => luma + i * step);

test('a hard cut is found at the first frame of the new scene', () => {
  expect(sceneCuts(signalsOf([...scene(40, 30), ...scene(120, 30), ...scene(20, 30)]))).toEqual([0, 30, 60]);
});

test('a fade, a dissolve and steady movement have no cuts', () => {
  expect(sceneCuts(signalsOf([...scene(0, 10), ...scene(0, 12, 15), ...scene(180, 20)]))).toEqual([0]);
  expect(sceneCuts(signalsOf(scene(0, 120, 9)))).toEqual([0]);
});

test('flashes of one and of two frames are no cuts, and hide none nearby', () => {
  for (const length of [1, 2]) {
    const flash = [...scene(40, 30), ...scene(250, length), ...scene(40, 30)];
    expect(sceneCuts(signalsOf(flash))).toEqual([0]);
  }
  expect(sceneCuts(signalsOf([...scene(40, 30), 110, 110, 250, ...scene(110, 30)]))).toEqual([0, 30]);
});

test('a picture that is held for several frames, as animation does, makes no cut with each new one', () => {
  for (const held of [2, 3, 4])
    expect(
      sceneCuts(signalsOf(Array.from({ length: 120 }, (_, i) => 20 * Math.abs((Math.floor(i / held) % 12) - 6)))),
    ).toEqual([0]);
});

test('a blended frame between two scenes makes one cut and not two', () => {
  const cuts = sceneCuts(signalsOf([...scene(40, 30), 90, ...scene(140, 30)]));
  expect(cuts).toHaveLength(2);
  expect([30, 31]).toContain(cuts[1]);
});

test('scenes begin at 0 and ascend within the frames, whatever the pictures are, and the same ones in the negative', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 80 }), (pictures) => {
      const cuts = sceneCuts(signalsOf(pictures));
      expect(cuts[0]).toBe(0);
      for (let i = 1; i < cuts.length; i++) expect(cuts[i]).toBeGreaterThan(cuts[i - 1]!);
      expect(cuts.at(-1)).toBeLessThan(pictures.length);
      expect(sceneCuts(signalsOf(pictures.map((picture) => 255 - picture)))).toEqual(cuts);
    }),
  );
});
