import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import type { ShapeRow } from '#core/shape';
import { sampleShape } from '../../../test/lab/sample-shapes.ts';
import { needsRetraining, predict, type ShapeModel, trainModel } from './model.ts';
import { readModel, writeModel } from './model-file.ts';

/** CPU seconds for a pixel of a frame. */
const RATES: Readonly<Record<string, number>> = { fast: 1e-8, medium: 3e-8, slow: 9e-8 };
const TITLES = 30;
const rows = pieces(TITLES, 14, 1);
let model: ShapeModel;

beforeAll(() => {
  const trained = trainModel(rows, { seed: 1, trainedAt: 5 });
  if (typeof trained === 'string') throw new Error(trained);
  model = trained;
});

test('it tells CPU, wall time and memory of titles that it never saw; finished pieces correct it and narrow its bounds', () => {
  const errors = { alone: 0, after: 0 };
  let held = 0;
  const others = Map.groupBy(pieces(12, 8, 2), (row) => row.title!);
  for (const [first, ...rest] of others.values()) {
    const alone = predict(model, first!)!;
    const after = predict(model, first!, rest)!;
    errors.alone += Math.abs(Math.log(alone.cpuS!.value / first!.cpuS!));
    errors.after += Math.abs(Math.log(after.cpuS!.value / first!.cpuS!));
    held += first!.cpuS! <= alone.cpuS!.high ? 1 : 0;
    expect(alone.cpuS!.low).toBeLessThan(alone.cpuS!.value);
    expect(after.cpuS!.high / after.cpuS!.value).toBeLessThan(alone.cpuS!.high / alone.cpuS!.value);
    expect(alone.durationS!.value / alone.cpuS!.value).toBeCloseTo(0.5, 1);
    expect(alone.memoryBytes!.value / first!.memoryPeak!).toBeGreaterThan(0.7);
    expect(alone.memoryBytes!.value / first!.memoryPeak!).toBeLessThan(1.4);
    expect(alone).toMatchObject({ coverage: 0.95, basis: 'model 0' });
  }
  // Titles differ by 25 %, the pieces of one by 5 %.
  expect(errors.alone / others.size).toBeLessThan(0.4);
  expect(errors.after / others.size).toBeLessThan(0.12);
  expect(held).toBeGreaterThanOrEqual(10);
});

test('work without pictures is told by its kind', () => {
  const join = predict(
    model,
    rows.find((row) => row.kind === 'join')!,
  )!;
  expect(join.durationS!.value).toBeGreaterThan(0.4);
  expect(join.durationS!.value).toBeLessThan(0.6);
  expect(join.memoryBytes!.value / 6e7).toBeCloseTo(1, 0);
});

test('it carries what it is worth on held-out titles', () => {
  const { titles, rows: learned, after } = model.targets.cpuS!.accuracy;
  expect([titles, learned]).toEqual([TITLES, rows.length]);
  expect(after.map(({ siblings }) => siblings)).toEqual([0, 3, 10]);
  expect(after[0]!.mdape).toBeGreaterThan(0.1);
  expect(after[1]!.mdape).toBeLessThan(0.1);
  for (const { notAbove } of after) expect(notAbove).toBeGreaterThan(0.85);
});

test('the same rows and seed give the same model', () => {
  const few = rows.filter((_, index) => index % 4 === 0);
  const train = () => trainModel(few, { seed: 7, trainedAt: 5 });
  expect(JSON.stringify(train())).toBe(JSON.stringify(train()));
});

test('what it has not seen it does not tell: another encoder, another machine', () => {
  expect(predict(model, sampleShape({ encoder: 'libx265', codec: 'hevc' }))).toBeNull();
  expect(predict(model, sampleShape({ machine: 'other × 64' }))).toBeNull();
  expect(predict(model, sampleShape({ preset: 'placebo' }))).not.toBeNull();
});

test('too few titles are a reason; failed pieces and single phases teach nothing', () => {
  expect(trainModel(pieces(25, 2, 1), { seed: 1, trainedAt: 0 })).toBe(
    'There is work of 25 titles; a bound that holds on new ones takes 26.',
  );
  const useless = rows.map((row, index): ShapeRow => ({
    ...row,
    ...(index % 2 ? { phase: 'encode' } : { outcome: 'failed' }),
  }));
  expect(trainModel(useless, { seed: 1, trainedAt: 0 })).toContain('work of 0 titles');
});

test('a quantity that was not measured has no model, the others have', () => {
  const trained = trainModel(
    pieces(26, 2, 1).map((row) => ({ ...row, memoryPeak: null })),
    { seed: 1, trainedAt: 0 },
  ) as ShapeModel;
  expect(trained.targets.memoryPeak).toBeNull();
  // No title has more pieces than these.
  expect(trained.targets.cpuS!.accuracy.after.map(({ siblings }) => siblings)).toEqual([0]);
  expect(trained.targets.cpuS!.bounds.map(({ siblings }) => siblings)).toEqual([0, 1]);
  expect(predict(trained, rows[0]!)).toMatchObject({ memoryBytes: null, cpuS: { value: expect.any(Number) } });
});

test('it is trained anew once there is half as much work again', () => {
  expect(needsRetraining(model, rows.length * 1.5 - 1)).toBe(false);
  expect(needsRetraining(model, rows.length * 1.5)).toBe(true);
});

test('the newest stored model that can be read holds; damaged and newer ones are told and passed over', async () => {
  const lab = await mkdtemp(join(tmpdir(), 'encodelab-models-'));
  try {
    expect(await readModel(lab)).toEqual({ model: null, problems: [] });
    expect((await writeModel(lab, model)).number).toBe(1);
    const second = await writeModel(lab, model);
    expect(JSON.stringify(await readModel(lab))).toBe(JSON.stringify({ model: second, problems: [] }));
    expect(predict(second, rows[0]!)).toEqual({ ...predict(model, rows[0]!), basis: 'model 2' });

    const folder = join(lab, 'models');
    const text = await readFile(join(folder, 'shape-0002.json'), 'utf8');
    await writeFile(join(folder, 'shape-0003.json'), text.slice(0, text.length / 2));
    await writeFile(join(folder, 'shape-0004.json'), text.replace('"version":2', '"version":3'));
    await writeFile(join(folder, 'shape-0005.json'), text.replace('"left":[1,', '"left":[0,'));
    await writeFile(join(folder, 'shape-0006.json'), text.replace('"log frames"', '"log fps"'));
    const found = await readModel(lab);
    expect(found.model?.number).toBe(2);
    expect(found.problems).toEqual([
      expect.stringContaining('shape-0006.json: the model looks at other attributes'),
      expect.stringMatching(/shape-0005\.json: the model is damaged \(targets.*no trees\)/),
      expect.stringContaining('shape-0004.json: the model has version 3, this encodelab reads 2'),
      expect.stringContaining('shape-0003.json: the model is damaged (no JSON); the one before it holds'),
    ]);
    for (const name of ['shape-0001.json', 'shape-0002.json']) await rm(join(folder, name));
    expect((await readModel(lab)).problems.at(-1)).toContain('(no JSON); there is none before it');
    expect((await writeModel(lab, model)).number).toBe(7);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  } finally {
    await rm(lab, { recursive: true });
  }
});

/** Pieces of titles that differ by 25 %, those of a title by 5 %. */
function pieces(titles: number, each: number, seed: number): ShapeRow[] {
  const random = seededRandom(seed);
  const uniform = () => random() / 2 ** 32;
  const presets = Object.keys(RATES);
  return Array.from({ length: titles }, (_, title) => {
    const own = Math.exp((uniform() - 0.5) * 0.86);
    const join = { kind: 'join', codec: null, encoder: null, preset: null, rateControl: null, rateValue: null };
    const nothing = { width: null, height: null, outputPixels: null, sourcePixels: null, frames: null };
    const joined = { cpuS: 0.4, durationS: 0.5, memoryPeak: 6e7 };
    const ofTitle = Array.from({ length: each }, (_unused, piece) => {
      const preset = presets[piece % presets.length]!;
      const pixels = piece % 2 ? 1920 * 1080 : 1280 * 720;
      const frames = 50 + Math.floor(100 * uniform());
      const cpuS = own * RATES[preset]! * pixels * frames * Math.exp((uniform() - 0.5) * 0.17);
      return sampleShape({
        id: `${title}-${piece}`,
        title: `title-${title}`,
        preset,
        width: null,
        outputPixels: pixels,
        frames,
        cpuS,
        durationS: cpuS / 2,
        memoryPeak: 1e8 + 150 * pixels,
      });
    });
    return [...ofTitle, sampleShape({ ...ofTitle[0]!, ...join, ...nothing, ...joined, id: `${title}-join` })];
  }).flat();
}
