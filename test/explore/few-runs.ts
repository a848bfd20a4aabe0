// A benchmark of six runs with real recordings, one of them killed: for tests of what is computed from recordings.

import type { Lab } from '#lab/lab';
import { addRun, REPEATS, sampleBenchmark, sampleCells, seededRandom } from '../browser/sample-lab.ts';

/** @returns ids, the repeats of a cell one after the other; the last one was killed */
export async function fillFewRuns(lab: Lab, name: string): Promise<string[]> {
  const all = sampleCells();
  const cells = [all[0]!, all[6]!, all[11]!];
  await lab.catalogue.saveBenchmark(sampleBenchmark(name), cells);
  const random = seededRandom(7);
  const ids: string[] = [];
  for (const cell of cells)
    for (const repeat of [REPEATS - 1, REPEATS]) ids.push(await addRun(lab, name, cell, repeat, random));
  return ids;
}
