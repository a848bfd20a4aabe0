// `encodelab bench` with other engines, several encodes at once, commands, and picture quality: all of it real.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { keepKnownEncoders, takeKnownEncoders } from '../browser/known-encoders.ts';
import { benchmarkFile, BUNNY, cli, jsonLines, temporaryFolder } from './run-cli.ts';

const folder = temporaryFolder();
const lab = join(folder, 'lab');
const run = async (text: string, source?: string) => {
  const file = benchmarkFile(folder, text, 'quick', source);
  const result = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(result.code, result.stderr).toBe(0);
  return jsonLines(result.stdout);
};
const headerOf = (id: string) =>
  JSON.parse(readFileSync(join(lab, 'recordings', id, 'recording.json'), 'utf8')) as {
    absent: string[];
    quality?: { scores: { metric: string; implementation: string; frames: number }[]; pictures: { source: string }[] };
    environment: { versions: Record<string, string> };
    rows: Record<string, number>;
  };

beforeAll(async () => {
  await takeKnownEncoders(join(lab, 'cache'));
  expect((await cli('encoders', '--lab', lab)).code).toBe(0);
  await keepKnownEncoders(join(lab, 'cache'));
});

test('two engines side by side encode the same frames, each with its own version', async () => {
  // Trying all of its encoders takes half a minute: it lists no other one.
  const mine = join(folder, 'my-ffmpeg');
  const listed = `awk '/------/ { encoders = 1 } !encoders || /------/ || /libx264/'`;
  writeFileSync(mine, `#!/bin/sh\ncase "$*" in *-encoders*) ffmpeg "$@" | ${listed};; *) exec ffmpeg "$@";; esac\n`, {
    mode: 0o755,
  });
  // An encode of small pictures is too short for its rate to be known from outside.
  const runs = await run(`matrix: {engine: [bundled, {path: ${mine}, name: mine}], bitrate: 300k}\n`, BUNNY);
  expect(runs.map(({ cell }) => cell).toSorted()).toEqual(['engine=bundled bitrate=300k', 'engine=mine bitrate=300k']);
  for (const { run: id, cell, outcome, metrics } of runs) {
    expect(outcome).toBe('ok');
    expect(metrics['frames']!.value).toBe(24);
    for (const name of ['encode.fps', 'cpu.time', 'memory.peak', 'bitrate', 'quality.psnr', 'quality.xpsnr p5'])
      expect(metrics[name]?.value, `${name} of ${cell}`).toBeGreaterThan(0);
    const header = headerOf(id);
    expect(header.quality!.scores.map(({ metric }) => metric)).toEqual(['psnr', 'ssim', 'xpsnr']);
    expect(header.quality!.scores.every(({ frames }) => frames === 24)).toBe(true);
    expect(existsSync(join(lab, 'recordings', id, header.quality!.pictures[0]!.source))).toBe(true);
    expect(readdirSync(join(lab, 'recordings', id))).not.toContain('output.mkv');
  }
  const versions = runs.map(({ run: id }) => headerOf(id).environment.versions['ffmpeg']);
  expect(new Set(versions).size).toBe(2);
});

test('encodes at once are one run, with the frames, the CPU and the rate of all of them', async () => {
  const runs = await run('matrix: {concurrent: [1, 3]}\nquality: none\n');
  const of = (concurrent: number) => runs.find(({ settings }) => settings['concurrent'] === concurrent)!.metrics;
  expect([of(1)['frames']!.value, of(3)['frames']!.value]).toEqual([24, 72]);
  expect([of(1)['streams']!.value, of(3)['streams']!.value]).toEqual([1, 3]);
  expect(of(3)['bytes']!.value).toBe(3 * of(1)['bytes']!.value);
  expect(of(3)['bitrate']!.value).toBeCloseTo(of(1)['bitrate']!.value, 0);
  expect(of(3)['memory.peak']!.value).toBeGreaterThan(2 * of(1)['memory.peak']!.value);
  expect(of(3)['quality.psnr']).toBeUndefined();
});

test('an engine that is none is told at its place in the file', async () => {
  const result = await cli(
    'bench',
    'run',
    benchmarkFile(folder, 'matrix: {engine: [{path: ./nowhere/ffmpeg, name: lost}]}\n'),
    '--lab',
    lab,
  );
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/\.yaml:\d+:\d+: .*nowhere\/ffmpeg/);
});

test('a command is measured like an encode, with a metric from its output', async () => {
  const file = join(folder, 'command.yaml');
  writeFileSync(
    file,
    `session: command
source: "lavfi:testsrc2=size=320x180:rate=24:duration=1"
command: [SvtAv1EncApp, -i, "{y4m}", -b, "{output}", --preset, "{preset}", --lp, "1"]
output: ivf
metrics:
  told fps: {pattern: 'Average Speed:\\s+([\\d.]+) fps', from: stderr, unit: frame/s, better: higher}
matrix: {preset: [12, 13]}
thresholds: ["told fps > 0"]
`,
  );
  const result = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(result.code, result.stderr).toBe(0);
  const runs = jsonLines(result.stdout);
  expect(runs).toHaveLength(2);
  for (const { kind, metrics } of runs) {
    expect(kind).toBe('command');
    expect(metrics['frames']!.value).toBe(24);
    for (const name of ['told fps', 'encode.fps', 'cpu.time', 'memory.peak', 'quality.ssim'])
      expect(metrics[name]?.value, name).toBeGreaterThan(0);
  }
  const again = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(again.stdout).toBe('');
});
