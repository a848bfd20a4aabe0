import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeCalibration } from '#farm/predict/calibration-file';
import { writeModel } from '#farm/predict/model-file';
import { trainModel } from '#farm/predict/model';
import { openLab } from '#lab/lab';
import { compactShapes } from '#lab/shapes/compact-shapes';
import { recordShapes, sampleShape } from '../../test/lab/sample-shapes.ts';
import { learnedShapes } from './learned-shapes.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-learned-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('only work that ended after the model was trained is compared with it', async () => {
  const lab = await openLab(join(folder, 'lab'));
  expect(await learnedShapes(lab)).toEqual({ model: null, predicted: null });
  const rows = Array.from({ length: 90 }, (_, n) =>
    sampleShape({ id: `piece-${n}`, title: `title-${n % 30}`, frames: 50 + n, cpuS: 5 + n / 10, endedAt: 1_000 + n }),
  );
  const model = trainModel(rows, { seed: 1, trainedAt: 2_000 });
  if (typeof model === 'string') throw new Error(model);
  await writeModel(lab.path, model);
  await recordShapes(lab, rows);
  await compactShapes(lab);
  const before = await learnedShapes(lab);
  expect(before.predicted).toBeNull();
  expect(before.model).toMatchObject({ number: 1, pieces: 90, titles: 30 });
  expect(before.model!.rows.map(({ quantity }) => quantity)).toContain('memoryPeak');
  const later = sampleShape({ id: 'later', title: 'new', frames: 95, cpuS: 9, endedAt: 3_000 });
  const unknown = sampleShape({ id: 'unknown', title: 'new', encoder: 'libx265', endedAt: 3_000 });
  await recordShapes(lab, [later, unknown, sampleShape({ id: 'failed', outcome: 'failed', endedAt: 3_000 })]);
  await compactShapes(lab);
  const { predicted } = await learnedShapes(lab);
  expect(predicted!.points).toMatchObject([{ id: 'later', truth: 9, codec: 'h264' }]);
  expect(predicted!.points[0]!.high).toBeGreaterThanOrEqual(predicted!.points[0]!.value);
  // What the model does not know was packed by the calibration, once there was one.
  const rate = {
    engine: 'bundled',
    codec: 'hevc',
    encoder: 'libx265',
    preset: 'medium',
    threads: 2,
    pixels: 640 * 360,
  };
  const measured = { secondsPerMegapixel: 0.05, cpuPerMegapixel: 0.1, memoryPeak: 1e8 };
  await writeCalibration(lab.path, {
    version: 1,
    machine: later.machine,
    measuredAt: 3_500,
    rates: [{ ...rate, ...measured }],
    problems: [],
  });
  await recordShapes(lab, [
    sampleShape({ id: 'calibrated', title: 'new', encoder: 'libx265', codec: 'hevc', endedAt: 4_000, cpuS: 20 }),
    sampleShape({ id: 'guessed', title: 'new', encoder: 'libaom-av1', codec: 'av1', endedAt: 4_000 }),
  ]);
  await compactShapes(lab);
  const { points } = (await learnedShapes(lab)).predicted!;
  expect(points.map(({ id, basis }) => `${id} ${basis}`).toSorted()).toEqual(['calibrated calibration', 'later model']);
  await lab.close();
}, 60_000);

test('a lab without a model shows what its calibration said of work that ended since', async () => {
  const lab = await openLab(join(folder, 'calibrated'));
  const known = { engine: 'bundled', codec: 'h264', encoder: 'libx264', preset: 'medium', threads: 2 };
  const rate = { ...known, secondsPerMegapixel: 0.05, cpuPerMegapixel: 0.1, memoryPeak: 1e8, pixels: 640 * 360 };
  const { machine } = sampleShape();
  await writeCalibration(lab.path, { version: 1, machine, measuredAt: 2_000, rates: [rate], problems: [] });
  await recordShapes(lab, [sampleShape({ id: 'before', endedAt: 1_000 })]);
  await compactShapes(lab);
  expect(await learnedShapes(lab)).toEqual({ model: null, predicted: null });
  await recordShapes(lab, [sampleShape({ id: 'since', endedAt: 3_000 })]);
  await compactShapes(lab);
  const { model, predicted } = await learnedShapes(lab);
  expect(model).toBeNull();
  expect(predicted!.points).toMatchObject([{ id: 'since', basis: 'calibration', truth: 18 }]);
  await lab.close();
}, 60_000);
