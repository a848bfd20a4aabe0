// Runs of a lab in columns: which they are, and where they were made.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Environment } from '#core/environment';
import type { RunRecord } from '#core/run';
import type { Dataset } from '#explore/data/dataset';
import { startRecording } from '#recording/recorder';
import { FAILED_OF_HUNDRED, fillSampleLab, MACHINES } from '../../test/explore/sample-lab.ts';
import { sampleRecording, sampleRun, TEST_ENVIRONMENT } from '../../test/lab/sample-run.ts';
import { openLab, type Lab } from './lab.ts';
import { completeFacts, readDataset } from './read-dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-dataset-'));
afterAll(() => rmSync(folder, { recursive: true }));
let labs = 0;
let lab: Lab;
beforeAll(async () => {
  lab = await openLab(join(folder, 'sample'));
  await fillSampleLab(lab.catalogue, { runs: 700, metrics: 6 });
  await fillSampleLab(lab.catalogue, { runs: 50, metrics: 6, benchmark: 'other', seed: 9 });
});
afterAll(() => lab.close());

const valueOf = ({ properties }: Dataset, name: string, row: number) => {
  const property = properties.find((one) => one.name === name);
  return property?.values[property.codes[row]!];
};

test('a benchmark’s runs come with settings, facts and metrics; its file gives the order of names', async () => {
  const { dataset, missing, benchmarks, withoutFacts } = await readDataset(lab, ['sample']);
  expect({ missing, benchmarks, withoutFacts }).toEqual({
    missing: [],
    benchmarks: ['other', 'sample'],
    withoutFacts: 0,
  });
  expect(dataset.count).toBe(700);
  expect(dataset.cellCount).toBe(140);
  expect(dataset.reasons.size).toBe(7 * FAILED_OF_HUNDRED);
  const run = (await lab.catalogue.run(dataset.ids[333]!))!;
  for (const [name, value] of Object.entries({ ...run.settings, ...MACHINES[0], benchmark: 'sample', outcome: 'ok' }))
    expect([name, valueOf(dataset, name, 333)]).toEqual([name, value]);
  expect(Object.fromEntries(dataset.metrics.map(({ name, values }) => [name, values[333]]))).toEqual(
    Object.fromEntries(Object.entries(run.metrics).map(([name, { value }]) => [name, value])),
  );
  expect(dataset.properties.find(({ name }) => name === 'preset')?.values).toEqual(['fast', 'medium', 'slow']);
});

test('several benchmarks or none may be asked for; one that is gone is told', async () => {
  const count = async (...names: string[]) => (await readDataset(lab, names)).dataset.count;
  expect([await count(), await count('sample', 'other'), await count('other'), await count('gone')]).toEqual([
    750, 750, 50, 0,
  ]);
  const { missing, benchmarks } = await readDataset(lab, ['gone', 'other']);
  expect({ missing, benchmarks }).toEqual({ missing: ['gone'], benchmarks: ['other', 'sample'] });
});

async function recorded(to: Lab, environment: Environment, fields: Partial<RunRecord> = {}): Promise<RunRecord> {
  const run = sampleRun(to, fields);
  await to.catalogue.startRun(run);
  const recorder = await startRecording(to.recordingFolder(run.id), { ...sampleRecording(run), environment });
  const end = { ...run, outcome: 'ok', durationS: 1 } as const;
  await recorder.finish('complete', { result: end });
  await to.catalogue.endRun(run.id, end);
  return end;
}

test('warm-ups, visits of the sentinel, interrupted and open runs are no results; a run of another benchmark with the same key is', async () => {
  const own = await openLab(join(folder, `lab ${++labs}`));
  const enter = (fields: Partial<RunRecord>) =>
    own.catalogue.restoreRuns([sampleRun(own, { outcome: 'ok', benchmark: 'one', recording: null, ...fields })]);
  for (const fields of [{ repeat: 0 }, { repeat: -1 }, { interrupted: true }, { outcome: null }]) await enter(fields);
  await enter({ sameKey: 'shared', benchmark: 'two' });
  await enter({ benchmark: null });
  const benchmark = { ...(await lab.catalogue.benchmark('other'))!, name: 'one', properties: [] };
  const cell = { index: 0, label: 'shared', properties: {}, settings: {}, sameKey: 'shared' };
  await own.catalogue.saveBenchmark(benchmark, [cell]);
  const { dataset } = await readDataset(own, ['one']);
  expect([...dataset.ids.keys()].map((row) => valueOf(dataset, 'benchmark', row))).toEqual(['two']);
  expect((await readDataset(own, [])).dataset.count).toBe(2);
  await own.close();
});

test('where runs were made is read from their recordings, once', async () => {
  const own = await openLab(join(folder, `lab ${++labs}`));
  const versions = { encodelab: '1.0', node: '24.0', ffmpeg: '8.0' };
  const environment = { ...TEST_ENVIRONMENT, host: 'first', versions };
  const runs = [
    await recorded(own, environment),
    await recorded(own, { ...environment, host: 'second', cpu: { ...environment.cpu, model: 'CPU B', cores: 8 } }),
    await recorded(own, environment),
  ];
  writeFileSync(join(own.recordingFolder(runs[2]!.id), 'recording.json'), '{');
  const limited = await readDataset(own, [], 1);
  expect(limited.withoutFacts).toBe(2);
  expect(valueOf(limited.dataset, 'host', 0)).toBe('first');
  expect(await completeFacts(own, 10_000)).toBe(true);
  // Whatever the recordings say by now, nobody asks them any more.
  rmSync(own.recordingsFolder, { recursive: true });
  const { dataset, withoutFacts } = await readDataset(own, []);
  expect(withoutFacts).toBe(0);
  const facts = (name: string) => [0, 1, 2].map((row) => valueOf(dataset, name, row));
  expect(facts('machine')).toEqual(['test × 2', 'CPU B × 8', undefined]);
  expect(facts('host')).toEqual(['first', 'second', undefined]);
  expect(facts('build')).toEqual(['encodelab 1.0, ffmpeg 8.0', 'encodelab 1.0, ffmpeg 8.0', undefined]);
  expect(facts('kernel')).toEqual(['6', '6', undefined]);
  await own.close();
});

test('what nobody knows of a record of another tool is absent, and no value that it shares with others', async () => {
  const own = await openLab(join(folder, `lab ${++labs}`));
  const cpu = { ...TEST_ENVIRONMENT.cpu, model: 'unknown', cores: null as unknown as number };
  const unknown = { host: 'unknown', kernel: 'unknown', cpu, versions: { 'another tool': 'unknown' } };
  await recorded(own, { ...TEST_ENVIRONMENT, ...unknown });
  const none = null as unknown as string;
  await recorded(own, {
    ...TEST_ENVIRONMENT,
    ...unknown,
    cpu: { ...cpu, model: none },
    versions: { 'another tool': none },
  });
  const { dataset } = await readDataset(own, []);
  for (const row of [0, 1]) {
    const facts = ['machine', 'host', 'kernel', 'build'].map((name) => valueOf(dataset, name, row));
    expect(facts).toEqual([undefined, undefined, undefined, 'another tool']);
  }
  await own.close();
});

test('a catalogue of before there were facts gets them; one that may only be read is read all the same', async () => {
  const path = join(folder, `lab ${++labs}`);
  const own = await openLab(path);
  await recorded(own, TEST_ENVIRONMENT);
  await own.close();
  const database = new DatabaseSync(join(path, 'catalogue.sqlite'));
  database.exec('DROP TABLE facts; DROP TABLE run_facts; PRAGMA user_version = 1');
  database.close();
  for (const readonly of [true, true, false, false]) {
    const again = await openLab(path, { readonly });
    const { dataset } = await readDataset(again, []);
    expect(valueOf(dataset, 'machine', 0)).toBe('test × 2');
    await again.close();
  }
});
