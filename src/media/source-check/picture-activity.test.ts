import { expect, test } from 'vitest';
import { PictureActivity } from './picture-activity.ts';

const WIDTH = 64;
const HEIGHT = 36;
const picture = (sample: (x: number, y: number) => number) =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => sample(i % WIDTH, Math.floor(i / WIDTH)));

test('the first picture has detail and no change', () => {
  const activity = new PictureActivity(WIDTH, HEIGHT);
  activity.add(picture((x) => (x < 32 ? 0 : 200)));
  expect(activity).toMatchObject({ temporal: 0, histogram: 0, change: [0, 0, 0] });
  expect(activity.spatial).toBeGreaterThan(50);
});

test('flat pictures have no detail, and differ by their luma', () => {
  const activity = new PictureActivity(WIDTH, HEIGHT);
  for (const luma of [10, 30, 70, 10]) activity.add(picture(() => luma));
  expect(activity.spatial).toBe(0);
  expect(activity.temporal).toBe(60);
  expect(activity.histogram).toBe(1);
  expect(activity.change).toEqual([60, 20, 0]);
});

test('spatial information is the standard deviation of the Sobel-filtered luma', () => {
  const activity = new PictureActivity(WIDTH, HEIGHT);
  const luma = picture((x, y) => (x * x * 3 + y * 11 + x * y) % 256);
  activity.add(luma);
  const magnitudes: number[] = [];
  const at = (x: number, y: number) => luma[y * WIDTH + x]!;
  for (let y = 1; y < HEIGHT - 1; y++)
    for (let x = 1; x < WIDTH - 1; x++) {
      let across = 0;
      let down = 0;
      for (const [offset, weight] of [
        [-1, 1],
        [0, 2],
        [1, 1],
      ] as const) {
        across += weight * (at(x + 1, y + offset) - at(x - 1, y + offset));
        down += weight * (at(x + offset, y + 1) - at(x + offset, y - 1));
      }
      magnitudes.push(Math.hypot(across, down));
    }
  const mean = magnitudes.reduce((sum, each) => sum + each, 0) / magnitudes.length;
  const variance = magnitudes.reduce((sum, each) => sum + (each - mean) ** 2, 0) / magnitudes.length;
  expect(activity.spatial).toBeCloseTo(Math.sqrt(variance), 6);
});

test('noise changes samples much and blocks little', () => {
  const activity = new PictureActivity(WIDTH, HEIGHT);
  let state = 1;
  const noise = () => picture(() => 100 + ((state = (state * 1664525 + 1013904223) >>> 0) >>> 26));
  activity.add(noise());
  activity.add(noise());
  expect(activity.temporal).toBeGreaterThan(15);
  expect(activity.change[0]).toBeLessThan(activity.temporal / 2.5);
});
