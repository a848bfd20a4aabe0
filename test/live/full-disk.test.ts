// The disk of the lab is full while a recording ends: that is said, tried again, and complete once there is room.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, statfsSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_PARTS } from '#core/session';
import { openLab, type Lab } from '#lab/lab';
import { createCollector } from '#live/collector/collector';
import type { Collector } from '#live/collector-types';
import { readHeader, readTable } from '#recording/read-recording';
import type { RunningChild } from '#system/child-process';
import { startAgent } from './real-agents.ts';
import { openDoor, until, type Door } from './test-agent.ts';

const ROLES = ['guest', 'client'];
/** Processes start slowly where two cores have much to do. */
const SLOW_MS = 60_000;
const DISK_BYTES = 64 * 1024 * 1024;
const PAGE_BYTES = 4096;
/** By then it was tried again. */
const TRIED_MS = 2_500;
const SETTINGS = {
  source: 'lavfi:testsrc2=size=320x180:rate=30',
  encoder: 'libx264',
  preset: 'ultrafast',
  framerate: 30,
};

const probe = join(tmpdir(), `encodelab-can-mount-${process.pid}`);
const canMount = await canMountHere();

async function canMountHere(): Promise<boolean> {
  await mkdir(probe);
  const mounted = mount(probe);
  if (mounted) unmount(probe);
  await rm(probe, { recursive: true });
  return mounted;
}

function mount(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'encodelab-test', path]).status === 0;
}

function unmount(path: string): void {
  spawnSync('umount', ['--lazy', path]);
}

let folder: string;
let disk: string;
let lab: Lab;
let collector: Collector;
let door: Door;
let agents: RunningChild[] = [];
const errors: unknown[] = [];

beforeAll(async () => {
  if (!canMount) return;
  folder = await mkdtemp(join(tmpdir(), 'encodelab-full-'));
  disk = join(folder, 'disk');
  await mkdir(disk);
  mount(disk);
  lab = await openLab(join(disk, 'lab'));
  collector = await createCollector({ lab, version: '0.0.0', onError: (error) => errors.push(error) });
  door = await openDoor(() => collector);
  agents = ROLES.map((role) => startAgent(role, door.url));
  await until(() => collector.state().agents.filter(({ connected }) => connected).length === ROLES.length, SLOW_MS);
  await collector.startSession(SETTINGS, 'test');
  const running = () => collector.state().session!.parts.filter(({ state }) => state === 'running');
  await until(() => running().length === SESSION_PARTS.length, SLOW_MS);
}, SLOW_MS);

afterAll(async () => {
  if (!canMount) return;
  await collector.close();
  await door.close();
  for (const agent of agents) agent.kill();
  await Promise.all(agents.map(({ result }) => result));
  await lab.close();
  unmount(disk);
  await rm(folder, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

/** Takes all of the disk but so many bytes. */
function fill(path: string, left: number): void {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(PAGE_BYTES, 1);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(disk);
      if (bavail * bsize <= left) return;
      writeSync(file, page);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

test.skipIf(!canMount).each([0, 16 * 1024])(
  'a recording that ends where the disk has room for %i bytes is complete once it has more',
  { timeout: 2 * SLOW_MS },
  async (left) => {
    const { run } = await collector.startRecording({
      name: 'full',
      forS: null,
      quality: null,
      keepOutput: false,
      identity: null,
    });
    await sleep(1_000);
    const filler = join(disk, 'filler');
    collector.clearFeed();
    fill(filler, left);
    const told = () => collector.state().feed.map(({ text }) => text);
    await expect(collector.endRecording(run, false)).rejects.toThrow(/the disk is full/);
    expect(told().join('\n')).toMatch(/can't be finished: .*the disk is full; it is tried again/);
    expect(collector.state().recording).toBeNull();
    // A first try finds no room either.
    await sleep(TRIED_MS);
    expect((await lab.catalogue.run(run))!.outcome).toBeNull();
    await rm(filler);
    await until(() => told().some((text) => /is finished with what it had/.test(text)), SLOW_MS);
    const record = await collector.recorded(run);
    expect(record).toMatchObject({ outcome: 'failed', interrupted: true });
    expect(record.reason).toContain('the disk is full');
    const recording = lab.recordingFolder(run);
    expect((await readHeader(recording)).state).not.toBe('recording');
    const { frame } = await readTable(recording, 'frames', { columns: ['frame'] });
    expect(frame.length).toBeGreaterThan(0);
    expect(record.metrics['frames']!.value).toBe(frame.length);
  },
);

test.skipIf(!canMount)('a session that the disk does not take says so, and starts once there is room', async () => {
  const filler = join(disk, 'filler');
  fill(filler, 0);
  await expect(collector.startSession(SETTINGS, 'test')).rejects.toThrow(/can't be remembered/);
  await rm(filler);
  // What was recorded before may take the room first, and gives it back when its tables are written.
  const starts = () =>
    collector.startSession(SETTINGS, 'test').then(
      () => true,
      () => false,
    );
  await expect.poll(starts, { timeout: SLOW_MS }).toBe(true);
  expect(collector.state().session).toMatchObject({ running: true });
});
