import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { parseBenchmark } from './parse-benchmark.ts';
import { prepareBench } from './prepare-bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'commands-'));
let lab: Lab;
beforeAll(async () => {
  lab = await openLab(join(folder, 'lab'));
  for (const name of ['one', 'two']) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${name}\n`);
    chmodSync(join(folder, name), 0o755);
  }
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

const prepare = (text: string) =>
  prepareBench({
    benchmark: parseBenchmark(`session: command\n${text}`, join(folder, 'bench.yaml')),
    lab,
    version: '0',
    maxTrials: 0,
    onNote: () => undefined,
    guest: null,
    hasDevice: null,
  });

test('a property that the command uses is no cause for a warning, however it is used', async () => {
  const text = 'command: [./one, "--x={x}", "{rate:kbps}"]\nenv: {LEVEL: "{level}"}\n';
  const { cells, warnings } = await prepare(
    `${text}matrix: {x: [1, 2], rate: [1M, 2M], level: [3, 4], concurrent: [1, 2]}`,
  );
  expect(cells).toHaveLength(16);
  expect(warnings).toEqual([]);
});

test('a property that varies and is not used is told', async () => {
  const { warnings } = await prepare('command: [./one, "{x}"]\nmatrix: {x: [1, 2], crf: [20, 30], one: [1]}');
  expect(warnings).toEqual(['crf varies, and the command does not use it: there is no {crf} in it']);
});

test('the program may be a setting, beside the benchmark file; each build has runs of its own', async () => {
  const { cells } = await prepare('command: ["{bench}/{program}", "{x}"]\nmatrix: {program: [one, two], x: [1, 2]}');
  expect(cells.map(({ program }) => program?.path)).toEqual(
    ['one', 'one', 'two', 'two'].map((name) => join(folder, name)),
  );
  expect(new Set(cells.map(({ sameKey }) => sameKey)).size).toBe(4);
});

test('a program that is not there is told at the command', async () => {
  await expect(prepare('command: [./three, "{x}"]\nmatrix: {x: [1]}')).rejects.toThrow(
    /bench\.yaml:2:\d+: there is no program .*three/,
  );
});
