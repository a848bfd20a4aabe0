// What every catalogue must do; SQLite is the one that there is.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { BenchmarkRecord, CellRecord, Progress, RunEnd } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { uuidv7 } from '#core/uuid';
import { runChild, startChild } from '#system/child-process';
import { isStopped, ownIdentity, processStartTicks } from '#system/process-identity';
import { openCatalogue, type SqliteCatalogue } from './sqlite-catalogue.ts';

const folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
afterAll(() => rmSync(folder, { recursive: true }));

let path = '';
let catalogue: SqliteCatalogue;
let count = 0;
beforeEach(async () => {
  path = join(folder, `${++count}.sqlite`);
  catalogue = await openCatalogue(path);
});
afterEach(() => catalogue.close());

let clock = Date.UTC(2026, 10, 1);
const id = () => uuidv7(clock++, randomBytes(10));

function newRun(fields: Partial<RunRecord> = {}): RunRecord {
  return {
    id: id(),
    kind: 'encode',
    benchmark: 'bunny',
    cell: 'codec=x264 bitrate=1M',
    repeat: 1,
    settings: { codec: 'x264', frames: [0, 191], bitrate: '1M' },
    labels: ['codec'],
    sameKey: 'key-1',
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: '2026-11-01T12:00:00.000Z',
    durationS: null,
    metrics: {},
    recording: null,
    ...fields,
  };
}

const ok: RunEnd = {
  outcome: 'ok',
  reason: null,
  interrupted: false,
  durationS: 3.25,
  metrics: { 'encode.fps': { value: 61.5, unit: 'frame/s', better: 'higher' } },
};

const bunny: BenchmarkRecord = {
  name: 'bunny',
  file: 'benchmarks/bunny.yaml',
  properties: [{ name: 'bitrate', values: ['1M', '4M'] }],
  repeat: 3,
  seed: 42,
  thresholds: [
    {
      text: 'encode.fps p5 >= 20',
      metric: 'encode.fps p5',
      statistic: 'median',
      comparison: '>=',
      value: 20,
      where: 'bunny.yaml:9:3',
    },
  ],
  startedAt: '2026-11-01T12:00:00.000Z',
};

function cell(index: number, sameKey: string): CellRecord {
  return {
    index,
    label: `cell ${index}`,
    properties: { bitrate: `${index}M` },
    settings: { bitrate: `${index}M` },
    sameKey,
  };
}

async function record(fields: Partial<RunRecord> = {}, end: Partial<RunEnd> = {}): Promise<RunRecord> {
  const run = newRun(fields);
  await catalogue.startRun(run);
  await catalogue.endRun(run.id, { ...ok, ...end });
  return { ...run, ...ok, ...end };
}

test('a benchmark and its cells come back as they were saved, and saving again replaces them', async () => {
  await catalogue.saveBenchmark(bunny, [cell(0, 'a'), cell(1, 'b')]);
  expect(await catalogue.benchmark('bunny')).toEqual(bunny);
  expect(await catalogue.cells('bunny')).toEqual([cell(0, 'a'), cell(1, 'b')]);
  await catalogue.saveBenchmark({ ...bunny, seed: null }, [cell(0, 'c')]);
  expect(await catalogue.benchmarks()).toEqual([{ ...bunny, seed: null }]);
  expect(await catalogue.cells('bunny')).toEqual([cell(0, 'c')]);
  expect(await catalogue.benchmark('else')).toBeNull();
});

test('a run is open until it ends, and then has its outcome and metrics', async () => {
  const run = newRun();
  await catalogue.startRun(run);
  expect(await catalogue.openRuns()).toEqual([run]);
  await catalogue.endRun(run.id, ok);
  expect(await catalogue.openRuns()).toEqual([]);
  expect(await catalogue.run(run.id)).toEqual({ ...run, ...ok });
  expect(await catalogue.run(id())).toBeNull();
});

test('an end is final: a second one, or one of a run that never began, is a bug', async () => {
  const run = await record();
  await expect(catalogue.endRun(run.id, { ...ok, outcome: 'failed' })).rejects.toThrow('has ended already');
  await expect(catalogue.endRun(id(), ok)).rejects.toThrow('not in the catalogue');
  await expect(catalogue.startRun(run)).rejects.toThrow(/UNIQUE/);
});

test('runs are filtered, counted, and listed the newest first', async () => {
  const first = await record();
  const second = await record({ sameKey: 'key-2', cell: 'other' }, { outcome: 'failed', reason: 'no such codec' });
  const third = await record({ benchmark: null, cell: null });
  expect(await catalogue.runs({})).toEqual([third, second, first]);
  expect(await catalogue.runs({ benchmark: 'bunny' })).toEqual([second, first]);
  expect(await catalogue.runs({ benchmark: 'bunny', outcome: 'failed' })).toEqual([second]);
  expect(await catalogue.runs({ cell: 'other' })).toEqual([second]);
  expect(await catalogue.runs({ sameKeys: ['key-2', 'key-9'] })).toEqual([second]);
  expect(await catalogue.runs({ sameKeys: [] })).toEqual([]);
  const [metric] = Object.keys(first.metrics);
  expect(await catalogue.runs({ metric: metric! })).toContainEqual(first);
  // A part of its name, and what a metric has, are none.
  for (const name of [metric!.slice(1), metric!.slice(0, -1), 'value', 'unit'])
    expect(await catalogue.runs({ metric: name }), name).toEqual([]);
  expect(await catalogue.runs({ limit: 1, offset: 1 })).toEqual([second]);
  expect(await catalogue.countRuns({ benchmark: 'bunny' })).toBe(2);
});

test('results are the runs of the cells, whichever benchmark made them, without warm-ups, sentinels and interrupted runs', async () => {
  await catalogue.saveBenchmark(bunny, [cell(0, 'key-1'), cell(1, 'key-2')]);
  const mine = await record();
  const failed = await record({ repeat: 2 }, { outcome: 'failed', metrics: {} });
  const ofOther = await record({ benchmark: 'other', sameKey: 'key-2' });
  await record({ repeat: 0 });
  await record({ repeat: -1 });
  await record({}, { outcome: 'killed', interrupted: true });
  await record({ sameKey: 'key-3' });
  await catalogue.startRun(newRun());
  expect(await catalogue.results('bunny')).toEqual(
    new Map([
      ['key-1', [mine, failed]],
      ['key-2', [ofOther]],
    ]),
  );
});

test('a short id finds at most ten runs, and never more than it names', async () => {
  const runs = [];
  for (let i = 0; i < 12; i++) runs.push(await record());
  expect(await catalogue.runsByPrefix(runs[3]!.id)).toEqual([runs[3]!.id]);
  expect(await catalogue.runsByPrefix(runs[3]!.id.slice(0, 6))).toHaveLength(10);
  expect(await catalogue.runsByPrefix('zzz')).toEqual([]);
  expect(await catalogue.runsByPrefix("' OR 1=1 --")).toEqual([]);
});

test('deleted runs are gone, others stay', async () => {
  const [one, two, three] = [await record(), await record(), await record()];
  expect(await catalogue.deleteRuns([one.id, three.id, id()])).toBe(2);
  expect(await catalogue.runs({})).toEqual([two]);
});

test('progress is there while the bench lives, and not after it was killed', async () => {
  const progress: Progress = {
    benchmark: 'bunny',
    pid: process.pid,
    stage: 'measuring',
    runsDone: 3,
    runsTotal: 24,
    runsSkipped: 1,
    failed: 0,
    cell: 'codec=x264',
    repeat: 2,
    runShare: 0.4,
    leftS: { low: 40, middle: 50, high: 70 },
    updatedAt: '2026-11-01T12:00:00.000Z',
  };
  await catalogue.setProgress({ ...progress, runsDone: 2 });
  await catalogue.setProgress(progress);
  const child = startChild('sleep', ['30']);
  await catalogue.setProgress({ ...progress, benchmark: 'killed', pid: child.pid! });
  expect(await catalogue.progress()).toHaveLength(2);
  child.kill();
  await child.result;
  expect(await catalogue.progress()).toEqual([progress]);
  await catalogue.clearProgress('bunny');
  expect(await catalogue.progress()).toEqual([]);
});

test('a lock is held until it is given back, and taken over from a process that is gone', async () => {
  const mine = { ...ownIdentity(), what: 'runs bunny' };
  const child = startChild('sleep', ['30']);
  const other = { pid: child.pid!, startTicks: processStartTicks(child.pid!)!, what: 'runs another' };
  expect(await catalogue.lock('bench', other)).toBeNull();
  expect(await catalogue.lock('bench', mine)).toEqual(other);
  await catalogue.unlock('bench', mine);
  expect(await catalogue.lock('bench', mine)).toEqual(other);
  child.kill();
  await child.result;
  expect(await catalogue.lock('bench', mine)).toBeNull();
  await catalogue.unlock('bench', mine);
  // The same pid with another start time is another process.
  expect(await catalogue.lock('bench', { ...mine, startTicks: mine.startTicks - 1 })).toBeNull();
  expect(await catalogue.lock('bench', mine)).toBeNull();
});

test('the change counter changes with every write, of this process and of another', async () => {
  const seen = [await catalogue.changeCounter()];
  expect(await catalogue.changeCounter()).toBe(seen[0]);
  await record();
  seen.push(await catalogue.changeCounter());
  const other = await openCatalogue(path);
  await other.saveBenchmark(bunny, []);
  await other.close();
  seen.push(await catalogue.changeCounter());
  await catalogue.deleteRuns((await catalogue.runs({})).map((run) => run.id));
  seen.push(await catalogue.changeCounter());
  expect(new Set(seen).size).toBe(seen.length);
});

test('a hundred thousand cells come back in their order', async () => {
  const cells = Array.from({ length: 100_000 }, (_, index) => cell(index, `key-${index}`));
  await catalogue.saveBenchmark(bunny, cells.toReversed());
  expect(await catalogue.cells('bunny')).toEqual(cells);
});

// Each writer starts and ends runs until it is stopped, and tells each run that is on disk.
const WRITER = `
  import { openCatalogue } from ${JSON.stringify(new URL('./sqlite-catalogue.ts', import.meta.url).href)};
  import { newId } from ${JSON.stringify(new URL('../system/clock.ts', import.meta.url).href)};
  const [path, run, end, count] = process.argv.slice(1);
  const catalogue = await openCatalogue(path);
  for (let i = 0; i < Number(count); i++) {
    const id = newId();
    await catalogue.startRun({ ...JSON.parse(run), id });
    await catalogue.endRun(id, JSON.parse(end));
    console.log(id);
  }
  await catalogue.close();`;

function writer(at: string, runs: number, onStdout?: (chunk: Buffer) => void) {
  const args = [
    '--conditions=encodelab-source',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    WRITER,
  ];
  return startChild(process.execPath, [...args, at, JSON.stringify(newRun()), JSON.stringify(ok), String(runs)], {
    onStdout,
    tailBytes: 1 << 20,
  });
}

test('two processes make the same catalogue and write at once, and every run is there', async () => {
  const shared = join(folder, 'shared.sqlite');
  const results = await Promise.all([writer(shared, 60).result, writer(shared, 60).result, writer(shared, 60).result]);
  expect(results.map((result) => [result.code, result.stderr])).toEqual(results.map(() => [0, '']));
  const opened = await openCatalogue(shared);
  expect(await opened.countRuns({ outcome: 'ok' })).toBe(180);
  await opened.close();
});

// It begins to write, and is stopped before it has ended.
const STOPPED_WRITER = `
  import { DatabaseSync } from 'node:sqlite';
  const database = new DatabaseSync(process.argv[1]);
  database.exec('BEGIN IMMEDIATE');
  console.log('writes');
  process.kill(process.pid, 'SIGSTOP');
  database.exec('ROLLBACK');
  database.close();`;

test('a process that is stopped while it writes is named soon; reading goes on, and so does writing after it', async () => {
  const shared = join(folder, 'stopped.sqlite');
  await (await openCatalogue(shared)).close();
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', STOPPED_WRITER, shared];
  const child = startChild(process.execPath, args);
  await expect.poll(() => isStopped(child.pid!), { timeout: 30_000 }).toBe(true);
  const opened = await openCatalogue(shared);
  expect(await opened.countRuns({})).toBe(0);
  const begin = performance.now();
  await expect(opened.saveBenchmark(bunny, [])).rejects.toThrow(
    `process ${child.pid} has kept it locked and is stopped\n  Let it go on (\`fg\` in its terminal, or \`kill -CONT ${child.pid}\`)`,
  );
  expect(performance.now() - begin).toBeLessThan(20_000);
  process.kill(child.pid!, 'SIGCONT');
  expect((await child.result).code).toBe(0);
  await opened.saveBenchmark(bunny, []);
  expect(await opened.benchmarks()).toHaveLength(1);
  await opened.close();
});

test('SIGKILL during writes loses no run that was told to be on disk, and leaves the file whole', async () => {
  const shared = join(folder, 'killed.sqlite');
  const told: string[] = [];
  for (let round = 0; round < 5; round++) {
    let text = '';
    const child = writer(shared, 100_000, (chunk) => (text += chunk.toString()));
    await expect.poll(() => text.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await sleep(Math.random() * 80);
    child.kill();
    await child.result;
    told.push(...text.split('\n').slice(0, -1));
  }
  const opened = await openCatalogue(shared);
  expect(await opened.countRuns({ outcome: 'ok' })).toBeGreaterThanOrEqual(told.length);
  for (const run of told) expect((await opened.run(run))?.outcome).toBe('ok');
  expect((await opened.abandonedRuns()).length).toBe((await opened.openRuns()).length);
  await opened.close();
  const database = new DatabaseSync(shared);
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
});

test.each([
  [
    'text',
    (file: string) => writeFileSync(file, 'this is no database at all, only text '.repeat(100)),
    /no catalogue at all/,
  ],
  ['the database of another program', (file: string) => withDatabase(file, 'CREATE TABLE t (x)'), /another program/],
  [
    'a catalogue of a newer version',
    (file: string) => withDatabase(file, 'PRAGMA application_id = 0x656e636c; PRAGMA user_version = 99'),
    /newer encodelab/,
  ],
])('%s in its place is refused, and left as it is', async (_, prepare, message) => {
  const file = join(folder, `bad-${++count}.sqlite`);
  prepare(file);
  const before = await runChild('sha256sum', [file]);
  const error = await openCatalogue(file).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(message);
  expect((error as UserError).problems[0]?.where).toBe(file);
  expect((await runChild('sha256sum', [file])).stdout).toBe(before.stdout);
});

function withDatabase(file: string, statements: string): void {
  const database = new DatabaseSync(file);
  database.exec(statements);
  database.close();
}
