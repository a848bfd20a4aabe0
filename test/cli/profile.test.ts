// Profiles in and out on the command line, with recordings that perf makes here.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test, vi } from 'vitest';
import { createProgram } from '#cli/program';
import type { Profile } from '#core/profile';
import { openLab } from '#lab/lab';
import { readProfile } from '#recording/profile-tables';
import { importProfileFile } from '#run/import-profile';

import { cli, smallClip, startCli, temporaryFolder } from './run-cli.ts';

const folder = temporaryFolder();
const labFolder = join(folder, 'lab');
const lab = await openLab(labFolder);
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

const perfData = join(folder, 'perf.data');
const canRecord = record();

/** Whether perf is here, and this user may record a process of his own. */
function record(): boolean {
  const encode = ['ffmpeg', '-v', 'error', '-i', smallClip(folder), '-frames:v', '24', '-f', 'null', '-'];
  return (
    spawnSync('perf', [
      'record',
      '-q',
      '-F',
      '4999',
      '-g',
      '--sample-cpu',
      '-e',
      'cpu-clock',
      '-o',
      perfData,
      '--',
      ...encode,
    ]).status === 0
  );
}

function perfScript(...options: string[]): string {
  return execFileSync('perf', ['script', '-i', perfData, ...options], {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Samples by the name of their innermost function, where perf knew it. */
function leaves({ samples, stacks, functions }: Profile, known: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const stack of samples.stack) {
    const name = stack < 0 ? '' : functions.name[stacks.function[stack]!]!;
    if (known.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** A command in this very process. */
async function encodelab(...args: string[]): Promise<void> {
  await createProgram(() => undefined).parseAsync(['node', 'encodelab', ...args, '--lab', labFolder]);
}

test.skipIf(!canRecord)('a perf.data and the text of perf script are the same profile (needs perf)', async () => {
  const text = perfScript();
  const texts = {
    'usual.txt': text,
    'scope.txt': perfScript('--header', '-F', 'comm,pid,tid,cpu,time,event,ip,sym,dso'),
  };
  const count = text.split('\n').filter((line) => /cpu-clock:/.test(line)).length;
  expect(count).toBeGreaterThan(50);
  const data = await importProfileFile(lab, perfData, 'perf.data');
  expect(data.profile.samples.timeNs.length).toBe(count);
  expect(data.profile.header.clock).toBe('own');
  for (const [name, content] of Object.entries(texts)) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { run } = await importProfileFile(lab, path, name);
    const profile = (await readProfile(lab.recordingFolder(run.id)))!;
    expect(profile.samples.timeNs.length).toBe(count);
    const named = new Set(profile.functions.name.filter((_, i) => profile.functions.source[i] !== 0));
    const [ours, theirs] = [leaves(data.profile, named), leaves(profile, named)];
    let [same, all] = [0, 0];
    for (const [leaf, samples] of theirs) {
      same += Math.min(samples, ours.get(leaf) ?? 0);
      all += samples;
    }
    expect(same / all).toBeGreaterThan(0.99);
  }
});

test.skipIf(!canRecord)(
  'compressed recordings on standard input, whole or cut off, are runs (needs perf)',
  async () => {
    const packed = gzipSync(readFileSync(perfData));
    const { stdout, stderr, code } = await startCli(
      ['profile', 'import', '-', '--name', 'from a pipe', '--lab', labFolder, '--json'],
      {
        input: packed.subarray(0, packed.length * 0.9),
      },
    ).result;
    expect([code, stderr]).toEqual([0, '']);
    const told = JSON.parse(stdout) as {
      run: string;
      samples: number;
      lost: number | null;
      duration: number;
      absent: string[];
    };
    expect(told.absent).toContain('the end: the compressed file is cut off');
    expect(told.samples).toBeGreaterThan(5);
    expect(told.duration).toBeGreaterThan(0);
    const profile = (await readProfile(lab.recordingFolder(told.run)))!;
    expect(profile.samples.timeNs.length).toBe(told.samples);
    expect(profile.header.absent).toContain('the end: the compressed file is cut off');
    expect(await lab.catalogue.run(told.run)).toMatchObject({ kind: 'command', cell: 'from a pipe', outcome: 'ok' });
  },
);

const TEXT = `enc 11/12 [000] 5.0: 1000000 cpu-clock: 
	10 encode+0x1 (/bin/enc)
	20 main+0x1 (/bin/enc)

enc 11/11 [001] 6.0: 1000000 cpu-clock: 
	20 main+0x1 (/bin/enc)

other 13/13 [001] 7.0: 1000000 cpu-clock: 
	30 wait+0x1 (/bin/other)

`;

test('a profile is imported once, and exported whole or in part', async () => {
  const file = join(folder, 'small.txt');
  writeFileSync(file, TEXT);
  const { run } = await importProfileFile(lab, file, 'small.txt');
  expect(run.durationS).toBe(2.001);
  expect((await importProfileFile(lab, file, 'again.txt')).run.id).toBe(run.id);
  writeFileSync(`${file}.gz`, gzipSync(TEXT));
  expect((await importProfileFile(lab, `${file}.gz`, 'small.txt.gz')).run.id).toBe(run.id);

  const whole = await cli('profile', 'export', run.id, '--lab', labFolder);
  expect(whole).toMatchObject({ stdout: 'enc;main;encode 1\nenc;main 1\nother;wait 1\n', stderr: '', code: 0 });
  const output = join(folder, 'exported');
  const exported = async (...options: string[]) => {
    await encodelab('profile', 'export', run.id, '-o', output, ...options);
    return readFileSync(output);
  };
  expect((await exported('--from', '0.5', '--process', '11')).toString()).toBe('enc;main 1\n');
  const pprof = gunzipSync(await exported('--format', 'pprof', '--thread', 'other'));
  expect([pprof.includes('wait'), pprof.includes('cpu')]).toEqual([true, true]);
  await expect(exported('--thread', 'othre')).rejects.toThrow('did you mean');
  await expect(exported('--format', 'html', '--to', '1')).rejects.toThrow('whole profile');
});

test('a selection that hits nothing of a profile names what there is, and writes no file', async () => {
  const file = join(folder, 'bounds.txt');
  writeFileSync(file, TEXT);
  const { run } = await importProfileFile(lab, file, 'bounds.txt');
  const output = join(folder, 'bounded');
  const exported = (...options: string[]) => encodelab('profile', 'export', run.id, '-o', output, ...options);
  await expect(exported('--from', '500')).rejects.toThrow(/--from: nothing .* it is from 0\.00 to 2\.00 s/);
  await expect(exported('--to', '0')).rejects.toThrow(/--to: nothing/);
  await expect(exported('--cpu', '0,9')).rejects.toThrow(/no CPU of this profile has the number 9\n.*there are: 0, 1/);
  await expect(exported('--process', '77')).rejects.toThrow(/there are: “enc” \(11\), “other” \(13\)/);
  await expect(exported('--cpu', '0', '--process', 'other')).rejects.toThrow('no sample of the profile');
  expect(existsSync(output)).toBe(false);
  await exported('--from', '1', '--to', '500', '--cpu', '1', '--thread', '13');
  expect(readFileSync(output, 'utf8')).toBe('other;wait 1\n');
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await encodelab('runs', 'list');
  const lines = String(printed.mock.calls[0]![0]).split('\n');
  printed.mockRestore();
  expect(lines[0]).toContain('profile');
  expect(lines.find((line) => line.startsWith(run.id))).toMatch(/ yes\s*$/);
});

test('what can’t be read leaves nothing in the lab, and says what could be', async () => {
  const before = readdirSync(lab.recordingsFolder).length;
  const path = join(folder, 'bad');
  const refused = async (content: string | Uint8Array, message: RegExp) => {
    writeFileSync(path, content);
    await expect(importProfileFile(lab, path, 'bad')).rejects.toThrow(message);
  };
  const damaged = gzipSync('a;b 1\n');
  // Of its checksum.
  damaged[damaged.length - 8]! ^= 1;
  await refused('', /bad: the file is empty/);
  await refused('Dear Sir,\n', /no profile of a format that is known\n.*perf.data.*speedscope/);
  await refused(Uint8Array.of(0, 1, 2), /it is no text/);
  await refused(damaged, /compressed data is damaged/);
  await refused('PERFILE2', /bad/);
  await refused(gzipSync('PERFILE2 and no more'), /bad/);
  await expect(importProfileFile(lab, folder, 'folder')).rejects.toThrow('it is a folder');
  await expect(encodelab('profile', 'import', join(folder, 'missing'))).rejects.toThrow('there is no such file');
  expect(readdirSync(lab.recordingsFolder).length).toBe(before);
  expect(readdirSync(lab.cacheFolder)).toEqual([]);
});
