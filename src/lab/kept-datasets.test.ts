import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fillSampleLab } from '../../test/explore/sample-lab.ts';
import { changeExclusions } from './exclusions.ts';
import { keptDataset } from './kept-datasets.ts';
import { openLab } from './lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('runs that were read are given again until something is written, by this process or another', async () => {
  const lab = await openLab(join(folder, 'lab'));
  await fillSampleLab(lab.catalogue, { runs: 20, metrics: 5 });
  const first = await keptDataset(lab, ['sample']);
  expect(first.dataset.count).toBe(20);
  expect(await keptDataset(lab, ['sample'])).toBe(first);
  expect(await keptDataset(lab, [])).not.toBe(first);

  await changeExclusions(lab, [first.dataset.ids[3]!], 'the fan had failed');
  expect((await keptDataset(lab, ['sample'])).dataset.excluded).toEqual(new Map([[3, 'the fan had failed']]));

  await lab.catalogue.deleteRuns([first.dataset.ids[0]!]);
  expect((await keptDataset(lab, ['sample'])).dataset.count).toBe(19);

  const other = await openLab(join(folder, 'lab'));
  await other.catalogue.deleteRuns([first.dataset.ids[1]!]);
  await other.close();
  expect((await keptDataset(lab, ['sample'])).dataset.count).toBe(18);
  await lab.close();
});

test('what is written while runs are read is in the next answer', async () => {
  const lab = await openLab(join(folder, 'during'));
  await fillSampleLab(lab.catalogue, { runs: 1_200, metrics: 5 });
  const ids = await lab.catalogue.runIds(['sample']);
  const reading = keptDataset(lab, ['sample']);
  // Runs are read by the five hundred: the last ones are not there yet.
  await new Promise((resolve) => setImmediate(resolve));
  await lab.catalogue.deleteRuns([ids[0]!]);
  await reading;
  expect((await keptDataset(lab, ['sample'])).dataset.ids).toEqual(ids.slice(1));
  await lab.close();
});
