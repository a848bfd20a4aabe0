// `encodelab bench run --profile` and `encodelab profile record` as a user has them: real encodes under a real perf.

import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { SYMBOL_SOURCES } from '#core/profile';
import { openLab } from '#lab/lab';
import { recoverInterruptedRuns } from '#lab/recover';
import { perfRights } from '#perf/record/perf-rights';
import { readProfile } from '#recording/profile-tables';
import { readHeader, readTable } from '#recording/read-recording';
import { keepKnownEncoders, takeKnownEncoders } from '../browser/known-encoders.ts';
import { benchmarkFile, cli, jsonLines, startCli, temporaryFolder } from './run-cli.ts';

const rights = await perfRights();
const notAllowed = rights.scope === 'none';
const notWhole = rights.scope !== 'system' || rights.noSwitches !== null;

const folder = temporaryFolder();
let count = 0;
const warmLab = join(folder, 'lab-warm');
const newLab = () => {
  const lab = join(folder, `lab-${count++}`);
  cpSync(join(warmLab, 'cache'), join(lab, 'cache'), { recursive: true });
  return lab;
};

beforeAll(async () => {
  await takeKnownEncoders(join(warmLab, 'cache'));
  expect((await cli('encoders', '--lab', warmLab)).code).toBe(0);
  await keepKnownEncoders(join(warmLab, 'cache'));
});

test.skipIf(notWhole)(
  'a bench with profiles has samples of its encoder, on the clock of its phases; it runs again what has none',
  async () => {
    const lab = newLab();
    const file = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\nquality: none\n', 'profiled');
    const plain = await cli('bench', 'run', file, '--lab', lab, '--json');
    expect(jsonLines(plain.stdout), plain.stderr).toHaveLength(1);
    const profiled = await cli('bench', 'run', file, '--lab', lab, '--profile', '--json');
    const [run] = jsonLines(profiled.stdout);
    expect(run?.outcome, profiled.stderr).toBe('ok');
    const again = await cli('bench', 'run', file, '--lab', lab, '--profile', '500', '--json');
    expect(again.stdout).toBe('');
    expect(profiled.stderr).toContain(`/runs/${run!.run}/profile`);
    expect(plain.stderr).not.toContain('/profile');
    expect(profiled.stderr).not.toContain('keeps the profile');
    expect(again.stderr).toContain('keeps the profile that it has');

    const exported = (...options: string[]) => cli('profile', 'export', run!.run, '--lab', lab, ...options);
    const own = await exported();
    expect(own.stderr).toMatch(/^left out: [\d,]+ samples of other programs and idle CPUs; --all/);
    expect(own.stdout).not.toContain('swapper');
    const byCalls = await exported('--frames', 'slowest:100%', '--way', 'calls');
    expect(byCalls.stderr).toMatch(/^\d+ frames\. Their time is that in their own calls\./m);
    const none = await exported('--frames', 'frames:9999');
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toMatch(/the run has no frames “frames:9999”\n.*frames, from 0 to \d+/);

    const recording = join(lab, 'recordings', run!.run);
    const profile = (await readProfile(recording))!;
    const { header, samples, spans, threads } = profile;
    expect(header).toMatchObject({ clock: 'monotonic', frequencyHz: 999, scope: 'system', stacks: 'frame-pointers' });
    expect(header.overheadCpuS).toBeGreaterThan(0);
    const countOf = (libraries: typeof header.quality) => libraries.reduce((sum, one) => sum + one.samples, 0);
    expect(countOf(header.ownQuality!)).toBeLessThan(countOf(header.quality));
    expect(countOf(header.ownQuality!)).toBeGreaterThan(0);
    const phases = await readTable(recording, 'phases');
    const beginNs = Math.min(...phases.start_us) * 1000;
    const endNs = Math.max(...phases.end_us) * 1000;
    expect(header.startNs).toBeLessThanOrEqual(beginNs);
    expect(header.endNs).toBeGreaterThanOrEqual(endNs);
    // The engine is a process of Node's, which was busy in that time and on CPUs for the scheduler as well.
    const isEngine = threads.processName.map((name) => /node|MainThread|encodelab/.test(name));
    const inEncode = (timeNs: number) => timeNs >= beginNs && timeNs < endNs;
    expect(
      samples.timeNs.filter((timeNs, i) => inEncode(timeNs) && isEngine[samples.thread[i]!]).length,
    ).toBeGreaterThan(5);
    expect(
      spans!.startNs.filter((timeNs, i) => inEncode(timeNs) && isEngine[spans!.thread[i]!]).length,
    ).toBeGreaterThan(5);
    expect(readdirSync(recording)).not.toContain('profile.data');
  },
);

test('without perf a bench with profiles runs all the same, and tells why there are none', async () => {
  const lab = newLab();
  const file = benchmarkFile(folder, 'matrix: {bitrate: [200k]}\nquality: none\nprofile: 999\n', 'without');
  const env = { PATH: folder };
  const first = await startCli(['bench', 'run', file, '--lab', lab, '--json'], { env }).result;
  const [run] = jsonLines(first.stdout);
  expect(run?.outcome, first.stderr).toBe('ok');
  const header = await readHeader(join(lab, 'recordings', run!.run));
  expect(header.profile).toBeUndefined();
  expect(header.absent).toContain('profile: perf is not installed: sudo apt-get install linux-perf');
});

test.skipIf(notAllowed)(
  'any command is profiled where it is started; Ctrl-C ends it, and keeps its profile and exit code',
  async () => {
    const lab = newLab();
    const script = 'trap "exit 3" INT; sleep 0.01; echo "{braces} in $PWD"; while :; do :; done';
    const args = ['profile', 'record', '--lab', lab, '--json', '--name', 'count', '--', 'sh', '-c', script];
    let log = '';
    const child = startCli(args, { cwd: folder, onStderr: (chunk) => (log += chunk.toString()) });
    for (let tries = 0; !log.includes('braces') && tries < 400; tries++) await sleep(50);
    expect(log).toContain(`{braces} in ${folder}`);
    await sleep(200);
    process.kill(child.pid!, 'SIGINT');
    const result = await child.result;
    expect(result.code, result.stderr).toBe(3);
    const told = JSON.parse(result.stdout) as { run: string; exitCode: number; samples: number; ownSamples: number };
    expect(told).toMatchObject({ exitCode: 3, signal: null });
    const { header, samples, threads } = (await readProfile(join(lab, 'recordings', told.run)))!;
    expect(samples.timeNs).toHaveLength(told.samples);
    expect(samples.thread.filter((thread) => threads.name[thread] === 'sh').length).toBeGreaterThan(10);
    if (!notWhole) expect(told.ownSamples).toBeLessThan(told.samples);
    if (!notWhole) expect(told.ownSamples).toBeGreaterThan(10);
    // The shell, and what it started; the machine may have other shells.
    expect(header.processes).toHaveLength(2);
    const shells = threads.process.filter((_, row) => threads.name[row] === 'sh');
    expect(header.processes!.some((process) => shells.includes(process))).toBe(true);
  },
);

test.skipIf(notAllowed)(
  'a command that a signal of its own ends has the exit code of a shell, and not that of Ctrl-C',
  async () => {
    const killed = await cli('profile', 'record', '--lab', newLab(), '--json', '--', 'sh', '-c', 'kill -9 $$');
    expect([killed.code, JSON.parse(killed.stdout)]).toEqual([137, expect.objectContaining({ signal: 'SIGKILL' })]);
  },
);

test.skipIf(notAllowed)('a command that Ctrl-C ends is interrupted', async () => {
  let log = '';
  const script = 'echo begun; while :; do :; done';
  const child = startCli(['profile', 'record', '--lab', newLab(), '--json', '--', 'sh', '-c', script], {
    onStderr: (chunk) => (log += chunk.toString()),
  });
  for (let tries = 0; !log.includes('begun') && tries < 400; tries++) await sleep(50);
  process.kill(child.pid!, 'SIGINT');
  expect((await child.result).code).toBe(130);
});

/** Works for a while, and heeds neither Ctrl-C nor SIGTERM. */
const STUBBORN = 'trap "" INT TERM; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo begun; while :; do :; done';

/** Each signal is sent once the words before it are told. */
async function recordedUntil(name: string, signals: readonly (readonly [words: string, signal: NodeJS.Signals])[]) {
  const lab = newLab();
  const temporary = join(folder, `tmp-${name}`);
  mkdirSync(temporary);
  const heard = Promise.withResolvers<void>();
  const waiting = [...signals];
  let log = '';
  const child = startCli(['profile', 'record', '--lab', lab, '--json', '--', 'sh', '-c', STUBBORN], {
    env: { TMPDIR: temporary },
    onStderr: (chunk) => {
      log += chunk.toString();
      while (waiting.length > 0 && log.includes(waiting[0]![0])) process.kill(child.pid!, waiting.shift()![1]);
      if (waiting.length === 0) heard.resolve();
    },
  });
  await heard.promise;
  const { code, stdout, stderr } = await child.result;
  const told = JSON.parse(stdout) as { run: string; signal: string; samples: number | null; absent: string[] };
  const recording = join(lab, 'recordings', told.run);
  expect(writersOf(join(recording, 'profile.data'))).toEqual([]);
  expect(readdirSync(recording).filter((file) => file.startsWith('profile.data'))).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
  expect(stderr).not.toContain('did not wait');
  return { lab, code, ...told, profile: await readProfile(recording) };
}

test.skipIf(notAllowed)('a second Ctrl-C and SIGTERM kill the command, and its profile is kept', async () => {
  const [twice, terminated] = await Promise.all([
    recordedUntil('twice', [
      ['begun', 'SIGINT'],
      ['Ctrl-C again kills it', 'SIGINT'],
    ]),
    recordedUntil('terminated', [['begun', 'SIGTERM']]),
  ]);
  for (const { samples, profile } of [twice, terminated]) {
    expect(samples).toBeGreaterThan(10);
    expect(profile!.samples.timeNs).toHaveLength(samples!);
  }
  expect([twice.code, twice.signal, terminated.code, terminated.signal]).toEqual([130, 'SIGKILL', 143, 'SIGKILL']);
});

test.skipIf(notAllowed)('a third Ctrl-C gives the profile up, and the reason is kept', async () => {
  const { lab, run, code, samples, absent, profile } = await recordedUntil('thrice', [
    ['begun', 'SIGINT'],
    ['Ctrl-C again kills it', 'SIGINT'],
    ['Ctrl-C again gives it up', 'SIGINT'],
  ]);
  expect([code, samples, profile]).toEqual([130, null, null]);
  const why = 'it was told to stop before its data was made a profile';
  expect(absent).toContain(`profile: ${why}`);
  const asked = await cli('profile', 'export', run, '--lab', lab);
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining(why)]);
});

test.skipIf(notAllowed)(
  'what a command does not wait for is ended and told; what it waits for is neither',
  async () => {
    const [left, waited] = await Promise.all(
      ['exit 0', 'wait'].map((end) =>
        cli(
          'profile',
          'record',
          '--lab',
          newLab(),
          '--',
          'sh',
          '-c',
          `(sleep ${end === 'wait' ? 0.7 : 60}; echo late) & ${end}`,
        ),
      ),
    );
    expect(left!.stderr).toMatch(/did not wait for what it had started, which is ended: (sh, sleep|sleep, sh)\n/);
    expect([left!.code, left!.stdout]).toEqual([0, '']);
    expect(waited!.stderr).not.toContain('did not wait');
    expect([waited!.code, waited!.stdout]).toEqual([0, 'late\n']);
    if (notWhole) return;
    const [, own, all] = /: ([\d,]+) samples of the command, ([\d,]+) with all else/.exec(waited!.stderr)!;
    const countOf = (text: string) => Number(text.replaceAll(',', ''));
    expect(countOf(own!)).toBeLessThan(countOf(all!));
  },
);

test.skipIf(notAllowed)(
  'with --stacks dwarf there is a whole profile too, with the stacks that perf unwound',
  async () => {
    const lab = newLab();
    const script = 'for ((i = 0; i < 60000; i++)); do :; done';
    const args = ['profile', 'record', '--stacks', 'dwarf', '--lab', lab, '--json', '--', 'bash', '-c', script];
    const { code, stdout, stderr } = await cli(...args);
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as { run: string; samples: number; lost: number };
    const recording = join(lab, 'recordings', told.run);
    const { header, samples, spans, threads, stacks, functions, libraries } = (await readProfile(recording))!;
    expect(header).toMatchObject({
      stacks: 'dwarf',
      clock: 'monotonic',
      frequencyHz: 999,
      file: null,
      lost: told.lost,
    });
    expect(header.absent.join('; ')).not.toMatch(/unwind|unwound/);
    expect(spans !== null).toBe(rights.noSwitches === null);
    // Perf's text tells the callers; the innermost function of a stripped program keeps the name, or none, of our own reading.
    const given = SYMBOL_SOURCES.indexOf('given');
    const mine = [...samples.stack].filter((stack, i) => stack >= 0 && threads.name[samples.thread[i]!] === 'bash');
    expect(mine.length).toBeGreaterThan(5);
    const inBash = mine
      .map((stack) => stacks.function[stack]!)
      .filter((leaf) => libraries[functions.library[leaf]!] === 'bash');
    expect(inBash.length).toBeGreaterThan(5);
    expect(inBash.filter((leaf) => functions.source[leaf] === given)).toEqual([]);
    expect(readdirSync(recording).filter((name) => name.startsWith('profile.data'))).toEqual([]);
  },
);

test.skipIf(notWhole)(
  "Node's inspector names our JavaScript in the stacks of the encode, and adds no sample",
  async () => {
    const lab = newLab();
    const file = benchmarkFile(
      folder,
      'matrix: {bitrate: [200k]}\nquality: none\nprofile: {javascript: true}\n',
      'inspected',
    );
    const { stdout, stderr } = await cli('bench', 'run', file, '--lab', lab, '--json');
    const [run] = jsonLines(stdout);
    expect(run?.outcome, stderr).toBe('ok');
    const recording = join(lab, 'recordings', run!.run);
    const profile = (await readProfile(recording))!;
    const { header, samples, stacks, functions, threads } = profile;
    expect(header.tool).toMatch(/^perf .*, Node inspector$/);
    expect(samples.weight).toBeNull();
    const callers = (stack: number): string[] => {
      const names: string[] = [];
      for (let node = stack; node >= 0; node = stacks.parent[node]!)
        names.push(functions.name[stacks.function[node]!]!);
      return names;
    };
    // Most of the encode's main thread is native code without frame pointers: now it has the method that called it.
    const inRun = [...samples.stack].flatMap((stack, row) => {
      const names = callers(stack);
      return names.includes('run') && names.includes('main') ? [{ row, stack, names }] : [];
    });
    expect(inRun.length).toBeGreaterThan(5);
    expect(inRun.some(({ names }) => names.includes('(root)'))).toBe(true);
    const ours = new Set(inRun.map(({ row }) => samples.thread[row]!));
    expect(ours.size).toBe(1);
    const [main] = ours;
    expect(threads.thread[main!]).toBe(threads.process[main!]);
    expect(readdirSync(recording).filter((name) => name.startsWith('profile.data'))).toEqual([]);
  },
);

test.skipIf(notAllowed)('a bench that is killed leaves no perf, and a recording that can be completed', async () => {
  const lab = newLab();
  const file = benchmarkFile(
    folder,
    'matrix: {bitrate: [200k]}\nquality: none\nprofile: 999\ncommand: [sh, -c, "sleep 60"]\nsession: command\n',
    'killed',
  );
  const child = startCli(['bench', 'run', file, '--lab', lab]);
  const data = () =>
    readdirSync(join(lab, 'recordings'), { recursive: true, withFileTypes: true }).filter(
      ({ name }) => name === 'profile.data',
    );
  const exists = () => {
    try {
      return data().length > 0;
    } catch {
      return false;
    }
  };
  for (let tries = 0; !exists() && tries < 600; tries++) await sleep(50);
  const path = join(data()[0]!.parentPath, 'profile.data');
  expect(writersOf(path)).toHaveLength(1);
  process.kill(child.pid!, 'SIGKILL');
  await child.result;
  for (let tries = 0; writersOf(path).length > 0 && tries < 100; tries++) await sleep(50);
  expect(writersOf(path)).toEqual([]);
  const opened = await openLab(lab);
  const [open] = await opened.catalogue.openRuns();
  const early = await cli('profile', 'diagnose', open!.id, '--lab', lab);
  expect(early.code).toBe(1);
  expect(early.stderr).toContain('this run was killed, and its recording is not completed yet');
  const [run] = await recoverInterruptedRuns(opened);
  await opened.close();
  expect(run).toMatchObject({ outcome: 'killed', interrupted: true });
  const recording = join(lab, 'recordings', run!.id);
  const header = await readHeader(recording);
  expect(header.state).toBe('partial');
  expect(header.absent).toContain('profile: the bench was killed before it was read');
  expect(await readProfile(recording)).toBeNull();
  expect(readdirSync(recording)).not.toContain('profile.data');
});

/** Processes whose command line names the file. */
function writersOf(path: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(path);
    } catch {
      return false;
    }
  });
}
