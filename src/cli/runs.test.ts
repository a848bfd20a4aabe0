// `encodelab runs` as a user types it, on a lab whose bench was killed, lost its catalogue, or was never there.

import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '#core/run';
import { openLab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { runChild } from '#system/child-process';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';
import { BUILT_CLI } from '../../test/cli/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'runs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'lab');
const node = ['--disable-warning=ExperimentalWarning', BUILT_CLI];
const runs = (...args: string[]) => runChild(process.execPath, [...node, 'runs', ...args], { env: environment });
const environment = { ...process.env, NO_COLOR: '1', TMPDIR: join(folder) };

let done: RunRecord;
let abandoned: RunRecord;
beforeAll(async () => {
  const lab = await openLab(path);
  const begun = (cell: string) =>
    sampleRun(lab, { benchmark: 'bunny', cell, settings: { bitrate: '1M' }, sameKey: cell });
  const run = begun('one');
  await lab.catalogue.startRun(run);
  const metrics = { 'encode.fps': { value: 61.5, unit: 'frame/s', better: 'higher' as const } };
  done = { ...run, outcome: 'ok', durationS: 2, metrics };
  const recorder = await startRecording(lab.recordingFolder(run.id), sampleRecording(run));
  recorder.addPhases([{ phase: 'encode', startUs: 0, endUs: 5, cpuS: null }]);
  await recorder.finish('complete', { result: done });
  await lab.catalogue.endRun(done.id, { ...done, outcome: 'ok' });
  abandoned = begun('two');
  await lab.catalogue.startRun(abandoned);
  await lab.close();
  // As if another process had begun it, which is gone now.
  const database = new DatabaseSync(join(path, 'catalogue.sqlite'));
  database.exec('UPDATE runs SET owner_start_ticks = 1 WHERE outcome IS NULL');
  database.close();
});

test('a run whose bench was killed is listed as interrupted before anybody ends it', async () => {
  const list = await runs('--lab', path);
  expect(list.stdout).toMatch(/ interrupted +bunny +two/);
  expect(list.stdout).toMatch(/ ok +bunny +one/);
  const shown = JSON.parse((await runs('show', abandoned.id, '--json', '--lab', path)).stdout) as object;
  expect(shown).toMatchObject({ outcome: null, interrupted: true });
});

test('looking for runs makes no lab', async () => {
  const nowhere = join(folder, 'nowhere', 'x');
  const commands = [[], ['export', '0'], ['restore']];
  for (const result of await Promise.all(commands.map((args) => runs(...args, '--lab', nowhere)))) {
    expect(result.stderr).toContain('there is no lab here');
    expect(result.code).toBe(1);
  }
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});

test.each<[string, readonly string[], RegExp]>([
  ['no id', ['show', ''], /^error: the id of a run is needed/],
  ['a folder to write to', ['export', '0', '-o', folder], /a folder stands where a file is needed/],
])('%s is told in words', async (_, args, message) => {
  const given = args.map((arg) => (arg === '0' ? done.id : arg));
  const result = await runs(...given, '--lab', path);
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toContain('bug');
});

test('an export to standard output holds a run that is named twice once, and leaves nothing behind where that is full', async () => {
  const once = await runs('export', done.id, done.id, '--table', 'phases', '--lab', path);
  expect(once.stdout.trim().split('\n')).toEqual(['run,phase,start_us,end_us,cpu_s', `${done.id},encode,0,5,`]);
  const script = 'exec "$@" > /dev/full';
  const command = [process.execPath, ...node, 'runs', 'export', done.id, '--lab', path];
  const full = await runChild('sh', ['-c', script, 'sh', ...command], { env: environment });
  expect(full.code).toBe(1);
  expect(full.stderr).not.toContain('bug');
  expect(readdirSync(folder).filter((name) => name.startsWith('encodelab-export'))).toEqual([]);
});

test('runs come back from their recordings after the catalogue was lost', async () => {
  const lost = join(folder, 'lost');
  renameSync(path, lost);
  rmSync(join(lost, 'catalogue.sqlite'));
  expect((await runs('--lab', lost)).stderr).toContain('runs restore');
  expect((await runs('restore', '--lab', lost)).stderr).toContain('1 runs restored');
  const shown = JSON.parse((await runs('show', done.id, '--json', '--lab', lost)).stdout) as object;
  expect(shown).toMatchObject({ run: done.id, outcome: 'ok', metrics: done.metrics, settings: { bitrate: '1M' } });
});
