// A live session as a user has it: a server, three agents, the command line; real encoders, real processes.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControlResult } from '#core/live';
import { takeKnownEncoders } from '../browser/known-encoders.ts';
import { cli, jsonLines, smallClip, temporaryFolder } from '../cli/run-cli.ts';
import { LiveSystem, until } from './live-system.ts';

const folder = temporaryFolder();
const clip = smallClip(folder);
const system = new LiveSystem(join(folder, 'lab'));

beforeAll(async () => {
  await takeKnownEncoders(join(system.lab, 'cache'));
  await system.start('--allow-hooks');
});
afterAll(() => system.close());

interface Journey {
  readonly stream: string;
  readonly frame: number;
  readonly role: string;
  readonly outcome: string | null;
  readonly bytes: number | null;
  readonly key: boolean | null;
  readonly capture_start_us: number | null;
  readonly encode_start_us: number | null;
  readonly receive_start_us: number | null;
  readonly present_start_us: number | null;
}

test('a recording of the running session is a run, with a journey of every frame over all roles', async () => {
  const started = await system.run('control', 'start', clip, 'encoder=libx264', 'resolution=240x136', 'framerate=24');
  expect(started.code, started.stderr).toBe(0);
  const recording = system.run('record', '--name', 'first', '--for', '2s', '--quality', 'psnr,xpsnr', '--json');
  await until('the recording', async () => (await system.state()).recording?.stage === 'recording');
  await system.request('POST', 'messages', { source: 'test', text: '!half time' });
  const recorded = await recording;
  expect(recorded.code, recorded.stderr).toBe(0);
  const [run] = jsonLines(recorded.stdout);
  expect(run).toMatchObject({ kind: 'stream', outcome: 'ok', settings: { encoder: 'libx264', resolution: '240x136' } });
  const metric = (name: string) => run!.metrics[name]?.value;
  expect(metric('stream.rate requested')).toBe(24);
  expect(metric('stream.rate presented')).toBeGreaterThan(0);
  expect(metric('latency p50')).toBeGreaterThan(0);
  expect(metric('latency.error')).toBeGreaterThan(0);
  expect(metric('network.time p50')).toBeGreaterThan(0);
  // It passes packets on as they come.
  expect(metric('relay.time p50')).toBeGreaterThan(0);
  expect(metric('guest.sender.cpu')).toBeGreaterThan(0);
  expect(metric('quality.xpsnr')).toBeGreaterThan(20);

  const exported = await system.run('runs', 'export', run!.run, '--table', 'frames', '--format', 'json');
  const journeys = JSON.parse(exported.stdout) as Journey[];
  const by = (role: string) => new Map(journeys.filter((row) => row.role === role).map((row) => [row.frame, row]));
  const [guest, server, client] = [by('guest'), by('server'), by('client')];
  expect(journeys.length).toBe(guest.size + server.size + client.size);
  const frames = [...guest.keys()].toSorted((a, b) => a - b);
  // Every tick has its row, and the first that was encoded is a keyframe.
  expect(frames.at(-1)! - frames[0]! + 1).toBe(frames.length);
  expect(frames.map((frame) => guest.get(frame)!).find(({ bytes }) => bytes !== null)).toMatchObject({ key: true });
  expect(metric('frames')).toBe([...guest.values()].filter(({ bytes }) => bytes !== null).length);
  for (const [frame, { capture_start_us: captured, present_start_us: presented }] of client) {
    expect(captured).toBeNull();
    const sent = guest.get(frame)!;
    // One machine, one clock: each step comes after the one before.
    if (presented !== null) {
      expect(presented).toBeGreaterThan(sent.capture_start_us!);
      expect(server.get(frame)!.receive_start_us).toBeGreaterThanOrEqual(sent.encode_start_us!);
    }
  }
  const clocks = await system.run('runs', 'export', run!.run, '--table', 'clocks', '--format', 'json');
  const agents = new Set((JSON.parse(clocks.stdout) as { agent: string }[]).map(({ agent }) => agent));
  expect([...agents].toSorted()).toEqual(['client', 'guest', 'server']);
  const messages = await system.run('runs', 'export', run!.run, '--table', 'messages', '--format', 'json');
  expect(messages.stdout).toContain('!half time');
});

test('bitrate changes live; codec, size and rate change without breaking the receiver; nonsense is refused', async () => {
  const set = async (...changes: string[]) => {
    const { stdout } = await system.run('control', 'set', '--json', ...changes);
    return JSON.parse(stdout) as ControlResult[];
  };
  expect(await set('bitrate=1M')).toMatchObject([{ name: 'bitrate', how: 'live', gapMs: null }]);
  const [codec] = await set('encoder=libvpx');
  expect(codec).toMatchObject({ how: 'restart', actual: 'libvpx' });
  expect((await set('resolution=320x180', 'framerate=30')).map(({ how }) => how)).toEqual(['restart', 'restart']);
  expect(await set('resolution=nonsense')).toMatchObject([{ how: 'refused', note: expect.any(String) }]);
  const recorded = await system.run('record', '--name', 'second', '--for', '1s', '--json');
  const [run] = jsonLines(recorded.stdout);
  expect(run!.metrics['stream.rate requested']!.value).toBe(30);
  expect(run!.metrics['stream.rate presented']!.value).toBeGreaterThan(0);
  expect(run!.metrics['drops.decode failed']!.value).toBe(0);
  const { session, feed } = await system.state();
  expect(session!.settings).toMatchObject({ encoder: 'libvpx', resolution: '320x180', framerate: 30 });
  expect(feed.some(({ text }) => text.includes('libvpx'))).toBe(true);
  await system.run('control', 'stop');
});

test('cells of a benchmark stream on the agents of the running server, hooks of a role on its own', async () => {
  const file = join(folder, 'cells.yaml');
  const done = join(folder, 'hooks.txt');
  writeFileSync(
    file,
    `name: cells
session: loopback
source: ${JSON.stringify(clip)}
settings: {encoder: libx264, resolution: 320x180, framerate: 20}
matrix:
  network: [none, "delay=100ms"]
  stress: [none, "memory:32M@client"]
order: listed
record_time: 1s
settle: 300ms
quality: none
hooks: {network: {before: [{client: {shell: 'echo "before $network" >> ${done}'}}], after: {guest: [sh, -c, 'echo "after $0" >> ${done}', $network]}}}
`,
  );
  const result = await system.run('bench', 'run', file, '--json');
  expect(result.code, result.stderr).toBe(0);
  const runs = jsonLines(result.stdout);
  expect(runs.map(({ cell }) => cell)).toEqual([
    'network=none stress=none',
    'network=none stress=memory:32M@client',
    'network=delay=100ms stress=none',
    'network=delay=100ms stress=memory:32M@client',
  ]);
  const latency = runs.map(({ metrics }) => metrics['latency p50']!.value);
  const network = runs.map(({ metrics }) => metrics['network.time p50']!.value);
  for (const slow of [2, 3]) expect(latency[slow]).toBeGreaterThan(100);
  expect(network[2]).toBeGreaterThan(100);
  expect(network[0]).toBeLessThan(100);
  expect(readFileSync(done, 'utf8')).toBe('before none\nafter none\nbefore delay=100ms\nafter delay=100ms\n');
  // Nothing of it goes on.
  expect((await system.state()).session?.running ?? false).toBe(false);
  const again = await system.run('bench', 'run', file, '--json');
  expect(again.stdout).toBe('');
});

test('a wrong token, a wrong role and a server that is not there are told as what they are', async () => {
  const wrong = await cli('agent', '--role', 'guest', '--collector', system.url, '--token', 'x'.repeat(43));
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('token');
  const none = await cli('control', 'get', '--lab', join(folder, 'no-lab'));
  expect(none.code).toBe(1);
  expect(none.stderr).toContain('encodelab serve');
});
