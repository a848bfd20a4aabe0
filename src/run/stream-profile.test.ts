import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { ProfileHeader } from '#core/profile';
import { packProfile } from '#profile/pack';
import { ProfileBuilder } from '#profile/profile-builder';
import { KeptSlices, storeKeptSlices } from './stream-profile.ts';

const folder = await mkdtemp(join(tmpdir(), 'encodelab-test-'));
afterAll(() => rm(folder, { recursive: true }));

const HEADER: Omit<ProfileHeader, 'version'> = {
  tool: 'perf',
  file: null,
  clock: 'monotonic',
  startNs: 0,
  endNs: 0,
  frequencyHz: 10,
  weightUnit: 'ns',
  sampleNs: 1e8,
  cpus: [0],
  scope: 'system',
  stacks: 'frame-pointers',
  lost: 1,
  throttled: 0,
  overheadCpuS: 0.5,
  absent: [],
  quality: [],
};

/** Second `at`: ten samples. */
function slice(at: number): Uint8Array {
  const builder = new ProfileBuilder();
  const thread = builder.addThread(7, 7, 'x264', 'x264');
  const stack = builder.stacks.add(-1, builder.function('main', 'x264', 'user', 'symbols'));
  for (let i = 0; i < 10; i++) builder.addSample((at + i / 10) * 1e9, 0, thread, stack);
  return packProfile(builder.finish({ ...HEADER, startNs: at * 1e9, endNs: (at + 1) * 1e9 }));
}

test('What two collectors kept is one profile, though the first was killed while it wrote', async () => {
  const first = new KeptSlices(folder);
  for (const at of [1, 2, 3]) first.add(slice(at));
  expect(await first.settled()).toBeNull();
  const [file] = await readdir(folder);
  await truncate(join(folder, file!), (slice(1).length + 4) * 3 - 1);
  await sleep(2);
  const second = new KeptSlices(folder);
  second.add(slice(4));
  await second.settled();

  const { profile, absent } = await storeKeptSlices(folder, 1.5e6, 9e6);
  expect(absent).toEqual([]);
  // Of the second that was cut short nothing is left; half of the first lies before the run.
  expect(profile!.rows.samples).toBe(5 + 10 + 10);
  expect(profile!.header).toMatchObject({ startNs: 1.5e9, endNs: 5e9, lost: 3, overheadCpuS: 1.5 });
  expect(profile!.header.absent).toEqual(['the profile ended at 3.5 s of the recording']);
  expect((await readdir(folder)).filter((name) => name.startsWith('profile.data'))).toEqual([]);
});

test('What can’t be read makes no profile, and why is told', async () => {
  const kept = new KeptSlices(folder);
  kept.add(Uint8Array.of(1, 2, 3));
  await kept.settled();
  const { profile, absent } = await storeKeptSlices(folder, 0, 1e6);
  expect(profile).toBeNull();
  expect(absent).toEqual([expect.stringContaining('this is no packed profile')]);
});
