// A lab that learns from what it finished, with the real store and the real child.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ShapeRow } from '#core/shape';
import { seededRandom } from '#analysis/random';
import { openLab } from '#lab/lab';
import { newId } from '#system/clock';
import { recordShapes, sampleShape } from '../../../test/lab/sample-shapes.ts';
import { train, trainIfGrown } from './learn.ts';
import { readModel } from './model-file.ts';
import { predictWork } from './predict-work.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-learn-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SIZES = [
  [640, 360],
  [1280, 720],
  [1920, 1080],
] as const;

/** Titles of five chunks each, whose CPU follows pixels, frames and how busy the title is. */
function work(titles: number, random: () => number): ShapeRow[] {
  return Array.from({ length: titles }, () => {
    const title = newId();
    const busy = 0.5 + random();
    return Array.from({ length: 5 }, (_, chunk) => {
      const [width, height] = SIZES[Math.floor(random() * SIZES.length)]!;
      const frames = 100 + Math.floor(random() * 200);
      const cpuS = (width * height * frames * busy * (0.95 + 0.1 * random())) / 1e8;
      const used = { cpuS, durationS: cpuS / 1.8, memoryPeak: 1e8 + width * height * 200 };
      const known = { width, height, outputPixels: width * height, frames, temporal: busy * 10 };
      return sampleShape({ ...used, ...known, id: newId(), title, item: `encode/${chunk}` });
    });
  }).flat();
}

test('a lab learns once there are enough titles, again when there is much more, and predicts by what it learned', async () => {
  const lab = await openLab(join(folder, 'lab'));
  const next = seededRandom(7);
  const random = () => next() / 2 ** 32;
  const add = async (titles: number) => void (await recordShapes(lab, work(titles, random)));
  await add(5);
  expect(await trainIfGrown(lab)).toBeNull();
  expect(await train(lab)).toContain('titles');
  await add(40);
  expect(await trainIfGrown(lab)).toMatchObject({ number: 1, rows: 225, titles: 45 });
  expect(await trainIfGrown(lab)).toBeNull();
  await add(5);
  expect(await trainIfGrown(lab)).toBeNull();
  const { model } = await readModel(lab.path);
  const { cpuS: said, basis } = predictWork({ model, calibration: null }, sampleShape({ temporal: 10, frames: 200 }));
  const truth = (1920 * 1080 * 200) / 1e8;
  expect(basis).toBe('model 1');
  expect(Math.abs(Math.log(said!.value / truth))).toBeLessThan(0.4);
  expect(said!.low).toBeLessThan(truth);
  expect(said!.high).toBeGreaterThan(truth);
  expect(await train(lab)).toMatchObject({ number: 2, rows: 250 });
  await lab.close();
}, 120_000);
