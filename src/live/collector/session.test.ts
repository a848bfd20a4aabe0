import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveState, SessionState } from '#core/live';
import { openLab, type Lab } from '#lab/lab';
import { readHeader, readTable } from '#recording/read-recording';
import type { RunningChild } from '#system/child-process';
import type { Collector } from '../collector-types.ts';
import { startAgent, startCollector } from '../../../test/live/real-agents.ts';
import { openDoor, until, type Door } from '../../../test/live/test-agent.ts';
import { createCollector } from './collector.ts';

const SETTINGS = {
  source: 'lavfi:testsrc2=size=320x180:rate=30',
  encoder: 'libx264',
  preset: 'ultrafast',
  framerate: 30,
  bitrate: '500k',
};
const PSNR = { metrics: ['psnr'], vmafEngine: null, vmafModel: null } as const;
const ROLES = ['guest', 'server', 'client'];
/** Processes start slowly where two cores have much to do. */
const SLOW_MS = 60_000;

const canShiftTime = spawnSync('unshare', ['--time', '--fork', '--monotonic', '3600', '--', 'true']).status === 0;

let folder: string;
const children: RunningChild[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-session-'));
});

afterAll(async () => {
  for (const child of children) child.kill();
  await Promise.all(children.map(({ result }) => result));
  await rm(folder, { recursive: true, force: true });
});

function agent(...args: Parameters<typeof startAgent>): RunningChild {
  const child = startAgent(...args);
  children.push(child);
  return child;
}

function connected(state: LiveState): number {
  return state.agents.filter((each) => each.connected).length;
}

function runningParts({ session }: LiveState): string[] {
  return (session?.parts ?? [])
    .filter(({ state }) => state === 'running')
    .map(({ part, stream }) => `${part} ${stream}`);
}

function senderOf(state: LiveState): string | undefined {
  return runningParts(state).find((part) => part.startsWith('sender'));
}

/** Numbers of the frames of a stream, in order. */
async function framesOf(recording: string, stream: string): Promise<number[]> {
  const table = await readTable(recording, 'frames', { columns: ['stream', 'frame'] });
  return [...table.frame].filter((_, row) => table.stream[row] === stream);
}

/** Each frame from the first to the last was encoded once, or dropped by a sender that had no time for it. */
async function expectAllFrames(recording: string, stream: string): Promise<number[]> {
  const frames = await framesOf(recording, stream);
  const steps = await readTable(recording, 'steps', { columns: ['stream', 'role', 'step', 'frame'] });
  const rows = [...steps.frame.keys()].filter((row) => steps.stream[row] === stream);
  const names = rows.map((row) => `${steps.role[row]} ${steps.step[row]} ${steps.frame[row]}`);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(frames).size).toBe(frames.length);
  const told = new Set([
    ...frames,
    ...rows.filter((row) => steps.role[row] === 'guest').map((row) => steps.frame[row]!),
  ]);
  const first = Math.min(...told);
  expect([...told].toSorted((one, other) => one - other)).toEqual(consecutive(first, told.size));
  return frames;
}

/** So many frames from now on: that the client shows, or of which the guest has told. */
async function untilFrames(collector: Collector, what: 'presented' | 'told', frames: number): Promise<void> {
  let presented = 0;
  let told = 0;
  const ignored = () => undefined;
  const off = collector.listen(
    {
      series: ignored,
      frames: (_, { frame }) => (told += frame.length),
      steps: (_, { role, outcome }) => (presented += role === 'client' ? outcome.length : 0),
      picture: ignored,
      feed: ignored,
      changed: ignored,
    },
    0,
  );
  await until(() => (what === 'told' ? told : presented) >= frames, SLOW_MS);
  off();
}

function consecutive(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

describe('a session with real agents', { timeout: SLOW_MS }, () => {
  let lab: Lab;
  let collector: Collector;
  let door: Door;
  let agents: Map<string, RunningChild>;
  const errors: unknown[] = [];

  beforeAll(async () => {
    lab = await openLab(join(folder, 'lab'));
    collector = await createCollector({ lab, version: '0.0.0', onError: (error) => errors.push(error) });
    door = await openDoor(() => collector);
    agents = new Map(ROLES.map((role) => [role, agent(role, door.url)]));
    await until(() => connected(collector.state()) === ROLES.length, SLOW_MS);
  }, SLOW_MS);

  afterAll(async () => {
    await collector.close();
    await door.close();
    await lab.close();
    expect(errors).toEqual([]);
  });

  it('starts where all parts run, and says why where one can not', async () => {
    const wrong = collector.startSession({ ...SETTINGS, source: join(folder, 'no-such-file.mp4') }, 'operator');
    await expect(wrong).rejects.toThrow(/no-such-file/);
    expect(collector.state().session?.running ?? false).toBe(false);
    await collector.startSession(SETTINGS, 'operator');
    const works = runningParts(collector.state()).map((part) => part.split(' ')[0]);
    expect(works.toSorted()).toEqual(['receiver', 'relay', 'sender']);
    expect(collector.state().session!.parameters.map(({ name }) => name)).toContain('preset');
  });

  it('takes changes live where it can, restarts parts where it must, refuses what is wrong, and goes back', async () => {
    const results = await collector.control({ bitrate: '800k', network: 'delay=2ms', presset: 'fast' }, 'one');
    expect(results.map(({ name, how }) => [name, how])).toEqual([
      ['bitrate', 'live'],
      ['network', 'live'],
      ['presset', 'refused'],
    ]);
    const [first, second] = await Promise.all([
      collector.control({ bitrate: '900k' }, 'one'),
      collector.control({ bitrate: '1M' }, 'two'),
    ]);
    expect([first[0]!.how, second[0]!.how]).toEqual(['live', 'live']);
    const session = collector.state().session!;
    expect(session.settings).toMatchObject({ bitrate: '1M', network: 'delay=2ms' });
    expect(session.changes.slice(-2).map(({ operator, requested }) => [operator, requested])).toEqual([
      ['one', '900k'],
      ['two', '1M'],
    ]);
    const before = senderOf(collector.state());
    const [moved] = await collector.control({ transport: 'udp' }, 'one');
    expect(moved).toMatchObject({ how: 'restart', actual: 'udp', note: null });
    // A sender that was started anew has a stream of its own.
    const anew = senderOf(collector.state());
    expect(anew).toMatch(/^sender video \d+$/);
    expect(anew).not.toBe(before);
    const [gone] = await collector.control({ source: join(folder, 'no-such-file.mp4') }, 'one');
    expect(gone).toMatchObject({ how: 'refused', note: expect.stringContaining('no such file') as string });
    // A bad source changes nothing, and the next good one is taken.
    const [folderGiven] = await collector.control({ source: folder }, 'one');
    expect(folderGiven).toMatchObject({ how: 'refused', note: expect.stringContaining('folder') as string });
    const [other] = await collector.control({ source: 'lavfi:testsrc=size=320x180:rate=30' }, 'two');
    expect(other).toMatchObject({ name: 'source', note: null });
    expect(other!.how).not.toBe('refused');
    expect(senderOf(collector.state())).toBe(anew);
    expect(runningParts(collector.state()).filter((part) => part.startsWith('sender')).length).toBe(1);
    await collector.reset('two');
    expect(collector.state().session!.settings).toEqual(SETTINGS);
    expect(collector.state().feed.map(({ text }) => text)).toContain('bitrate 500k → 800k (live)');
  });

  it('becomes a run: all frames from the first mark to the last, with the quality of what the client saw', async () => {
    const { run } = await collector.startRecording({
      name: 'first',
      forS: 1.5,
      quality: PSNR,
      keepOutput: true,
      identity: null,
    });
    await expect(
      collector.startRecording({ name: 'second', forS: 1, quality: null, keepOutput: false, identity: null }),
    ).rejects.toThrow(/under way/);
    collector.say('operator', '!marked');
    expect(collector.state().recording).toMatchObject({ run, name: 'first', forS: 1.5, stage: 'recording' });
    const record = await collector.recorded(run);
    expect(record).toMatchObject({ outcome: 'ok', reason: null, interrupted: false });
    expect(collector.state().recording).toBeNull();
    const recording = lab.recordingFolder(run);
    const { stream } = collector.state().session!.parts.find(({ part }) => part === 'sender')!;
    const frames = await expectAllFrames(recording, stream);
    expect(frames.length).toBeGreaterThan(5);
    const { key } = await readTable(recording, 'frames', { columns: ['key'], limit: 1 });
    expect(key[0]).toBe(1);
    const scores = await readTable(recording, 'quality', { columns: ['frame'] });
    const scored = new Set(scores.frame);
    expect(frames.filter((frame) => !scored.has(frame)).length).toBeLessThanOrEqual(1);
    expect(Math.max(...scored)).toBeLessThanOrEqual(frames.at(-1)!);
    expect(record.metrics['quality.psnr']!.value).toBeGreaterThan(20);
    expect((await readTable(recording, 'messages', { columns: ['text'] })).text).toContain('!marked');
    const clocks = await readTable(recording, 'clocks', { columns: ['agent'] });
    expect(new Set(clocks.agent)).toEqual(new Set(ROLES));
    expect((await readHeader(recording)).absent.filter((what) => /away|lost|anew/.test(what))).toEqual([]);
  });

  it('fails a cell of a benchmark that somebody changes or cuts short, and says why', async () => {
    const identity = {
      benchmark: 'b',
      cell: 'c',
      repeat: 1,
      settings: SETTINGS,
      labels: [],
      sameKey: 'same',
    };
    const request = { name: 'cell', forS: 1, quality: null, keepOutput: false, identity };
    const changed = await collector.startRecording(request);
    await collector.control({ bitrate: '700k' }, 'somebody');
    expect(await collector.recorded(changed.run)).toMatchObject({
      outcome: 'failed',
      reason: 'somebody changed bitrate while it was recorded',
    });
    await collector.reset('somebody');
    const cut = await collector.startRecording({ ...request, forS: 30 });
    await collector.endRecording(cut.run, false);
    expect(await collector.recorded(cut.run)).toMatchObject({ outcome: 'failed', interrupted: true });
    await expect(collector.startRecording({ ...request, forS: 0.01 })).rejects.toThrow(/makes no sense/);
  });

  it('heals while it is recorded when the guest is killed, and the recording says so', async () => {
    const { run } = await collector.startRecording({
      name: 'killed',
      forS: null,
      quality: null,
      keepOutput: false,
      identity: null,
    });
    const before = collector.state().session!.parts.find(({ part }) => part === 'sender')!.stream;
    await until(() => collector.state().recording?.stage === 'recording', SLOW_MS);
    await untilFrames(collector, 'told', 40);
    agents.get('guest')!.kill();
    await until(() => !collector.state().agents.find(({ name }) => name === 'guest')!.connected, SLOW_MS);
    agents.set('guest', agent('guest', door.url));
    await until(() => runningParts(collector.state()).some((part) => /sender/.test(part)), SLOW_MS);
    const after = collector.state().session!.parts.find(({ part }) => part === 'sender')!.stream;
    expect(after).not.toBe(before);
    await untilFrames(collector, 'told', 40);
    await collector.endRecording(run, false);
    const record = await collector.recorded(run);
    expect(record.outcome).toBe('ok');
    const recording = lab.recordingFolder(run);
    for (const stream of [before, after]) {
      const frames = await framesOf(recording, stream);
      expect(frames.length).toBeGreaterThan(5);
      expect(new Set(frames).size).toBe(frames.length);
    }
    const { absent } = await readHeader(recording);
    expect(absent.join('\n')).toMatch(/agent guest: it was away from .* another process/);
    expect(absent.join('\n')).toMatch(/sender: it was started anew/);
  });

  it('heals when the relay is killed with its agent, and when its server never comes back', async () => {
    agents.get('server')!.kill();
    await until(
      () =>
        collector
          .state()
          .session!.parts.some(
            ({ part, state, agent: at }) => part === 'relay' && state === 'running' && at === 'guest',
          ),
      SLOW_MS,
    );
    await untilFrames(collector, 'presented', 30);
  });

  it('ends with all of its parts', async () => {
    await collector.stopSession('operator');
    expect(runningParts(collector.state())).toEqual([]);
    expect(collector.state().session).toMatchObject({ running: false, settings: SETTINGS });
  });

  it.skipIf(!canShiftTime)(
    'finds the clock of an agent whose time is shifted by an hour, within the error that it tells',
    async () => {
      agent('shifted', door.url, {
        wrapper: ['unshare', '--time', '--fork', '--kill-child', '--monotonic', '3600', '--'],
      });
      const clockOf = () => collector.state().agents.find(({ name }) => name === 'shifted')?.clock ?? null;
      await until(() => (clockOf()?.errorUs ?? Infinity) < 100_000, SLOW_MS);
      const { offsetUs, errorUs } = clockOf()!;
      expect(Math.abs(offsetUs - 3600e6)).toBeLessThanOrEqual(errorUs);
    },
  );
});

describe('a collector that is killed', { timeout: 2 * SLOW_MS }, () => {
  it('goes on with its session and its recording where they were, and no row is lost or there twice', async () => {
    const path = join(folder, 'killed-lab');
    const first = await startCollector(path);
    children.push(first.child);
    for (const role of ROLES) agent(role, `http://127.0.0.1:${first.port}`);
    const here = async () => connected(await first.call('state')) === ROLES.length;
    while (!(await here())) await sleep(50);
    await first.call('startSession', SETTINGS, 'operator');
    const { run } = await first.call('startRecording', {
      name: 'survivor',
      forS: 4,
      quality: null,
      keepOutput: false,
      identity: null,
    });
    const before = (await first.call('state')).session!;
    await sleep(1_000);
    first.child.kill();
    await first.child.result;
    const second = await startCollector(path, first.port);
    children.push(second.child);
    const record = await second.call('recorded', run);
    expect(record).toMatchObject({ outcome: 'ok', interrupted: false });
    const after = (await second.call('state')).session!;
    expect(after).toMatchObject({ id: before.id, settings: SETTINGS, running: true });
    const pids = (session: SessionState) => new Map(session.parts.map(({ part, pid }) => [part, pid]));
    expect(pids(after)).toEqual(pids(before));
    const recording = join(path, 'recordings', run);
    const frames = await expectAllFrames(recording, 'video');
    expect(frames.length).toBeGreaterThan(20);
    expect((await readHeader(recording)).absent.join('\n')).toMatch(/collector: it was killed/);
    await second.call('close');
  });
});
