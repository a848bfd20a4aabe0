// Custom stats of real recordings: an encode of our own, and the records of 2020 where they are at hand.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { statColumnsOf } from '#lab/stat-run';
import { computeStats } from '#lab/stat-values';
import { readTable } from '#recording/read-recording';
import { cli, smallClip } from '../cli/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-stats-'));
const path = join(folder, 'lab');
let lab: Lab;
beforeAll(async () => {
  const file = join(folder, 'small.yaml');
  writeFileSync(
    file,
    `name: small\nsource: ${smallClip(folder)}\nsettings: {encoder: libx264, preset: ultrafast, frames: [0, 47], resolution: 160x90}\nmatrix: {gop: [12, 24]}\n`,
  );
  expect((await cli('bench', 'run', file, '--lab', path)).code).toBe(0);
  lab = await openLab(path);
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

test('stats of an encode are those of its frames, and the same when they are asked for again', async () => {
  const runs = await lab.catalogue.runs({ benchmark: 'small' });
  const expression = 'mean(frames.bytes where key)';
  const first = await computeStats(lab, expression, runs);
  expect(first.unit).toBe('byte');
  for (const [i, run] of runs.entries()) {
    const { bytes, key } = await readTable(lab.recordingFolder(run.id), 'frames');
    const keys = Array.from(bytes).filter((_, row) => key[row] === 1);
    expect(first.values[i]).toBeCloseTo(keys.reduce((sum, one) => sum + one, 0) / keys.length, 6);
  }
  const kept = join(path, 'cache', 'stats');
  const [name] = readdirSync(kept);
  const text = readFileSync(join(kept, name!), 'utf8');
  // What was kept is what is told: a value that was changed on disk comes back changed.
  writeFileSync(join(kept, name!), text.replace(`"${runs[0]!.id}":${first.values[0]}`, `"${runs[0]!.id}":7`));
  expect((await computeStats(lab, expression, runs)).values[0]).toBe(7);
  writeFileSync(join(kept, name!), '{"version": 1');
  expect(await computeStats(lab, expression, runs)).toEqual(first);
  const periods = await computeStats(lab, 'mean(gaps(frames.number where key))', runs);
  expect(periods.values.toSorted((a, b) => a! - b!)).toEqual([12, 24]);
});

test('what a recording does not have is absent, and said; an expression without meaning keeps nothing', async () => {
  const runs = await lab.catalogue.runs({ benchmark: 'small' });
  expect(await computeStats(lab, 'mean(client:frames.decode)', runs)).toEqual({
    unit: '1',
    values: [null, null],
    absent: [{ why: 'its recording has no client:frames.decode', runs: 2 }],
  });
  await expect(computeStats(lab, 'mean(frames.bytes', runs)).rejects.toThrow('expression:18');
});

test('columns that are offered are those that can be read', async () => {
  const [run] = await lab.catalogue.runs({ benchmark: 'small' });
  const columns = await statColumnsOf(lab, run!);
  const names = columns.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['frames.bytes', 'frames.encode', 'cpu.busy']));
  for (const { name } of columns.slice(0, 12)) {
    const { absent } = await computeStats(lab, `count(${name})`, [run!]);
    expect(absent, name).toEqual([]);
  }
});

const study = fileURLToPath(new URL('../../../shared/data/study-keyframes/sample.tgz', import.meta.url));
test.skipIf(!existsSync(study))(
  'the records of 2020 tell keyframe sizes and periods of what was asked (needs shared/data)',
  async () => {
    const at = join(folder, 'study');
    expect((await cli('runs', 'import', study, '--lab', at)).code).toBe(0);
    const old = await openLab(at);
    try {
      const runs = await old.catalogue.runs({});
      const periods = await computeStats(old, 'mean(gaps(frames.number where key))', runs);
      const told = runs.map(({ settings }, i) => `${String(settings['keyframe-period'])}: ${periods.values[i]}`);
      expect(told.filter((line) => !line.endsWith('null')).toSorted()).toEqual(
        ['150: 150', '300: 300', '30: 30'].toSorted(),
      );
    } finally {
      await old.close();
    }
  },
);
