import fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference } from './difference.ts';
import { fitted, moved, pictureAt, zoomed } from './picture-view.ts';

const size = (max: number) => fc.record({ width: fc.integer({ min: 16, max }), height: fc.integer({ min: 16, max }) });

test('zooming in keeps the point under the pointer, wherever the picture reaches beyond the pane', () => {
  const picture = { width: 1920, height: 1080 };
  const pane = { width: 960, height: 540 };
  const at = { x: 700, y: 100 };
  let view = fitted(picture, pane);
  const under = pictureAt(view, at, pane);
  for (let step = 0; step < 5; step++) view = zoomed(view, 1.5, at, picture, pane);
  expect(pictureAt(view, at, pane).x).toBeCloseTo(under.x, 6);
  expect(pictureAt(view, at, pane).y).toBeCloseTo(under.y, 6);
});

test('whatever is done, the view never leaves the picture and never shows more than all of it', () => {
  const step = fc.record({
    factor: fc.double({ min: 0.2, max: 5, noNaN: true }),
    x: fc.integer({ min: -50, max: 900 }),
    y: fc.integer({ min: -50, max: 900 }),
  });
  fc.assert(
    fc.property(size(4000), size(1500), fc.array(step, { maxLength: 12 }), (picture, pane, steps) => {
      const whole = fitted(picture, pane);
      let view = whole;
      for (const { factor, x, y } of steps) {
        view = moved(zoomed(view, factor, { x, y }, picture, pane), x - 400, y - 400, picture, pane);
        expect(view.scale).toBeGreaterThanOrEqual(Math.min(1, whole.scale));
        expect(view.x).toBeGreaterThanOrEqual(0);
        expect(view.x).toBeLessThanOrEqual(picture.width);
        expect(view.y).toBeGreaterThanOrEqual(0);
        expect(view.y).toBeLessThanOrEqual(picture.height);
      }
    }),
  );
});

test('a difference is absolute, amplified, clamped and opaque', () => {
  const a = Uint8ClampedArray.of(10, 200, 0, 255);
  const b = Uint8ClampedArray.of(12, 100, 0, 0);
  expect([...difference(a, b, 4)]).toEqual([8, 255, 0, 255]);
  expect([...difference(b, a, 1)]).toEqual([2, 100, 0, 255]);
  expect(() => difference(a, new Uint8ClampedArray(8), 1)).toThrow(RangeError);
});
