// What a lab has learned, on the command line: a model trained by a child of the real command from shapes of 30 titles.

import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ShapeRow } from '#core/shape';
import { writeCalibration } from '#farm/predict/calibration-file';
import { openLab } from '#lab/lab';
import { newId } from '#system/clock';
import { recordShapes, sampleShape } from '../lab/sample-shapes.ts';
import { cli, startCli, temporaryFolder } from './run-cli.ts';

const lab = join(temporaryFolder(), 'lab');
const shapes = (...args: string[]) => cli('shapes', ...args, '--lab', lab);

/** Three chunks each, whose CPU follows their frames. */
function pieces(titles: number): ShapeRow[] {
  return Array.from({ length: titles }, () => {
    const title = newId();
    return [1, 2, 3].map((chunk) => {
      const frames = 50 * chunk;
      const known = { id: newId(), title, item: `encode/0000${chunk}`, frames };
      return sampleShape({ ...known, cpuS: frames / 5, durationS: frames / 5, memoryPeak: 3e8, endedAt: chunk });
    });
  }).flat();
}

async function record(titles: number): Promise<void> {
  const opened = await openLab(lab);
  await recordShapes(opened, pieces(titles));
  await opened.close();
}

test('a lab without a model says what predictions stand on, and what to do about it', async () => {
  const none = await shapes('model');
  expect(none.code).toBe(1);
  expect(none.stderr).toContain('there is no lab here');
  await record(5);
  const guessed = await shapes('model');
  expect(guessed.code, guessed.stderr).toBe(0);
  expect(guessed.stdout).toMatch(/^no model yet, and no calibration[^]*shapes calibrate[^]*shapes train/);
  await writeCalibration(lab, { version: 1, machine: 'm', measuredAt: 86_400_000, rates: [], problems: [] });
  expect((await shapes('model')).stdout).toContain('the calibration of 1970-01-02T00:00:00.000Z');
}, 120_000);

test('too few titles teach nothing, and that is no success', async () => {
  const told = await shapes('train');
  expect(told.code).toBe(1);
  expect(told.stdout).toMatch(/titles/);
  const { code, stdout } = await shapes('train', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({ model: null, reason: told.stdout.trim() });
}, 120_000);

test('Ctrl-C ends a calibration quietly, and leaves what was there', async () => {
  const child = startCli(['shapes', 'calibrate', '--lab', join(temporaryFolder(), 'lab')]);
  // Its handler is there before its first child.
  await expect.poll(() => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).not.toBe('');
  process.kill(child.pid!, 'SIGINT');
  const { code, stderr } = await child.result;
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'interrupted: nothing was changed\n' });
}, 120_000);

test('a model is trained, and tells what it is worth on titles that it had not seen', async () => {
  await record(25);
  const trained = await shapes('train');
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stdout).toMatch(/^model 1 of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: 90 pieces of work of 30 titles\n/);
  for (const what of ['duration', 'CPU seconds', 'peak memory'])
    expect(trained.stdout).toMatch(new RegExp(`${what} +0 +[\\d.]+ % +[\\d.]+ % +[\\d.]+ % +[\\d.]+ x`));
  expect((await shapes('model')).stdout).toBe(trained.stdout);
  const { model, rows, titles, accuracy } = JSON.parse((await shapes('model', '--json')).stdout) as {
    readonly model: number;
    readonly rows: number;
    readonly titles: number;
    readonly accuracy: { readonly cpuS: { readonly after: readonly { readonly mdape: number }[] } };
  };
  expect({ model, rows, titles }).toEqual({ model: 1, rows: 90, titles: 30 });
  // What follows from the frames alone is predicted well.
  expect(accuracy.cpuS.after[0]!.mdape).toBeLessThan(0.1);
}, 120_000);

test('a damaged file is told once, and the rest is learned from', async () => {
  const folder = join(lab, 'shapes');
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
  const path = join(folder, file!);
  const whole = readFileSync(path);
  truncateSync(path, 100);
  const { code, stderr } = await shapes('train');
  writeFileSync(path, whole);
  expect(code).toBe(1);
  expect(stderr.split('left out: ')).toHaveLength(2);
  expect(stderr).not.toMatch(/node:|at async/);
}, 120_000);

test('advice says what to change, what it gains and by how many encodes', async () => {
  const none = await shapes('advise');
  expect(none.stdout).toContain('nothing is sure enough to be advised');
  const opened = await openLab(lab);
  // The same ten encodes with one thread and with four, which take half as much CPU again.
  const encodes = Array.from({ length: 10 }, (_, n) => ({ item: `encode/${n}`, title: 'scaled', source: 'scaled' }));
  const rows = encodes.flatMap((known, n) =>
    [1, 4].map((threads) => sampleShape({ ...known, id: newId(), threads, cpuS: (threads === 1 ? 10 : 15) + n / 10 })),
  );
  await recordShapes(opened, rows);
  await opened.close();
  const { stdout, stderr, code } = await shapes('advise', '--json');
  expect(code, stderr).toBe(0);
  const { advice } = JSON.parse(stdout) as { advice: { about: string; what: string; evidence: string[] }[] };
  expect(advice).toMatchObject([
    { about: 'threads', what: expect.stringContaining('with 1 thread each instead of 4') },
  ]);
  expect(advice[0]!.evidence[0]).toContain('10 pairs of encodes');
}, 120_000);
