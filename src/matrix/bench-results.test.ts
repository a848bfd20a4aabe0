// Results of a benchmark: what a person left out counts in none of them, and is told beside them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { changeExclusions } from '#lab/exclusions';
import { openLab } from '#lab/lab';
import { fillSampleLab, SAMPLE_REPEATS } from '../../test/explore/sample-lab.ts';
import { readResults } from './bench-results.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-results-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a run that is left out counts in no cell and for no threshold; another benchmark is not told of it', async () => {
  const lab = await openLab(folder);
  await fillSampleLab(lab.catalogue, { runs: 2 * SAMPLE_REPEATS, metrics: 5 });
  await fillSampleLab(lab.catalogue, { runs: SAMPLE_REPEATS, metrics: 5, benchmark: 'other', seed: 9 });
  const [all, other] = [await lab.catalogue.runIds(['sample']), (await lab.catalogue.benchmark('other'))!];
  const highest = Math.max(
    ...(await lab.catalogue.runsById(all.slice(0, SAMPLE_REPEATS))).map(({ metrics }) => metrics['encode.fps']!.value),
  );
  const fastest = { metric: 'encode.fps', statistic: 'max', comparison: '>=', value: highest, where: 'a:1:1' } as const;
  const benchmark = {
    ...(await lab.catalogue.benchmark('sample'))!,
    thresholds: [{ ...fastest, text: 'encode.fps max >= …' }],
  };
  const before = await readResults(lab.catalogue, benchmark);
  expect(before.verdicts[0]!.state).toBe('met');
  const first = before.cells[0]!.runs.find(({ metrics }) => metrics['encode.fps']!.value === highest)!;
  await changeExclusions(lab, [first.id], 'disturbed');
  const results = await readResults(lab.catalogue, benchmark);
  expect(results.cells.map(({ runs }) => runs.length)).toEqual([SAMPLE_REPEATS - 1, SAMPLE_REPEATS]);
  expect(results.verdicts[0]!.state).toBe('missed');
  expect(results.excluded).toEqual([{ run: first, reason: 'disturbed' }]);
  expect((await readResults(lab.catalogue, other)).excluded).toEqual([]);
  await changeExclusions(lab, all.slice(0, SAMPLE_REPEATS), 'all of them');
  expect((await readResults(lab.catalogue, benchmark)).cells.map(({ state }) => state)).toEqual(['waiting', 'ok']);
  await changeExclusions(lab, all, null);
  expect(await readResults(lab.catalogue, benchmark)).toEqual(before);
  await lab.close();
});
