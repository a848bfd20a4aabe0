// Programs of the user's that misbehave: no bench ends by them, and nothing false is kept.

import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runChild } from '#system/child-process';
import { takeKnownEncoders } from '../browser/known-encoders.ts';
import { cli, jsonLines, temporaryFolder } from './run-cli.ts';

const folder = temporaryFolder();
const lab = join(folder, 'lab');
const SOURCE = 'source: "lavfi:testsrc2=size=160x90:rate=24:duration=1"';

const file = (name: string, text: string) => {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
};
const script = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};
const bench = (path: string, ...more: string[]) => cli('bench', 'run', path, '--lab', lab, '--json', ...more);
const recordingOf = (id: string) => join(lab, 'recordings', id);
const headerOf = (id: string) =>
  JSON.parse(readFileSync(join(recordingOf(id), 'recording.json'), 'utf8')) as {
    absent: string[];
    quality?: { scores: { metric: string }[] };
  };

const cliFfmpeg = (graph: string, path: string) =>
  runChild('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `${graph}=size=160x90:rate=24`, '-t', '1', '-y', path]);

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await takeKnownEncoders(join(lab, 'cache'));
});

test('an output that is a folder fails its run, and the other cells run', async () => {
  const path = file(
    'folder',
    `session: command\n${SOURCE}\ncommand: [sh, -c, 'mkdir "$1"', sh, "{output}", "{x}"]\noutput: mkv\nmatrix: {x: [1, 2]}\n`,
  );
  const result = await bench(path);
  expect(result.code, result.stderr).toBe(1);
  const runs = jsonLines(result.stdout);
  expect(runs.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  for (const { run } of runs)
    expect(readdirSync(recordingOf(run)).filter((name) => name.startsWith('output'))).toEqual([]);
});

test('a process that goes on writing into the folder of its command ends with the run', async () => {
  const writer = 'i=0; while [ $i -lt 1000000 ]; do echo > "$0.$i"; i=$((i+1)); done';
  const path = file(
    'writer',
    `session: command\ncommand: [sh, -c, 'setsid sh -c "$1" "$PWD/left" & sleep 0.2', sh, '${writer}', "{x}"]\nmatrix: {x: [1]}\n`,
  );
  const result = await bench(path);
  expect(result.code, result.stderr).toBe(0);
  const [run] = jsonLines(result.stdout);
  expect(readdirSync(recordingOf(run!.run)).filter((name) => name.startsWith('command-'))).toEqual([]);
});

test('metrics from a pipe, of a number that is none, and by hopeless patterns are absent', async () => {
  const hopeless = Array.from({ length: 6 }, (_, i) => `  hopeless ${i}: {pattern: "(a+)+${i}", from: stdout}\n`).join(
    '',
  );
  const path = file(
    'metrics',
    `session: command\ncommand: [sh, -c, 'mkfifo "$1"; echo v=1e400 w=7; echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', sh, "{folder}/stats", "{x}"]
metrics:
  pipe: {pattern: '(\\d+)', from: "{folder}/stats"}
  large: {pattern: 'v=(\\S+)', from: stdout, unit: s}
  good: {pattern: 'w=(\\S+)', from: stdout, unit: s}
${hopeless}matrix: {x: [1]}
`,
  );
  const result = await bench(path);
  expect(result.code, result.stderr).toBe(0);
  const [run] = jsonLines(result.stdout);
  expect(run!.metrics['good']!.value).toBe(7);
  expect(Object.keys(run!.metrics).filter((name) => /pipe|large|hopeless/.test(name))).toEqual([]);
  const told = headerOf(run!.run).absent.join('\n');
  expect(told).toMatch(/pipe: .*stats is no file/);
  expect(told).toMatch(/large: .*'1e400'.*no number/);
});

test('a VMAF that breaks down takes no other score with it', async () => {
  const engine = script(
    'vmaf-that-dies',
    `case "$*" in
  *filter=libvmaf*) echo "Filter libvmaf";;
  *-version*) echo "ffmpeg version 9.9";;
  *) echo "out of luck" >&2; exit 3;;
esac`,
  );
  const path = file(
    'vmaf',
    `${SOURCE}\nsettings: {encoder: libx264, preset: ultrafast}\nmatrix: {crf: [30]}\nquality: {metrics: [psnr, vmaf], vmaf_engine: ${engine}}\n`,
  );
  const result = await bench(path);
  expect(result.code, result.stderr).toBe(0);
  const [run] = jsonLines(result.stdout);
  expect(run!.metrics['quality.psnr']!.value).toBeGreaterThan(10);
  expect(run!.metrics['quality.vmaf']).toBeUndefined();
  const header = headerOf(run!.run);
  expect(header.quality!.scores.map(({ metric }) => metric)).toEqual(['psnr']);
  expect(header.absent.join('\n')).toMatch(/quality\.vmaf: .*out of luck/);
});

test('a source that changes while its pictures are compared makes no result', async () => {
  const clip = join(folder, 'clip.mkv');
  const other = join(folder, 'other.mkv');
  for (const [name, graph] of [
    [clip, 'testsrc2'],
    [other, 'mandelbrot'],
  ] as const)
    expect((await cliFfmpeg(graph, name)).code).toBe(0);
  const engine = script('vmaf-that-swaps', `cp "${other}" "${clip}"; exit 1`);
  const path = file(
    'swap',
    `source: clip.mkv\nsettings: {encoder: libx264, preset: ultrafast}\nmatrix: {crf: [30]}\nquality: {metrics: [psnr, vmaf], vmaf_engine: ${engine}}\n`,
  );
  const result = await bench(path);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('the source was changed');
  expect(jsonLines(result.stdout)).toEqual([]);
});

test('a program that is replaced while the bench runs ends it, and nothing is kept under its old build', async () => {
  const program = script('program', 'echo n=1');
  const path = file(
    'replaced',
    `session: command\ncommand: [./program, "{x}"]\nmetrics: {n: {pattern: 'n=(\\d+)', from: stdout}}\norder: listed
hooks: {x: {after: [[sh, -c, 'printf "#!/bin/sh\\necho n=999\\n" > "$0"', "${program}"]]}}\nmatrix: {x: [1, 2]}\n`,
  );
  const result = await bench(path);
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/program: the program was changed since the bench began/);
  expect(jsonLines(result.stdout).map(({ metrics }) => metrics['n']!.value)).toEqual([1]);
});
