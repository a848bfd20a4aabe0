// Shapes on the command line, of real runs of a benchmark by each kind of engine.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { WHOLE, type ShapeRow } from '#core/shape';
import type { ShapeGroup } from '#lab/shapes/shape-groups';
import { takeKnownEncoders } from '../browser/known-encoders.ts';
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
  await takeKnownEncoders(join(lab, 'cache'));
  // Trying all of its encoders takes half a minute: it lists no other one.
  const mine = join(folder, 'my-ffmpeg');
  const listed = `awk '/------/ { encoders = 1 } !encoders || /------/ || /libx264/'`;
  writeFileSync(mine, `#!/bin/sh\ncase "$*" in *-encoders*) ffmpeg "$@" | ${listed};; *) exec ffmpeg "$@";; esac\n`, {
    mode: 0o755,
  });
  const engines = `matrix: {engine: [bundled, {path: ${mine}, name: mine}]}\nquality: none\n`;
  const program = `session: command
command: [${mine}, -v, error, -y, -i, "{y4m}", -c:v, libx264, -preset, "{preset}", -crf, "{crf}", "{output}"]
output: mkv
quality: none
matrix: {crf: [30]}
`;
  for (const [name, body] of [['engines', engines] as const, ['program', program] as const]) {
    const { code, stderr } = await cli('bench', 'run', benchmarkFile(folder, body, name), '--lab', lab);
    expect(code, stderr).toBe(0);
  }
}, 120_000);

test('every run of a benchmark leaves its shape, whichever engine carried it out', async () => {
  const rows = await jsonRows('list');
  expect(rows.map(({ engine }) => engine!).toSorted()).toEqual(['bundled', 'my-ffmpeg', 'my-ffmpeg']);
  const known = { kind: 'encode', codec: 'h264', preset: 'ultrafast', width: 320, height: 180, outcome: 'ok' };
  const measured = { title: null, item: null, spatial: null, bitDepth: 8, outputs: 1 };
  for (const row of rows) {
    expect(row).toMatchObject({ ...known, ...measured, phase: WHOLE });
    expect(row.source).toMatch(/^[0-9a-f]{64}$/);
    expect(row.sourcePixels).toBeGreaterThan(1_000);
    expect(row.sourceFrameBytes).toBeGreaterThan(100);
    expect(row.cpuS).toBeGreaterThan(0.01);
    expect(row.memoryPeak).toBeGreaterThan(1e6);
    expect(row.durationS).toBeGreaterThan(0);
  }
  const phases = await jsonRows('show', rows.find(({ engine }) => engine === 'bundled')!.id);
  expect(phases.map(({ phase }) => phase)).toEqual(['open', 'encode', 'flush', 'mux', 'check', WHOLE]);
}, 120_000);

test('the CPU of the phases is no more than that of the whole, and the check of an output that others wrote is in it', async () => {
  for (const { id, engine } of await jsonRows('list')) {
    const rows = await jsonRows('show', id);
    const whole = rows.find(({ phase }) => phase === WHOLE)!;
    const phases = rows.filter(({ phase }) => phase !== WHOLE);
    const sum = phases.reduce((all, { cpuS }) => all + cpuS!, 0);
    // A clock tick: where there is no control group, a phase and the whole are read one after the other.
    expect(sum, `${engine}`).toBeLessThanOrEqual(whole.cpuS! + 0.011);
    // A process of ours takes tens of milliseconds to begin.
    expect(phases.find(({ phase }) => phase === 'check')!.cpuS, `${engine}`).toBeGreaterThan(
      engine === 'bundled' ? 0 : 0.01,
    );
  }
}, 120_000);

test('they are listed, grouped, filtered and exported, and stay when their runs are deleted', async () => {
  const [row] = await jsonRows('list', '--engine', 'bundled');
  const deleted = await cli('runs', 'delete', row!.id, '--lab', lab);
  expect(deleted.code, deleted.stderr).toBe(0);
  const listed = await shapes('list');
  expect(listed.stdout).toContain(row!.id);
  expect((await shapes('show', row!.id.slice(0, 20))).stdout).toContain('bytes of a source frame');
  const groups = await shapes('list', '--groups', '--resolution', '320x180');
  expect(groups.stdout).toMatch(/encode +h264 +libx264 +320x180 +\d/);
  const encoding = (await shapes('list', '--groups', '--phase', 'encode', '--json')).stdout;
  expect(encoding).not.toBe((await shapes('list', '--groups', '--json')).stdout);
  // Of an encode that is over before its log is looked at again nobody knows when it began.
  const told = (await jsonRows('list', '--phase', 'encode')).length;
  expect([2, 3]).toContain(told);
  expect((JSON.parse(encoding.split('\n')[0]!) as ShapeGroup).pieces).toBe(told);
  const missed = await shapes('list', '--since', '2100-01-01', '--codec', 'H264');
  expect(missed.stdout).toBe('no piece of work matches: the lab has 3, with\n  codec: h264\n');
  for (const wrong of ['--kind', '--phase']) expect((await shapes('list', wrong, 'nope')).code).toBe(2);

  const file = join(folder, 'shapes.csv');
  expect((await shapes('export', '--engine', 'bundled', '-o', file)).code).toBe(0);
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  expect(head).toContain('id,phase,title,item,source,ended_at,outcome,kind,codec');
  expect(lines).toHaveLength(6);
  const column = head!.split(',').indexOf('memory_peak');
  expect(
    lines
      .at(-1)!
      .replace(/"[^"]*"/, '')
      .split(',')[column],
  ).toMatch(/^\d+$/);

  const unknown = await shapes('show', 'ffff');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('no piece of work');
  expect((await shapes('list', '--resolution', 'big')).code).toBe(2);
}, 120_000);
