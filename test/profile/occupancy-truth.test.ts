// Cells against what a process knows of itself: a child that spins and sleeps in turns, and counts its own CPU time.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Profile } from '#core/profile';
import { profileFromPerf } from '#perf/assemble/profile-from-perf';
import { perfRights } from '#perf/record/perf-rights';
import { openImages } from '#perf/symbols/open-images';
import { heatmapCells } from '#profile/heatmap-cells';
import { Occupancy } from '#profile/occupancy';

const rights = await perfRights();
const notWhole = rights.scope !== 'system' || rights.noSwitches !== null;
const folder = mkdtempSync(join(tmpdir(), 'occupancy-truth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BURSTS = 12;
/** Spins for 60 ms, sleeps for 40, and keeps [begun, ended, CPU time] of each burst, nanoseconds. */
const CHILD = `
  const { writeFileSync } = require('node:fs');
  const now = () => Number(process.hrtime.bigint());
  const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) * 1e3; };
  const bursts = [];
  (function burst() {
    const [begun, before] = [now(), cpu()];
    while (now() < begun + 60e6);
    bursts.push([begun, now(), cpu() - before]);
    if (bursts.length < ${BURSTS}) setTimeout(burst, 40);
    else writeFileSync(process.argv[1], JSON.stringify({ pid: process.pid, bursts }));
  })();
`;

interface Truth {
  readonly pid: number;
  readonly bursts: readonly (readonly [begunNs: number, endedNs: number, cpuNs: number])[];
}

async function record(): Promise<{ profile: Profile; truth: Truth }> {
  const [data, log] = [join(folder, 'perf.data'), join(folder, 'bursts.json')];
  const events = ['cpu-clock/freq=999,name=cpu-clock/', 'sched:sched_switch', 'sched:sched_wakeup'];
  const perf = ['record', '-a', '-m', '1024', '--clockid', 'CLOCK_MONOTONIC', ...events.flatMap((one) => ['-e', one])];
  // On the first CPU: some virtual machines tell nothing of the idle time of the others.
  const child = ['taskset', '-c', '0', process.execPath, '-e', CHILD, log];
  const { status, stderr } = spawnSync('perf', [...perf, '-o', data, '--', ...child], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const profile = await profileFromPerf(data, { images: openImages() });
  return { profile, truth: JSON.parse(readFileSync(log, 'utf8')) as Truth };
}

/** Sums over stretches of time of the main thread of a process. */
function sumOf(profile: Profile, pid: number, stretches: readonly (readonly [number, number])[]) {
  const occupancy = new Occupancy(profile);
  const rows = occupancy.rows('thread', profile.threads.thread.length);
  const row = rows.find((one) => one.threads!.some((position) => profile.threads.thread[position] === pid))!;
  const sum = { busyNs: 0, readyNs: 0, wallNs: 0 };
  for (const [from, to] of stretches) {
    const cells = heatmapCells([row], profile.header, from, to - from, 1);
    sum.busyNs += cells.busyNs[0]! + cells.stolenNs[0]!;
    sum.readyNs += cells.readyNs[0]!;
    sum.wallNs += to - from;
  }
  return sum;
}

test.skipIf(notWhole)(
  'cells of a process that spins and sleeps are those that it counted itself (needs perf and the rights for all of the system)',
  async () => {
    const { profile, truth } = await record();
    const bursts = truth.bursts.map(([begun, ended]) => [begun, ended] as const);
    const ownNs = truth.bursts.reduce((sum, [, , cpuNs]) => sum + cpuNs, 0);
    const exact = sumOf(profile, truth.pid, bursts);
    expect(exact.busyNs / ownNs).toBeGreaterThan(0.9);
    expect(exact.busyNs / ownNs).toBeLessThan(1.1);
    // All the time it wanted the CPU: what it did not get it stood in the run queue.
    expect((exact.busyNs + exact.readyNs) / exact.wallNs).toBeGreaterThan(0.85);
    const asleep = bursts.slice(1).map(([begun], i) => [bursts[i]![1] + 5e6, begun - 5e6] as const);
    expect(sumOf(profile, truth.pid, asleep).busyNs / exact.busyNs).toBeLessThan(0.05);

    const sampled = sumOf({ ...profile, spans: null }, truth.pid, bursts);
    expect(sampled.busyNs / ownNs).toBeGreaterThan(0.75);
    expect(sampled.busyNs / ownNs).toBeLessThan(1.25);
  },
);
