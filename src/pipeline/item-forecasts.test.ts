// What a worker expects of items, by what a lab really holds: nothing, a calibration, a model, and finished items of the title.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ShapeRow } from '#core/shape';
import { CALIBRATION_VERSION, type Calibration } from '#farm/predict/calibration';
import { writeCalibration } from '#farm/predict/calibration-file';
import { trainModel } from '#farm/predict/model';
import { MODELS_FOLDER, writeModel } from '#farm/predict/model-file';
import { temporaryFolder } from '../../test/cli/run-cli.ts';
import { sampleShape } from '../../test/lab/sample-shapes.ts';
import { ItemForecasts } from './item-forecasts.ts';

const work = sampleShape();
const calibration: Calibration = {
  version: CALIBRATION_VERSION,
  machine: work.machine,
  measuredAt: 0,
  rates: [
    {
      engine: 'bundled',
      codec: 'h264',
      encoder: 'libx264',
      preset: 'medium',
      threads: 2,
      secondsPerMegapixel: 0.05,
      cpuPerMegapixel: 0.1,
      memoryPeak: 5e8,
      pixels: 1920 * 1080,
    },
  ],
  problems: [],
};

test('the newest that the lab has learned holds, and what can’t be read is told', async () => {
  const lab = temporaryFolder();
  const forecasts = new ItemForecasts(lab);
  expect(await forecasts.read()).toEqual([]);
  expect(forecasts.predict(work, 'new').basis).toBe('guess');

  await writeCalibration(lab, calibration);
  expect(forecasts.predict(work, 'new').basis).toBe('guess');
  expect(await forecasts.read()).toEqual([]);
  const { basis, memoryBytes } = forecasts.predict(work, 'new');
  expect([basis, memoryBytes!.value]).toEqual(['calibration', 5e8]);

  const rows = Array.from({ length: 90 }, (_, n) => sampleShape({ id: `piece-${n}`, title: `title-${n % 30}` }));
  const model = trainModel(rows, { seed: 1, trainedAt: 1 });
  if (typeof model === 'string') throw new Error(model);
  await writeModel(lab, model);
  expect(await forecasts.read()).toEqual([]);
  const learned = forecasts.predict(work, 'new');
  expect(learned.basis).toBe('model 1');
  expect(learned.cpuS!.value / work.cpuS!).toBeCloseTo(1, 1);

  writeFileSync(join(lab, MODELS_FOLDER, 'shape-0002.json'), '{');
  writeFileSync(join(lab, MODELS_FOLDER, 'calibration.json'), '{');
  const problems = await forecasts.read();
  expect(problems.map((text) => /shape-0002|calibration/.exec(text)?.[0])).toEqual(['shape-0002', 'calibration']);
  expect(forecasts.predict(work, 'new').basis).toBe('model 1');
});

async function calibrated(): Promise<ItemForecasts> {
  const lab = temporaryFolder();
  await writeCalibration(lab, calibration);
  const forecasts = new ItemForecasts(lab);
  await forecasts.read();
  return forecasts;
}

const memoryOf = (forecasts: ItemForecasts, title: string) => forecasts.predict(work, title).memoryBytes!;
const piece = (memoryPeak: number, change: Partial<ShapeRow> = {}) => sampleShape({ memoryPeak, ...change });

test('a finished item corrects those of its own title and kind, and narrows their bounds', async () => {
  const forecasts = await calibrated();
  const before = memoryOf(forecasts, 'title');
  forecasts.learn(piece(2e9));
  const after = memoryOf(forecasts, 'title');
  expect(after.value).toBeGreaterThan(1e9);
  expect(after.high / after.value).toBeLessThan(before.high / before.value);
  expect(memoryOf(forecasts, 'other')).toEqual(before);
});

test('what failed, what is of no title and what is of another kind teaches nothing', async () => {
  const forecasts = await calibrated();
  const before = memoryOf(forecasts, 'title');
  forecasts.learn(piece(2e9, { outcome: 'failed' }));
  forecasts.learn(piece(2e9, { title: null }));
  forecasts.learn(piece(2e9, { kind: 'assemble' }));
  expect(memoryOf(forecasts, 'title')).toEqual(before);
});

test('of a long title the latest items count', async () => {
  const [long, short] = [await calibrated(), await calibrated()];
  for (let n = 0; n < 60; n++) long.learn(piece(1e8));
  for (let n = 0; n < 40; n++) for (const forecasts of [long, short]) forecasts.learn(piece(2e9));
  expect(memoryOf(long, 'title')).toEqual(memoryOf(short, 'title'));
});

test('of very many titles those are remembered that were worked on last', async () => {
  const forecasts = await calibrated();
  const before = memoryOf(forecasts, 'new');
  forecasts.learn(piece(2e9, { title: 'first' }));
  forecasts.learn(piece(2e9, { title: 'second' }));
  forecasts.learn(piece(2e9, { title: 'first' }));
  for (let n = 0; n < 999; n++) forecasts.learn(piece(2e9, { title: `title ${n}` }));
  expect(memoryOf(forecasts, 'second')).toEqual(before);
  expect(memoryOf(forecasts, 'first').value).toBeGreaterThan(1e9);
});
