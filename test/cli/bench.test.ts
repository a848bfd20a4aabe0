// `encodelab bench` as a user has it: real encodes, real signals, real crashes. ENCODELAB_KILLS says how often it is killed.

import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { runChild } from '#system/child-process';
import { processStartTicks } from '#system/process-identity';
import { keepKnownEncoders, takeKnownEncoders } from '../browser/known-encoders.ts';
import { benchmarkFile, BUNNY, cli, jsonLines, startCli, temporaryFolder } from './run-cli.ts';

const KILLS = Number(process.env['ENCODELAB_KILLS'] ?? 4);

const folder = temporaryFolder();
let count = 0;
const warmLab = join(folder, 'lab-warm');
/** A fresh lab that knows the encoders already. */
const newLab = () => {
  const lab = join(folder, `lab-${count++}`);
  cpSync(join(warmLab, 'cache'), join(lab, 'cache'), { recursive: true });
  return lab;
};

beforeAll(async () => {
  // Discovery is the same for every lab here: it is done once.
  await takeKnownEncoders(join(warmLab, 'cache'));
  expect((await cli('encoders', '--lab', warmLab)).code).toBe(0);
  await keepKnownEncoders(join(warmLab, 'cache'));
});

test('every run is a line of JSON with its settings and metrics; a second start has nothing left to do', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {bitrate: [200k, 400k]}\nrepeat: 2\nthresholds: ["encode.fps >= 0.1"]\n');
  const first = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(first.code, first.stderr).toBe(0);
  const runs = jsonLines(first.stdout);
  expect(runs.map(({ cell, repeat }) => `${cell} ${repeat}`).toSorted()).toEqual([
    'bitrate=200k 1',
    'bitrate=200k 2',
    'bitrate=400k 1',
    'bitrate=400k 2',
  ]);
  for (const run of runs) {
    expect(run.outcome).toBe('ok');
    expect(run.settings).toMatchObject({ encoder: 'libx264', preset: 'ultrafast' });
    expect(run.metrics['frames']).toEqual({ value: 24, unit: 'frame', better: null });
    expect(run.metrics['encode.fps']!.value).toBeGreaterThan(0);
  }
  const second = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(second.stdout).toBe('');
  expect(second.code).toBe(0);

  const exported = await cli('runs', 'export', runs[0]!.run, '--lab', lab, '--table', 'frames', '--format', 'json');
  const frames = JSON.parse(exported.stdout) as { bytes: number; encode_busy_us: number }[];
  expect(frames).toHaveLength(24);
  expect(frames.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(runs[0]!.metrics['bytes']!.value);
});

test('a threshold that is not met ends with 99, one on a metric that the run happens not to have as well', async () => {
  const lab = newLab();
  const slow = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\nquality: none\nthresholds: ["encode.fps >= 1M"]\n');
  expect((await cli('bench', 'run', slow, '--lab', lab)).code).toBe(99);
  const unknown = benchmarkFile(
    folder,
    'matrix: {bitrate: [200k]}\nquality: none\nthresholds: ["encode.fps p5 > 1"]\n',
  );
  const result = await cli('bench', 'run', unknown, '--lab', lab);
  expect(result.code).toBe(99);
  expect(result.stdout).toContain('not known');
  const misspelt = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\nthresholds: ["encode.fsp > 1"]\n');
  const refused = await cli('bench', 'plan', misspelt, '--lab', lab);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/quick\.yaml:5:\d+: .*did you mean encode\.fps\?/);
});

test('what is wrong with parameters is told at its place, before anything runs', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {crf: [23, 99]}\n');
  const result = await cli('bench', 'run', file, '--lab', lab);
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/quick\.yaml:4:\d+: .*crf.*99/);
  expect(result.stderr).toContain('51');
  expect(readdirSync(join(lab, 'recordings'))).toEqual([]);
});

test('a run that fails is a result, runs again only with --retry, and the others run all the same', async () => {
  const lab = newLab();
  const file = join(folder, 'slow.yaml');
  // One is done in a moment, the other would take minutes.
  writeFileSync(file, 'session: command\ncommand: [sleep, "{seconds}"]\nmatrix: {seconds: [0, 600]}\ntimeout: 2s\n');
  const first = jsonLines((await cli('bench', 'run', file, '--lab', lab, '--json')).stdout);
  expect(first.map(({ outcome }) => outcome).toSorted()).toEqual(['ok', 'timeout']);
  const again = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(again.code).toBe(1);
  expect(again.stdout).toBe('');
  const retried = jsonLines((await cli('bench', 'run', file, '--lab', lab, '--json', '--retry')).stdout);
  expect(retried.map(({ cell }) => cell)).toEqual(['seconds=600']);
});

test('a source that is no video, and one that is not there, are told with the reason', async () => {
  const noise = join(folder, 'noise.mp4');
  writeFileSync(noise, Buffer.alloc(100_000, 0x5a));
  for (const [source, reason] of [
    [noise, /not a video/],
    [join(folder, 'absent.mp4'), /no such file/],
  ] as const) {
    const file = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\n', 'no-source', source);
    const result = await cli('bench', 'run', file, '--lab', newLab());
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(reason);
    expect(result.stderr).not.toContain('bug in encodelab');
  }
});

test('hooks run only when their value changes, and what fails in one leaves its block out', async () => {
  const lab = newLab();
  const log = join(folder, 'hooks.log');
  const script = join(folder, 'hook.sh');
  writeFileSync(script, `#!/bin/sh\necho "$@" >> ${log}\n[ "$2" != broken ]\n`, { mode: 0o755 });
  const file = benchmarkFile(
    folder,
    `matrix: {display: [good, broken], bitrate: [200k, 400k]}
order: listed
quality: none
setup: ["${script} setup"]
teardown: ["${script} teardown"]
hooks:
  display:
    before: ["${script} before $display"]
    after: ["${script} after $display"]
`,
  );
  const result = await cli('bench', 'run', file, '--lab', lab, '--json');
  expect(result.code).toBe(1);
  expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
    'setup',
    'before good',
    'after good',
    'before broken',
    'after broken',
    'teardown',
  ]);
  expect(jsonLines(result.stdout).map(({ settings }) => settings['display'])).toEqual(['good', 'good']);
  expect(result.stderr).toContain('exit status 1');
});

test('cells that differ only by what a hook sets up are measured each', async () => {
  const file = benchmarkFile(
    folder,
    'matrix: {load: {idle: , busy: }}\nquality: none\nhooks: {load: {before: ["true"]}}\n',
    'load',
  );
  const lab = newLab();
  const runs = jsonLines((await cli('bench', 'run', file, '--lab', lab, '--json')).stdout);
  expect(runs.map(({ cell }) => cell).toSorted()).toEqual(['load=busy', 'load=idle']);
});

test('a source that is replaced in the middle stops the bench, and its run is no result', async () => {
  const lab = newLab();
  const [clip, other] = [join(folder, 'moving.mp4'), join(folder, 'other.mp4')];
  for (const [path, pattern] of [
    [clip, 'testsrc2'],
    [other, 'testsrc'],
  ] as const) {
    const pictures = `${pattern}=size=320x180:rate=24:duration=2`;
    await runChild('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', pictures, '-c:v', 'libx264', path]);
  }
  const file = benchmarkFile(folder, 'matrix: {bitrate: {from: 100k, to: 600k, step: 100k}}\n', 'moving', clip);
  let out = '';
  const bench = startCli(['bench', 'run', file, '--lab', lab, '--json'], { onStdout: (chunk) => (out += chunk) });
  while (!out.includes('\n')) await sleep(20);
  copyFileSync(other, clip);
  const result = await bench.result;
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/source was changed|source has gone away/);
  expect(jsonLines(result.stdout).every(({ outcome }) => outcome === 'ok')).toBe(true);
});

test('a reader that has enough drains the bench: hooks are closed and the rest is left', async () => {
  const lab = newLab();
  const log = join(folder, 'closed.log');
  const file = benchmarkFile(
    folder,
    `matrix: {bitrate: {from: 100k, to: 800k, step: 100k}}\nquality: none\nteardown: [[touch, ${log}]]\n`,
    'closed',
  );
  const bench = startCli(['bench', 'run', file, '--lab', lab, '--json']);
  bench.closeOutput();
  const result = await bench.result;
  expect(result.code).toBe(130);
  expect(existsSync(log)).toBe(true);
});

test('the random order is kept over an interrupt', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {bitrate: {from: 100k, to: 600k, step: 100k}}\nquality: none\n', 'order');
  let out = '';
  const bench = startCli(['bench', 'run', file, '--lab', lab, '--json'], { onStdout: (chunk) => (out += chunk) });
  while (!out.includes('\n')) await sleep(20);
  process.kill(bench.pid!, 'SIGINT');
  const first = jsonLines((await bench.result).stdout);
  const planned = JSON.parse((await cli('bench', 'plan', file, '--lab', lab, '--no-probe', '--json')).stdout) as {
    cells: { label: string }[];
  };
  const rest = jsonLines((await cli('bench', 'run', file, '--lab', lab, '--json')).stdout);
  expect([...first, ...rest].map(({ cell }) => cell)).toEqual(planned.cells.map(({ label }) => label));
});

test('a hook that hangs is stopped at its limit', async () => {
  const file = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\nsetup: [[sleep, "60"]]\nhook_timeout: 300ms\n');
  const result = await cli('bench', 'run', file, '--lab', newLab());
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/did not end within 0.3 s/);
});

test('the first Ctrl-C ends after the run in progress; the next start goes on with the rest', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {bitrate: {from: 100k, to: 800k, step: 100k}}\nquality: none\n');
  let out = '';
  const bench = startCli(['bench', 'run', file, '--lab', lab, '--json'], { onStdout: (chunk) => (out += chunk) });
  while (out.split('\n').length < 3) await sleep(20);
  process.kill(bench.pid!, 'SIGINT');
  const result = await bench.result;
  expect(result.code).toBe(130);
  const before = jsonLines(result.stdout);
  expect(before.length).toBeLessThan(8);
  expect(before.every(({ outcome }) => outcome === 'ok')).toBe(true);
  const rest = jsonLines((await cli('bench', 'run', file, '--lab', lab, '--json')).stdout);
  expect(before.length + rest.length).toBe(8);
  expect(new Set([...before, ...rest].map(({ cell }) => cell)).size).toBe(8);
});

test('the second Ctrl-C stops the run in progress, which is kept as interrupted and runs again', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {preset: [veryslow]}\n', 'long', BUNNY);
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(
      'preset: ultrafast, resolution: 320x180, frames: [0, 23]',
      'resolution: 1920x1080',
    ),
  );
  let told = '';
  const bench = startCli(['bench', 'run', file, '--lab', lab, '--json'], { onStderr: (chunk) => (told += chunk) });
  while (
    !existsSync(join(lab, 'recordings')) ||
    readdirSync(join(lab, 'recordings')).filter((name) => name.length === 36).length === 0
  )
    await sleep(20);
  await sleep(500);
  process.kill(bench.pid!, 'SIGINT');
  // Two signals at once would be one.
  while (!told.includes('Ctrl-C again')) await sleep(20);
  process.kill(bench.pid!, 'SIGINT');
  const result = await bench.result;
  expect(result.code).toBe(130);
  expect(result.stdout).toBe('');
  const opened = await openLab(lab);
  const [run] = await opened.catalogue.runs({});
  expect(run).toMatchObject({ outcome: 'killed', interrupted: true });
  await opened.close();
});

test('two benches on one lab: the second is told who is at work', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {bitrate: {from: 100k, to: 800k, step: 100k}}\nquality: none\n');
  let out = '';
  const first = startCli(['bench', 'run', file, '--lab', lab, '--json'], { onStdout: (chunk) => (out += chunk) });
  while (out === '') await sleep(20);
  // It is at work still, however long the second one takes to begin.
  process.kill(first.pid!, 'SIGSTOP');
  const second = await cli('bench', 'run', file, '--lab', lab);
  process.kill(first.pid!, 'SIGCONT');
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`process ${first.pid}`);
  process.kill(first.pid!, 'SIGINT');
  expect((await first.result).code).toBe(130);
});

test(
  'killed at random moments again and again, the bench still ends with every run once and nothing half-written',
  async () => {
    const lab = newLab();
    const file = benchmarkFile(folder, 'matrix: {bitrate: {from: 100k, to: 900k, step: 100k}}\n');
    const seen: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const bench = startCli(['bench', 'run', file, '--lab', lab, '--json']);
      await sleep(700 + ((kill * 977) % 1500));
      // A quick machine may have nothing left to do.
      if (processStartTicks(bench.pid!) !== null) process.kill(bench.pid!, 'SIGKILL');
      seen.push(...jsonLines(completeLines((await bench.result).stdout)).map(({ run }) => run));
    }
    const last = await cli('bench', 'run', file, '--lab', lab, '--json');
    expect(last.code, last.stderr).toBe(0);
    const opened = await openLab(lab);
    const results = [...(await opened.catalogue.results('quick')).values()].flat();
    expect(results).toHaveLength(9);
    expect(results.every(({ outcome }) => outcome === 'ok')).toBe(true);
    for (const run of seen) expect(results.map(({ id }) => id)).toContain(run);
    for (const run of await opened.catalogue.runs({})) {
      const files = readdirSync(opened.recordingFolder(run.id));
      expect(files.filter((name) => name.endsWith('.tmp') || name.startsWith('live.'))).toEqual([]);
      expect(JSON.parse(readFileSync(join(opened.recordingFolder(run.id), 'recording.json'), 'utf8')).state).toBe(
        run.interrupted ? 'partial' : 'complete',
      );
    }
    await opened.close();
  },
  120_000 + KILLS * 10_000,
);

test('a lab that can not be written is refused with the reason', async () => {
  const file = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\n');
  const inTheWay = join(folder, 'a-file');
  writeFileSync(inTheWay, '');
  const result = await cli('bench', 'run', file, '--lab', join(inTheWay, 'lab'));
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('a file stands where a folder is needed');
});

test('a catalogue of a newer version is left alone', async () => {
  const lab = newLab();
  writeFileSync(join(lab, 'lab.json'), '{"version": 99}\n');
  const result = await cli('runs', '--lab', lab);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('newer encodelab');
});

test('a million cells are refused unless one says yes', async () => {
  const file = benchmarkFile(folder, 'matrix: {qp: {from: 1, to: 1000, step: 1}, crf: {from: 1, to: 1000, step: 1}}\n');
  const result = await cli('bench', 'plan', file, '--lab', newLab());
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('--yes');
});

function completeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
