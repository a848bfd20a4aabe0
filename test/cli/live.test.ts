import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControlResult, LiveState } from '#core/live';
import { openLab, type Lab } from '#lab/lab';
import { startLocalAgents, type LocalAgents } from '#live/local-agents';
import { startServer, type RunningServer } from '#server/start-server';
import { cli, startCli, temporaryFolder } from './run-cli.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;
let agents: LocalAgents;

beforeAll(async () => {
  folder = temporaryFolder();
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' } });
  agents = startLocalAgents({ collector: server.address, token: server.token, roles: ['guest', 'client'] });
  const end = Date.now() + 60_000;
  while (server.collector!.state().agents.length < 2 && Date.now() < end) await sleep(50);
});

afterAll(async () => {
  await agents.close();
  await server.close();
  await lab.close();
  rmSync(folder, { recursive: true });
});

const control = (...args: string[]) => cli('control', ...args, '--lab', folder);

test('a session is started, steered and recorded from the terminal; Ctrl-C ends the recording and keeps it', async () => {
  const started = await control('start', 'lavfi:testsrc2=size=320x180:rate=15', 'encoder=libx264', 'framerate=15');
  expect(started).toMatchObject({ code: 0, stderr: '' });
  expect(started.stdout).toMatch(/the session runs[^]*framerate +15 +15[^]*sender +guest +running/);

  const changed = await control('set', 'bitrate=500k', 'nonsense=1', '--json');
  expect(changed.code).toBe(1);
  expect((JSON.parse(changed.stdout) as ControlResult[]).map(({ name, how }) => [name, how === 'refused'])).toEqual([
    ['bitrate', false],
    ['nonsense', true],
  ]);
  expect((await control('say', '!from', 'the terminal')).code).toBe(0);
  const state = JSON.parse((await control('get', '--json')).stdout) as LiveState;
  expect(state.session!.settings).toMatchObject({ bitrate: '500k', framerate: 15 });
  expect(state.feed.map(({ text }) => text)).toContain('!from the terminal');

  let told = '';
  const recording = startCli(['record', '--name', 'one', '--json', '--lab', folder], {
    onStderr: (chunk) => (told += chunk.toString()),
  });
  for (const end = Date.now() + 30_000; !told.includes('recording') && Date.now() < end;) await sleep(50);
  await sleep(1_000);
  process.kill(recording.pid!, 'SIGINT');
  const recorded = await recording.result;
  expect(recorded.code).toBe(0);
  const run = JSON.parse(recorded.stdout) as { run: string; kind: string; outcome: string; metrics: object };
  expect(run).toMatchObject({ kind: 'stream', outcome: 'ok' });
  expect((await lab.catalogue.run(run.run))?.outcome).toBe('ok');

  expect((await control('stop')).code).toBe(0);
  expect((await control('set', 'bitrate=1M')).stderr).toContain('no session runs');
}, 150_000);
