import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { unpackProfile } from '#profile/pack';
import { ProfileSlices } from '#profile/profile-slices';
import { perfRights } from '#perf/record/perf-rights';
import { readHeader, readTable } from '#recording/read-recording';
import { readProfile } from '#recording/profile-tables';
import type { RunningChild } from '#system/child-process';
import { processStartTicks } from '#system/process-identity';
import { startAgent, startCollector } from '../../../test/live/real-agents.ts';
import { openDoor, until, type Door } from '../../../test/live/test-agent.ts';
import type { Collector } from '../collector-types.ts';
import { createCollector } from './collector.ts';

const SETTINGS = {
  source: 'lavfi:testsrc2=size=320x180:rate=30',
  encoder: 'libx264',
  preset: 'medium',
  framerate: 30,
  bitrate: '500k',
};
const ROLES = ['guest', 'server', 'client'];
const SLOW_MS = 60_000;

const { scope } = await perfRights();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-live-profile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(scope === 'none')('a profile of a session with real agents', { timeout: SLOW_MS }, () => {
  let lab: Lab;
  let collector: Collector;
  let door: Door;
  const agents: RunningChild[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    lab = await openLab(join(folder, 'lab'));
    collector = await createCollector({ lab, version: '0.0.0', onError: (error) => errors.push(error) });
    door = await openDoor(() => collector);
    agents.push(...ROLES.map((role) => startAgent(role, door.url)));
    await until(() => collector.state().agents.filter(({ connected }) => connected).length === ROLES.length, SLOW_MS);
    await collector.startSession(SETTINGS, 'operator');
  }, SLOW_MS);

  afterAll(async () => {
    await collector.close();
    await door.close();
    for (const child of agents) child.kill();
    await Promise.all(agents.map(({ result }) => result));
    await lab.close();
    expect(errors).toEqual([]);
  });

  test('grows while it is taken, has the sender’s work in it, and stays with the run that is recorded', async () => {
    await collector.startProfile('operator');
    await expect(collector.startProfile('another')).rejects.toThrow(/is being taken/);
    expect(collector.state().profile).toMatchObject({ state: 'running', scope, elsewhere: [], run: null });
    const { run } = await collector.startRecording({
      name: 'profiled',
      forS: 2,
      quality: null,
      keepOutput: false,
      identity: null,
    });
    expect(collector.state().profile!.run).toBe(run);

    const sender = collector.state().session!.parts.find(({ part }) => part === 'sender')!.pid!;
    const growing = new ProfileSlices();
    let last = 0;
    const samplesOfSender = (): number => {
      for (const { number, packed } of collector.profileSlices(last)) {
        growing.add(unpackProfile(packed));
        last = number;
      }
      const profile = growing.profile();
      if (profile === null) return 0;
      return profile.samples.thread.filter((thread) => profile.threads.process[thread] === sender).length;
    };
    // Twice, so that it is seen to grow while it is taken.
    await until(() => samplesOfSender() > 0, SLOW_MS);
    const [first, firstSlice] = [samplesOfSender(), last];
    await until(() => samplesOfSender() > first && last > firstSlice, SLOW_MS);
    expect(collector.state().profile!.state).toBe('running');

    const { recording } = await collector.recorded(run);
    const path = lab.recordingFolder(run);
    expect(recording).not.toBeNull();
    const kept = (await readProfile(path))!;
    const { startNs, endNs, clock } = kept.header;
    expect(clock).toBe('monotonic');
    expect(kept.samples.thread.some((thread) => kept.threads.process[thread] === sender)).toBe(true);
    const phases = await readTable(path, 'phases');
    expect(startNs).toBeGreaterThanOrEqual(phases.start_us[0]! * 1e3);
    expect(endNs).toBeLessThanOrEqual(phases.end_us[0]! * 1e3);
    expect(endNs).toBeGreaterThan(startNs);
    expect(kept.samples.timeNs.every((time) => time >= startNs && time <= endNs)).toBe(true);
    const frames = await readHeader(path);
    expect(frames.rows.frames).toBeGreaterThan(0);
    expect(frames.profile).toBeDefined();
    expect(readdirSync(path).filter((name) => name.startsWith('profile.data'))).toEqual([]);

    await collector.stopProfile();
    expect(collector.state().profile).toMatchObject({ state: 'ended', problem: null, run: null });
  });
});

test.skipIf(scope === 'none')(
  'a collector that is killed takes perf and its assembling with it',
  async () => {
    const collector = await startCollector(join(folder, 'killed'));
    await collector.call('startProfile', 'operator');
    const below = descendants(collector.child.pid!);
    const names = below.map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    expect(names).toContain('perf');
    process.kill(collector.child.pid!, 'SIGKILL');
    await collector.child.result;
    await until(() => below.every((pid) => processStartTicks(pid) === null), SLOW_MS);
  },
  SLOW_MS,
);

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim().split(' '),
  );
  return children.filter((child) => child !== '').flatMap((child) => [Number(child), ...descendants(Number(child))]);
}
