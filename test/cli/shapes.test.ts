// Shapes on the command line, of real runs of a benchmark by each kind of engine.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { WHOLE, type ShapeRow } from '#core/shape';
import { benchmarkFile, cli, temporaryFolder } from './run-cli.ts';

const folder = temporaryFolder();
const lab = join(folder, 'lab');
const shapes = (...args: string[]) => cli('shapes', ...args, '--lab', lab);

async function jsonRows(...args: string[]): Promise<ShapeRow[]> {
  const { stdout, stderr, code } = await shapes(...args, '--json');
  expect(code, stderr).toBe(0);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as ShapeRow);
}

beforeAll(async () => {
  const engines = await cli('bench', 'run', benchmarkFile(folder, 'matrix: {engine: [bundled, ffmpeg]}'), '--lab', lab);
  expect(engines.code, engines.stderr).toBe(0);
  const program = `session: command
command: [ffmpeg, -v, error, -y, -i, "{y4m}", -c:v, libx264, -preset, "{preset}", "{output}"]
output: mkv`;
  const command = await cli('bench', 'run', benchmarkFile(folder, program, 'command'), '--lab', lab);
  expect(command.code, command.stderr).toBe(0);
}, 60_000);

test('every run of a benchmark leaves its shape, whichever engine carried it out', async () => {
  const rows = await jsonRows('list');
  expect(rows.map(({ engine, threads }) => [engine, threads]).toSorted()).toEqual([
    ['bundled', null],
    ['ffmpeg', null],
    ['ffmpeg', null],
  ]);
  const known = { kind: 'encode', codec: 'h264', preset: 'ultrafast', width: 320, height: 180, outcome: 'ok' };
  const measured = { title: null, item: null, spatial: null, sourcePixels: 1920 * 1080, bitDepth: 8, outputs: 1 };
  for (const row of rows) {
    expect(row).toMatchObject({ ...known, ...measured, phase: WHOLE });
    expect(row.source).toMatch(/^[0-9a-f]{64}$/);
    expect(row.sourceFrameBytes).toBeGreaterThan(1_000);
    expect(row.cpuS).toBeGreaterThan(0.01);
    expect(row.memoryPeak).toBeGreaterThan(1e6);
    expect(row.durationS).toBeGreaterThan(0);
  }
  const phases = await jsonRows('show', rows.find(({ engine }) => engine === 'bundled')!.id);
  expect(phases.map(({ phase }) => phase)).toEqual(['open', 'encode', 'flush', 'mux', 'check', WHOLE]);
  const run = await cli('runs', 'show', phases[0]!.id, '--lab', lab);
  expect(run.code, run.stderr).toBe(0);
}, 60_000);

test('they are listed, grouped, filtered and exported, and stay when their runs are deleted', async () => {
  const [row] = await jsonRows('list', '--engine', 'bundled');
  const deleted = await cli('runs', 'delete', row!.id, '--lab', lab);
  expect(deleted.code, deleted.stderr).toBe(0);
  const listed = await shapes('list');
  expect(listed.stdout).toContain(row!.id);
  expect((await shapes('show', row!.id.slice(0, 20))).stdout).toContain('bytes of a source frame');
  const groups = await shapes('list', '--groups', '--resolution', '320x180');
  expect(groups.stdout).toMatch(/encode +h264 +libx264 +320x180 +\d/);
  expect((await shapes('list', '--codec', 'av1')).stdout).toContain('no shapes yet');
  expect((await shapes('list', '--since', '2100-01-01')).stdout).toContain('no shapes yet');

  const file = join(folder, 'shapes.csv');
  expect((await shapes('export', '--engine', 'bundled', '-o', file)).code).toBe(0);
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  expect(head).toContain('id,phase,title,item,source,ended_at,outcome,kind,codec');
  expect(lines).toHaveLength(6);
  expect(JSON.parse((await shapes('export', '--phase', WHOLE, '--format', 'json')).stdout)).toHaveLength(3);

  const unknown = await shapes('show', 'ffff');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('no piece of work');
  expect((await shapes('list', '--resolution', 'big')).code).toBe(2);
}, 60_000);
