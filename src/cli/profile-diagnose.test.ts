import { rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/cli/run-cli.ts';
import { USUAL_PROFILE, type Profile, type ProfileFinding } from '#core/profile';
import { profileFromPerf } from '#perf/assemble/profile-from-perf';
import { eventArguments } from '#perf/record/perf-arguments';
import { perfRights } from '#perf/record/perf-rights';
import { openImages } from '#perf/symbols/open-images';
import { diagnose } from '#profile/diagnosis/diagnose';
import { runChild } from '#system/child-process';

const rights = await perfRights();
/** Without both of these nobody sees who waits. */
const isPossible = rights.scope === 'system' && rights.noSwitches === null;
const folder = temporaryFolder();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(!isPossible)('perf: an encode with one thread is serial, whatever else the machine does', async () => {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-frames:v', '60', '-pix_fmt', 'yuv420p'];
  const threads = ['-threads', '1', '-x264-params', 'threads=1:lookahead-threads=1:sync-lookahead=0'];
  const profile = await recorded('serial', [
    'ffmpeg',
    '-nostdin',
    '-v',
    'error',
    ...source,
    '-c:v',
    'libx264',
    ...threads,
    '-f',
    'null',
    '-',
  ]);
  const found = diagnosed(profile, 'ffmpeg');
  expect(found.map(({ diagnosis }) => diagnosis)).toContain('serial');
  expect(found.find(({ diagnosis }) => diagnosis === 'serial')!.what).toMatch(/one thread worked alone: ffmpeg/);
});

test.skipIf(!isPossible)('perf: a reader whose writer sleeps is idle, and waits for a pipe', async () => {
  const profile = await recorded('idle', ['sh', '-c', '(sleep 0.8; echo) | cat']);
  const idle = diagnosed(profile, 'cat').find(({ diagnosis }) => diagnosis === 'idle');
  expect(idle?.evidence.join('\n')).toMatch(/cat \(\d+\) waited .* for a pipe/);
});

test.skipIf(!isPossible)('perf: three times as many busy threads as CPUs are oversubscribed', async () => {
  const many = 3 * os.cpus().length;
  const profile = await recorded('many', [
    'sh',
    '-c',
    'for i in $(seq $0); do timeout 0.8 yes > /dev/null & done; wait',
    String(many),
  ]);
  const found = diagnosed(profile, 'yes');
  expect(found.map(({ diagnosis }) => diagnosis)).toContain('oversubscribed');
  const { what } = found.find(({ diagnosis }) => diagnosis === 'oversubscribed')!;
  const [, ran, waited] = /: ([\d.]+) ran and ([\d.]+) were ready/.exec(what)!.map(Number);
  expect(ran! + waited!).toBeGreaterThan(0.7 * many);
  expect(ran!).toBeLessThanOrEqual(os.cpus().length * 1.01);
});

async function recorded(name: string, command: readonly string[]): Promise<Profile> {
  const data = join(folder, `${name}.data`);
  const args = [...eventArguments(USUAL_PROFILE, true), '--quiet', '--output', data, '--', ...command];
  const { code, stderr } = await runChild('perf', args, { timeoutMs: 60_000 });
  expect(code, stderr).toBe(0);
  return profileFromPerf(data, { images: openImages() });
}

/** What is to be seen of the threads of one program. */
function diagnosed(profile: Profile, program: string): readonly ProfileFinding[] {
  const { processName } = profile.threads;
  const threads = new Set([...processName.keys()].filter((position) => processName[position] === program));
  expect(threads.size).toBeGreaterThan(0);
  return diagnose(profile, { selection: { rangesNs: null, cpus: null, threads } });
}
