// What items are said to need, of titles with a plan on the disk and by a real calibration: 300 MB and 0.1 s a megapixel for 720p.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemRecord } from '#core/queue';
import type { WorkFeatures } from '#core/shape';
import { CALIBRATION_VERSION, type Calibration } from '#farm/predict/calibration';
import { predictWork } from '#farm/predict/predict-work';
import { writeCheckedSource } from '#media/source-check/checked-file';
import { temporaryFolder } from '../../test/cli/run-cli.ts';
import { checkedSource, someEncoders } from '../../test/pipeline/planned.ts';
import { openTestTitles, type TestTitles } from '../../test/pipeline/title-fixture.ts';
import { ItemNeeds } from './item-needs.ts';
import { writePlan } from './plan-file.ts';
import { planTitle } from './plan-title.ts';

const MACHINE = 'test, 8 cores';
const rate = {
  engine: 'bundled',
  codec: 'h264',
  encoder: 'libx264',
  preset: 'medium',
  threads: 1,
  secondsPerMegapixel: 0.1,
  cpuPerMegapixel: 0.1,
  memoryPeak: 300e6,
  pixels: 1280 * 720,
};
const calibration: Calibration = {
  version: CALIBRATION_VERSION,
  machine: MACHINE,
  measuredAt: 0,
  rates: [rate],
  problems: [],
};
let opened: TestTitles;

beforeAll(async () => {
  opened = await openTestTitles(join(temporaryFolder(), 'lab'));
});
afterAll(() => opened.close());

function needsOf(machine: { readonly cores: number; readonly memoryBytes: number }): ItemNeeds {
  const predict = (features: WorkFeatures) => predictWork({ model: null, calibration }, features);
  return new ItemNeeds({ titles: opened.titles, machine, machineName: MACHINE, predict });
}

/** A title with one rung; @returns the first of its encodes as the queue has it */
async function encodeOf(title: string, frames: number, resolution = '1280x720'): Promise<ItemRecord> {
  const checked = checkedSource({ frames });
  const rungs = [{ encoder: 'libx264', resolution, preset: 'medium', crf: 23 }];
  const ladder = { version: 1, name: 'tried', gopS: 2, rungs, perTitle: null, audio: [], protection: 'none' } as const;
  const plan = planTitle({ checked, ladder, chunkS: 4, encoders: someEncoders() });
  const folder = opened.titles.folder(title);
  mkdirSync(dirname(folder.planFile), { recursive: true });
  await writePlan(folder.planFile, plan);
  await writeCheckedSource(folder.checkedFile, checked);
  const { chunk, renditions, ...item } = plan.items.find(({ kind }) => kind === 'encode')!;
  const unused = { state: 'ready', failures: 0, result: null, error: null, fixed: null, worker: null } as const;
  return { ...item, ...unused, title, payload: { chunk, renditions } };
}

const EIGHT = { cores: 8, memoryBytes: 64e9 };

test('an encode needs the upper bound of its memory, and never fewer cores than threads', async () => {
  const encode = await encodeOf('large', 24 * 600);
  const needs = needsOf(EIGHT);
  const large = await needs.needOf(encode);
  // A bound of the same preset is three times the median.
  expect(large).toEqual({ cores: 1, memoryBytes: expect.closeTo(900e6, 0) });
  const small = await needs.needOf(await encodeOf('small', 24 * 600, '320x180'));
  expect(small.memoryBytes).toBeLessThan(large.memoryBytes / 2);
  expect(await needs.needOf({ ...encode, fixed: { threads: 4 } })).toMatchObject({ cores: 4 });
});

test('nothing needs more cores than the machine has', async () => {
  const encode = await encodeOf('narrow', 24 * 60);
  const needs = needsOf({ cores: 2, memoryBytes: 64e9 });
  expect(await needs.needOf({ ...encode, fixed: { threads: 16 } })).toMatchObject({ cores: 2 });
});

test('threads: one each for many chunks, more where there are fewer encodes than cores, and those that are fixed in any case', async () => {
  const many = await encodeOf('many', 24 * 600);
  const few = await encodeOf('few', 24 * 4);
  const needs = needsOf(EIGHT);
  expect(await needs.threadsOf(many)).toBe(1);
  expect(await needs.threadsOf(few)).toBeGreaterThan(1);
  expect(await needs.threadsOf({ ...many, fixed: { threads: 3 } })).toBe(3);
});

test('of a title without a plan a guess stands, and threads are refused', async () => {
  const lost = { ...(await encodeOf('known', 24 * 8)), title: 'unknown' };
  const needs = needsOf(EIGHT);
  expect(await needs.needOf(lost)).toEqual({ cores: 1, memoryBytes: 300_000_000 });
  await expect(needs.threadsOf(lost)).rejects.toThrow();
  // What no picture is made by is guessed as well.
  const inspect = { title: 'unknown', key: 'inspect', kind: 'inspect' } as ItemRecord;
  expect(await needs.needOf(inspect)).toEqual({ cores: 1, memoryBytes: 300_000_000 });
});
