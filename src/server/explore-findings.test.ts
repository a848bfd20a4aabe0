import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { changeExclusions } from '#lab/exclusions';
import { openLab, type Lab } from '#lab/lab';
import { sampleRun } from '../../test/lab/sample-run.ts';
import { exploreFindingsApi } from './explore-findings.ts';
import type { FindingsPage } from './explore-wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-findings-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs of a benchmark whose speed is decided by one setting, and whose bitrate never was what was asked for. */
async function addRuns(lab: Lab, benchmark: string, repeats: number): Promise<string[]> {
  const ids: string[] = [];
  for (const preset of ['fast', 'slow'])
    for (const crf of [20, 25, 30, 35])
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const settings = { preset, crf, bitrate: '100M' };
        const run = sampleRun(lab, {
          benchmark,
          cell: 'c',
          settings,
          sameKey: `${benchmark} ${preset} ${crf}`,
          repeat,
          recording: null,
        });
        ids.push(run.id);
        await lab.catalogue.startRun(run);
        const jitter = 1 + 0.01 * Math.sin(ids.length * 7);
        const metrics = {
          'encode.fps': { value: (preset === 'fast' ? 200 : 50) * jitter, unit: 'frame/s', better: 'higher' as const },
          bitrate: { value: 9e6 * jitter, unit: 'bit/s', better: null },
        };
        await lab.catalogue.endRun(run.id, { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics });
      }
  return ids;
}

async function findingsOf(api: ReturnType<typeof exploreFindingsApi>, search: string): Promise<FindingsPage> {
  const response = await api.request(`/explore/findings${search}`);
  expect(response.status).toBe(200);
  return (await response.json()) as FindingsPage;
}

test('findings of a benchmark come over HTTP, and anew only where something was written', async () => {
  const lab = await openLab(join(folder, 'lab'));
  const api = exploreFindingsApi(lab);
  expect(await findingsOf(api, '')).toEqual({ version: 1, findings: [], notes: [] });
  const ids = await addRuns(lab, 'few', 2);
  // More runs than are searched in the server's own thread.
  await addRuns(lab, 'many', 8);
  for (const name of ['few', 'many']) {
    const { findings } = await findingsOf(api, `?benchmark=${name}`);
    const kinds = findings.map(({ id }) => id);
    expect(kinds).toContain('matters:preset');
    expect(kinds).toContain('not-honoured:bitrate:below');
    expect(findings.find(({ id }) => id === 'matters:preset')!.title).toContain('encode.fps');
  }
  const before = await findingsOf(api, '?benchmark=few');
  expect(await findingsOf(api, '?benchmark=few')).toEqual(before);
  await changeExclusions(lab, ids.slice(0, 15), 'disturbed');
  const after = await findingsOf(api, '?benchmark=few');
  expect(after.findings.map(({ id }) => id)).not.toContain('matters:preset');
  await lab.close();
}, 30_000);

test('damaged names take no finding away: the plain ones are used, and a note says so', async () => {
  const lab = await openLab(join(folder, 'damaged'));
  await addRuns(lab, 'few', 2);
  mkdirSync(join(lab.path, 'explore'), { recursive: true });
  writeFileSync(join(lab.path, 'explore', 'names.json'), '{');
  const { findings, notes } = await findingsOf(exploreFindingsApi(lab), '');
  expect(findings.map(({ id }) => id)).toContain('matters:preset');
  expect(notes.join()).toMatch(/the names of properties and values are damaged.*names\.json/);
  await lab.close();
});
