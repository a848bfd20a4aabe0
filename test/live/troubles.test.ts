// What breaks while a session runs: a part that is stopped, killed, or fails; orders that come too fast. Real agents, real parts.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '#analysis/random';
import type { PartState } from '#core/live';
import { SESSION_PARTS, type SessionPart } from '#core/session';
import { openLab, type Lab } from '#lab/lab';
import { createCollector } from '#live/collector/collector';
import type { Collector } from '#live/collector-types';
import type { RunningChild } from '#system/child-process';
import { processStartTicks } from '#system/process-identity';
import { startAgent } from './real-agents.ts';
import { openDoor, until, type Door } from './test-agent.ts';

const ROLES = ['guest', 'server', 'client'];
/** Processes start slowly where two cores have much to do. */
const SLOW_MS = 60_000;
const SETTINGS = {
  source: 'lavfi:testsrc2=size=320x180:rate=30',
  encoder: 'libx264',
  preset: 'ultrafast',
  framerate: 30,
  bitrate: '500k',
};
const ORDERS = 14;
const NOTHING = 'nothing came from it';

let folder: string;
let lab: Lab;
let collector: Collector;
let door: Door;
let agents: RunningChild[];
const errors: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-troubles-'));
  lab = await openLab(join(folder, 'lab'));
  collector = await createCollector({ lab, version: '0.0.0', onError: (error) => errors.push(error) });
  door = await openDoor(() => collector);
  agents = ROLES.map((role) => startAgent(role, door.url));
  await until(() => collector.state().agents.filter(({ connected }) => connected).length === ROLES.length, SLOW_MS);
}, SLOW_MS);

afterAll(async () => {
  await collector.close();
  await door.close();
  for (const agent of agents) agent.kill();
  await Promise.all(agents.map(({ result }) => result));
  await lab.close();
  await rm(folder, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

function part(name: SessionPart): PartState {
  return collector.state().session!.parts.find((each) => each.part === name)!;
}

function worksAnew(name: SessionPart, before: PartState): boolean {
  const now = collector.state().session?.parts.find((each) => each.part === name);
  return now?.state === 'running' && now.pid !== before.pid;
}

/** Frames that the client shows from now on. */
async function untilPresented(frames: number): Promise<void> {
  let presented = 0;
  const ignored = () => undefined;
  const off = collector.listen(
    {
      series: ignored,
      frames: ignored,
      steps: (_, { role, outcome }) => (presented += role === 'client' ? outcome.length : 0),
      picture: ignored,
      feed: ignored,
      changed: ignored,
    },
    0,
  );
  await until(() => presented >= frames, SLOW_MS);
  off();
}

function texts(): string[] {
  return collector.state().feed.map(({ text }) => text);
}

/** Processes below another one, by what the kernel tells. */
function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list === '' ? [] : list.split(' ').map(Number);
}

test('parts that are stopped say so after some seconds, and say no more of it when they go on', async () => {
  await collector.startSession(SETTINGS, 'test');
  await untilPresented(30);
  const pids = SESSION_PARTS.map((name) => part(name).pid!);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await until(() => SESSION_PARTS.every((name) => part(name).note?.includes(NOTHING) === true), SLOW_MS);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  await until(() => SESSION_PARTS.every((name) => texts().some((text) => text.startsWith(`${name}: ${NOTHING}`))));
  await until(() => SESSION_PARTS.every((name) => part(name).note === null), SLOW_MS);
  // Nobody took them for dead.
  expect(SESSION_PARTS.map((name) => part(name).pid)).toEqual(pids);
  await untilPresented(10);
});

test('what is wrong with some values refuses those only, whether the others hold live or start parts anew', async () => {
  const set = async (changes: Readonly<Record<string, string | number>>) => {
    const results = await collector.control(changes, 'test');
    return Object.fromEntries(results.map(({ name, how }) => [name, how]));
  };
  expect(await set({ bitrate: '600k', nonsense: 2, gop: 'many', network: 'delay=1ms' })).toEqual({
    bitrate: 'live',
    nonsense: 'refused',
    gop: 'refused',
    network: 'live',
  });
  // Only the encoder itself knows that there is no such preset.
  expect(await set({ gop: 60, preset: 'nonsense', bitrate: '650k' })).toEqual({
    gop: 'restart',
    preset: 'refused',
    bitrate: 'restart',
  });
  expect(await set({ transport: 'udp', preset: 'nonsense', nonsense: 2, bitrate: '700k' })).toEqual({
    transport: 'restart',
    preset: 'refused',
    nonsense: 'refused',
    bitrate: 'live',
  });
  expect(collector.state().session!.settings).toMatchObject({
    bitrate: '700k',
    gop: 60,
    network: 'delay=1ms',
    transport: 'udp',
    preset: 'ultrafast',
  });
  await collector.reset('test');
  expect(collector.state().session!.settings).toEqual(SETTINGS);
  await untilPresented(10);
});

test('a sender whose pictures end in a failure is tried again, and mended by other settings or by what it misses', async () => {
  const source = join(folder, 'breaks.y4m');
  await writeFile(source, clip());
  const results = await collector.control({ source }, 'test');
  expect(results.map(({ how }) => how)).not.toContain('refused');
  await untilPresented(10);
  const before = part('sender');
  await truncate(source, 0);
  await until(() => part('sender').state === 'failed', SLOW_MS);
  expect(part('sender').note).toContain('it is started again');
  // Another source does not wait until the broken one is tried again.
  const [mended] = await collector.control({ source: SETTINGS.source }, 'test');
  expect(mended).toMatchObject({ name: 'source', how: 'restart' });
  expect(worksAnew('sender', before)).toBe(true);
  await untilPresented(10);

  await writeFile(source, clip());
  await collector.control({ source }, 'test');
  await untilPresented(10);
  const again = part('sender');
  await truncate(source, 0);
  await until(() => part('sender').state === 'failed', SLOW_MS);
  await writeFile(source, clip());
  await until(() => worksAnew('sender', again), SLOW_MS);
  await untilPresented(10);
});

/** Ten grey pictures, each larger than what FFmpeg keeps of a file in memory. */
function clip(): Buffer {
  const picture = Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc((320 * 180 * 3) / 2, 128)]);
  return Buffer.concat([Buffer.from('YUV4MPEG2 W320 H180 F30:1 Ip C420\n'), ...Array<Buffer>(10).fill(picture)]);
}

test('a sender that is killed is started again, as often as it takes, with a stream of its own each time', async () => {
  for (let kill = 0; kill < 2; kill++) {
    const before = part('sender');
    process.kill(before.pid!, 'SIGKILL');
    await until(() => worksAnew('sender', before), SLOW_MS);
    expect(part('sender').stream).not.toBe(before.stream);
    await untilPresented(10);
  }
});

test('a storm of starts and stops ends in the last wish, with no part left over', async () => {
  const draw = seededRandom(20_260_102);
  const random = () => draw() / 2 ** 32;
  for (const last of ['stop', 'start'] as const) {
    const orders: Promise<unknown>[] = [];
    for (let order = 0; order < ORDERS; order++) {
      const wish = order === ORDERS - 1 ? last : random() < 0.5 ? 'start' : 'stop';
      const settings = { ...SETTINGS, bitrate: `${500 + order}k` };
      const done = wish === 'start' ? collector.startSession(settings, 'test') : collector.stopSession('test');
      orders.push(done.then(() => 'done', String));
      await sleep(random() ** 3 * 1_000);
    }
    const ends = await Promise.all(orders);
    expect(ends.at(-1)).toBe('done');
    for (const end of ends) expect(end).toMatch(/^done$|another start or stop|was stopped before/);
    const wanted = last === 'start' ? 1 : 0;
    expect(collector.state().session!.running).toBe(last === 'start');
    await until(() => collector.state().session!.parts.length === wanted * SESSION_PARTS.length, SLOW_MS);
    if (last === 'start') {
      expect(collector.state().session!.settings).toMatchObject({ bitrate: `${500 + ORDERS - 1}k` });
      await untilPresented(10);
    }
    // Each agent has one child for its part, or none.
    await until(() => agents.every(({ pid }) => partProcesses(pid!).length === wanted), SLOW_MS);
    const pids = agents.flatMap(({ pid }) => partProcesses(pid!));
    expect(pids.every((pid) => processStartTicks(pid) !== null)).toBe(true);
  }
  await collector.stopSession('test');
});

function partProcesses(agent: number): number[] {
  return childrenOf(agent).filter((pid) => /(sender|relay|receiver)-child/.test(commandOf(pid)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch (error) {
    // It ended just now.
    if (/ENOENT|ESRCH/.test((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
