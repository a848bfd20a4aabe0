// Runs that a person left out: they count nowhere, whatever becomes of the catalogue, and nobody's word is lost.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { startRecording } from '#recording/recorder';
import { runChild } from '#system/child-process';
import { newId } from '#system/clock';
import { fillSampleLab } from '../../test/explore/sample-lab.ts';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';
import { deleteRuns } from './delete-runs.ts';
import { changeExclusions } from './exclusions.ts';
import { openLab } from './lab.ts';
import { readDataset } from './read-dataset.ts';
import { rebuildCatalogue } from './rebuild-catalogue.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-exclusions-'));
afterAll(() => rmSync(folder, { recursive: true }));
let labs = 0;
const newFolder = () => join(folder, `lab ${++labs}`);
const fileOf = (path: string) => join(path, 'explore', 'exclusions.json');

async function sampleLab(runs = 10) {
  const lab = await openLab(newFolder());
  await fillSampleLab(lab.catalogue, { runs, metrics: 5 });
  return { lab, ids: await lab.catalogue.runIds(['sample']) };
}

test('a run that is left out is told with its reason in one line, and is no result until it is taken in again', async () => {
  const { lab, ids } = await sampleLab();
  await changeExclusions(lab, [ids[0]!, ids[7]!], '  a fan\nhad failed ');
  const reason = 'a fan had failed';
  expect((await readDataset(lab, ['sample'])).dataset.excluded).toEqual(
    new Map([
      [0, reason],
      [7, reason],
    ]),
  );
  const results = async () => [...(await lab.catalogue.results('sample')).values()].flat().map(({ id }) => id);
  expect(await results()).toEqual(ids.filter((_, i) => i !== 0 && i !== 7));
  await changeExclusions(lab, ids.slice(0, 8), null);
  expect(await results()).toEqual(ids);
  await lab.close();
});

test('what is left out stays so after the catalogue was lost', async () => {
  const lab = await openLab(newFolder());
  const run = sampleRun(lab);
  await lab.catalogue.startRun(run);
  const recorder = await startRecording(lab.recordingFolder(run.id), sampleRecording(run));
  await recorder.finish('complete', { result: { ...run, outcome: 'ok' } });
  await lab.catalogue.endRun(run.id, { ...run, outcome: 'ok' });
  await changeExclusions(lab, [run.id], 'disturbed');
  await lab.close();
  for (const end of ['', '-wal', '-shm']) rmSync(join(lab.path, `catalogue.sqlite${end}`), { force: true });
  const again = await openLab(lab.path);
  expect(await rebuildCatalogue(again)).toEqual({ restored: 1, skipped: 0 });
  expect((await readDataset(again, [])).dataset.excluded).toEqual(new Map([[0, 'disturbed']]));
  await again.close();
});

test('two processes and ten requests that leave runs out at once lose none', async () => {
  const { lab, ids } = await sampleLab(30);
  const script = `
    import { openLab } from ${JSON.stringify(new URL('./lab.ts', import.meta.url).href)};
    import { changeExclusions } from ${JSON.stringify(new URL('./exclusions.ts', import.meta.url).href)};
    const lab = await openLab(process.argv[1]);
    for (const id of process.argv.slice(2)) await changeExclusions(lab, [id], 'by another');
    await lab.close();`;
  const node = [
    '--conditions=encodelab-source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    script,
  ];
  const other = (from: number) =>
    runChild(process.execPath, [...node, lab.path, ...ids.slice(from, from + 10)], {
      cwd: dirname(fileURLToPath(import.meta.url)),
    });
  const ends = await Promise.all([
    other(0),
    other(10),
    ...ids.slice(20).map((id) => changeExclusions(lab, [id], 'by this one')),
  ]);
  expect(ends.slice(0, 2)).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect([...(await lab.catalogue.exclusions()).reasons.keys()].toSorted()).toEqual(ids);
  await lab.close();
});

test.each<[string, string, RegExp]>([
  ['no JSON', '{"version":1,', /damaged/],
  ['another shape', '{"version":1,"runs":{"a":7}}', /damaged/],
  ['a newer version', '{"version":2}', /newer encodelab/],
])('a list of %s is named, counts as nothing, and is left as it is', async (_, text, message) => {
  const { lab, ids } = await sampleLab();
  mkdirSync(join(lab.path, 'explore'));
  writeFileSync(fileOf(lab.path), text);
  for (const use of [
    () => changeExclusions(lab, [ids[0]!], 'disturbed'),
    () => readDataset(lab, []),
    () => lab.catalogue.results('sample'),
  ]) {
    await expect(use()).rejects.toThrow(message);
    await expect(use()).rejects.toThrow(fileOf(lab.path));
  }
  expect(readFileSync(fileOf(lab.path), 'utf8')).toBe(text);
  await lab.close();
});

test('a reason is needed, and a run that there is', async () => {
  const { lab, ids } = await sampleLab();
  await expect(changeExclusions(lab, [ids[0]!], ' \n ')).rejects.toThrow('for a reason');
  await expect(changeExclusions(lab, [ids[0]!], 'x'.repeat(501))).rejects.toThrow('500 characters');
  await expect(changeExclusions(lab, [ids[0]!, newId()], 'x')).rejects.toThrow('there is no run');
  expect((await lab.catalogue.exclusions()).reasons.size).toBe(0);
  await lab.close();
});

test('a run that is deleted is no more in the list', async () => {
  const { lab, ids } = await sampleLab();
  await changeExclusions(lab, ids.slice(0, 2), 'disturbed');
  await deleteRuns(lab, [ids[0]!]);
  expect([...(await lab.catalogue.exclusions()).reasons]).toEqual([[ids[1], 'disturbed']]);
  await lab.close();
});
