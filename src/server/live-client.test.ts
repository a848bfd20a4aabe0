import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '#core/user-error';
import { openLab, type Lab } from '#lab/lab';
import { connectLive, type LiveClient } from '#live/live-client';
import { startLocalAgents, type LocalAgents } from '#live/local-agents';
import { labServer } from './server-address.ts';
import { startServer, type RunningServer } from './start-server.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;
let agents: LocalAgents;
let live: LiveClient;

const SETTINGS = {
  source: 'lavfi:testsrc2=size=320x180:rate=15',
  encoder: 'libx264',
  framerate: 15,
  bitrate: '300k',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-client-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' } });
  live = connectLive(await labServer(folder), 'ann');
  // The relay runs with the guest's agent where there is none of its own.
  agents = startLocalAgents({
    collector: server.address,
    token: server.token,
    roles: ['guest', 'client'],
    allowHooks: true,
  });
  await live.waitForRoles(['guest', 'client'], 60_000);
});

afterAll(async () => {
  live.close();
  await agents.close();
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const problemOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
};

test('roles that are missing are named, and so is what is wrong with settings', async () => {
  expect(await problemOf(live.waitForRoles(['guest', 'server'], 0))).toMatch(/no agent of the role server/);
  expect(await problemOf(live.stream({ encoder: 'libx264', nonsense: 1 }))).toMatch(/nonsense/);
  expect(await problemOf(live.control({ bitrate: '1M' }))).toMatch(/no session runs/);
});

test('a session is brought into a state: started, then changed while it runs; frames are presented when it says so', async () => {
  await live.stream(SETTINGS);
  const first = await live.state();
  expect(first.session).toMatchObject({ running: true, settings: SETTINGS });
  const metrics = async () => {
    const answer = await fetch(`${server.address}/metrics`, { headers: { authorization: `Bearer ${server.token}` } });
    return answer.text();
  };
  expect(Number(/^encodelab_session_frames_presented_total (\d+)/m.exec(await metrics())![1])).toBeGreaterThan(0);

  await live.stream({ ...SETTINGS, bitrate: '600k', preset: 'ultrafast' });
  const second = await live.state();
  expect(second.session!.id).toBe(first.session!.id);
  expect(second.session!.parts.find(({ part }) => part === 'sender')!.actual).toMatchObject({
    bitrate: '600000',
    preset: 'ultrafast',
  });
  expect(second.session!.changes.map(({ name, operator }) => [name, operator])).toContainEqual(['bitrate', 'ann']);

  // A setting that is not wanted any more is taken back.
  await live.stream(SETTINGS);
  expect((await live.state()).session).toMatchObject({ id: first.session!.id, settings: SETTINGS });
  expect((await live.control({ nonsense: 1 })).map(({ how }) => how)).toEqual(['refused']);
});

test('a recording becomes a run of the lab, for a cell and by hand; one that is ended early is kept', async () => {
  const identity = { benchmark: null, cell: null, repeat: 1, settings: SETTINGS, labels: [], sameKey: 'k' };
  const shares: number[] = [];
  const run = await live.record({ identity, durationS: 2, quality: null, keepOutput: false }, undefined, (share) =>
    shares.push(share),
  );
  expect(run).toMatchObject({ kind: 'stream', outcome: 'ok', interrupted: false, sameKey: 'k' });
  expect((await lab.catalogue.run(run.id))?.metrics).toEqual(run.metrics);
  expect(shares.length).toBeGreaterThan(0);
  expect(Math.max(...shares)).toBeLessThanOrEqual(1);

  const request = { name: 'by hand', forS: null, quality: null, keepOutput: false, identity: null };
  const id = await live.startRecording(request);
  expect(await problemOf(live.startRecording(request))).toMatch(/./);
  await live.endRecording(id, false);
  expect(await live.recorded(id)).toMatchObject({ id, kind: 'stream', settings: SETTINGS });
});

test('a recording that is told to stop is kept as an interrupted run', async () => {
  const stop = new AbortController();
  const identity = { benchmark: null, cell: null, repeat: 1, settings: SETTINGS, labels: [], sameKey: 'k' };
  const recorded = live.record({ identity, durationS: 600, quality: null, keepOutput: false }, stop.signal);
  setTimeout(() => stop.abort(), 500);
  expect(await recorded).toMatchObject({ interrupted: true });
});

test('a hook of a file runs on the machine of its agent', async () => {
  const file = join(lab.benchmarksFolder, 'one.yaml');
  const made = join(folder, 'made by a hook');
  await writeFile(
    file,
    `name: one\nsession: loopback\nsource: lavfi:testsrc2\nrecord_time: 1s\nsettings: {encoder: libx264}\nmatrix: {bitrate: [1M]}\nsetup: [{guest: [touch, ${JSON.stringify(made)}]}, {client: [cat, /nothing/here]}]\n`,
  );
  const place = { file, moment: 'setup', property: null, value: null } as const;
  const command = { kind: 'argv', argv: ['never', 'sent'], where: '', role: 'guest' } as const;
  expect(await live.hook(command, { ...place, index: 0 }, 5_000)).toBeNull();
  await rm(made);
  const problem = await live.hook(command, { ...place, index: 1 }, 5_000);
  expect(problem?.what).toMatch(/exit status 1[^]*No such file/);
});

test('loads are held while they are wanted, and undone at the end, with the session', async () => {
  await live.stress({ client: { cpu: 1, memoryBytes: 0, gpu: 0 } });
  await live.end();
  expect((await live.state()).session?.running).toBe(false);
});

test('a server that is not there and one that is no server are told in words', async () => {
  expect(() => connectLive({ url: 'not an address', token: 'x' }, 'ann')).toThrow(/no address of a server/);
  const stranger = connectLive({ url: server.address, token: 'wrong' }, 'ann');
  expect(await problemOf(stranger.state())).toMatch(/token/);
  const nobody = connectLive({ url: 'http://127.0.0.1:9', token: 'x' }, 'ann');
  expect(await problemOf(nobody.say('x'))).toMatch(/no server answers at/);
});
