import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { fillLadder, fillScaling } from '../../test/browser/sample-ladder.ts';
import { curvesPage } from './curve-pages.ts';

let folder: string;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-curves-'));
  lab = await openLab(folder);
  await fillLadder(lab);
  await fillScaling(lab);
});

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

const usual = { metric: null, against: null, hull: false };

test('the page has the curves of the most telling metric, compared with the first', async () => {
  const page = (await curvesPage(lab.catalogue, 'ladder', usual))!;
  expect(page.metrics).toEqual(['quality.xpsnr', 'quality.vmaf', 'quality.psnr']);
  expect(page.metric).toEqual({ name: 'quality.xpsnr', unit: 'dB', better: 'higher' });
  expect(page.reference).toBe('codec=x264 preset=fast');
  expect(page.curves).toHaveLength(6);
  expect(page.comparisons).toHaveLength(5);
  expect(page.total).toBe(6);
});

test('another metric and another reference can be asked for; one that is not there is the first', async () => {
  const asked = { metric: 'quality.psnr', against: 'codec=av1 preset=slow', hull: false };
  const page = (await curvesPage(lab.catalogue, 'ladder', asked))!;
  expect(page.reference).toBe('codec=av1 preset=slow');
  expect(page.comparisons.every(({ rate }) => !rate.ok || rate.value > 0)).toBe(true);
  const wrong = (await curvesPage(lab.catalogue, 'ladder', { ...usual, against: 'codec=none' }))!;
  expect(wrong.reference).toBe('codec=x264 preset=fast');
});

test('where nothing was measured there are no curves, and no benchmark is no page', async () => {
  expect(await curvesPage(lab.catalogue, 'scaling', usual)).toMatchObject({ metrics: [], metric: null, curves: [] });
  expect(await curvesPage(lab.catalogue, 'none', usual)).toBeNull();
});
