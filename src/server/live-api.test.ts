import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { LiveState } from '#core/live';
import type { Problem } from '#core/user-error';
import { openLab, type Lab } from '#lab/lab';
import type { AgentCommand } from '#live/agent-wire';
import { WireAgent } from '../../test/live/wire-agent.ts';
import type { AgentLine } from './live-wire.ts';
import { startServer, type RunningServer } from './start-server.ts';

let folder: string;
let lab: Lab;
let server: RunningServer;
let page: Record<string, string>;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-live-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0, live: { lab, version: 'test' } });
  const answer = await fetch(server.link(), { redirect: 'manual' });
  page = { cookie: answer.headers.get('set-cookie')!.split(';', 1)[0]!, origin: server.address };
  file = join(lab.benchmarksFolder, 'hooks.yaml');
  await writeFile(file, BENCHMARK);
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const BENCHMARK = `
name: hooks
session: loopback
source: lavfi:testsrc2
record_time: 1s
settings: {encoder: libx264}
matrix: {mode: [quiet, "loud one"], bitrate: [1M, 2M]}
setup: [{guest: [prepare, --all]}, [local, command]]
hooks:
  mode: {before: [{guest: [set-mode, $mode, extra]}, {client: {shell: 'echo "$mode"'}}]}
`;

const bearer = () => ({ authorization: `Bearer ${server.token}` });

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = bearer(),
): Promise<{ status: number; body: { problems?: Problem[] } & Record<string, unknown> }> {
  const answer = await fetch(`${server.address}/api/v1/live/${path}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as { problems?: Problem[] } };
}

const setMode = { file: '', moment: 'before', property: 'mode', value: 'loud one', index: 0, timeoutMs: 5_000 };

/** Runs a hook to its end. */
async function hook(place: object): Promise<Problem | null | undefined> {
  const begun = await ask('POST', 'hooks', place);
  if (begun.status !== 202) return begun.body.problems![0];
  for (;;) {
    const { status, body } = await ask('GET', `hooks/${String(begun.body['id'])}?wait=5`);
    if (status !== 200) return body.problems![0];
    if (body['done'] === true) return body['problem'] as Problem | null;
  }
}

async function hookAgent(role: string, answer: (command: AgentCommand) => unknown): Promise<WireAgent> {
  const agent = new WireAgent(server.address, server.token, { role, indicators: [], allowsHooks: true, answer });
  onTestFinished(async () => {
    agent.close();
    await sleep(50);
  });
  await agent.welcomed;
  return agent;
}

const exited = (code: number) => ({ code, end: 'exited', stdout: '', stderr: 'too late\n' });

test('a hook is found in the file, gets its value as one argument, and runs on the agent of its role', async () => {
  const guest = await hookAgent('guest', () => exited(0));
  const client = await hookAgent('client', () => exited(3));
  expect(await hook({ ...setMode, file })).toBeNull();
  expect(guest.commands).toEqual([
    { name: 'hook', argv: ['set-mode', 'loud one', 'extra'], env: {}, timeoutMs: 5_000 },
  ]);
  const problem = await hook({ ...setMode, file, index: 1 });
  expect(problem?.what).toMatch(/failed with exit status 3\n {4}too late/);
  expect(client.commands).toMatchObject([{ argv: ['/bin/sh', '-c', 'echo "$mode"'], env: { mode: 'loud one' } }]);
  expect(await hook({ file, moment: 'setup', property: null, value: null, index: 0, timeoutMs: 100 })).toBeNull();
  expect(guest.commands.at(-1)).toMatchObject({ argv: ['prepare', '--all'] });
});

test('no hook comes from a page, from a request, or from where no benchmark stands', async () => {
  const guest = await hookAgent('guest', () => exited(0));
  const byCookie = await ask('POST', 'hooks', { ...setMode, file }, page);
  expect([byCookie.status, byCookie.body.problems![0]!.what]).toEqual([
    403,
    'only a program that shows the token of the lab may do this',
  ]);
  expect((await ask('POST', 'stress', { role: 'guest', load: null }, page)).status).toBe(403);
  expect((await ask('GET', 'hooks/x', undefined, page)).status).toBe(403);

  for (const [place, why] of [
    [{ ...setMode, file, argv: ['rm', '-rf', '/'] }, /argv/],
    [{ ...setMode, file, value: 'loud one; rm' }, /mode has no value loud one; rm/],
    [{ ...setMode, file, property: 'bitrate', value: '1M' }, /no command 1 before bitrate/],
    [{ ...setMode, file, index: 2 }, /no command 3/],
    [{ ...setMode, file, moment: 'after' }, /no command 1 after mode/],
    [{ ...setMode, file: join(folder, 'server-token') }, /./],
    [{ ...setMode, file: '/dev/zero' }, /device|benchmark/],
    [{ ...setMode, file: 'hooks.yaml' }, /no absolute path/],
    [{ file, moment: 'setup', property: null, value: null, index: 1, timeoutMs: 100 }, /is for no agent/],
  ] as const) {
    expect((await hook(place))?.what, JSON.stringify(place)).toMatch(why);
  }
  expect(guest.commands).toEqual([]);
});

test('what a file holds that is no benchmark is not told to whoever names it', async () => {
  const problem = await hook({ ...setMode, file: join(folder, 'server-token') });
  expect(JSON.stringify(problem)).not.toContain(server.token);
});

test('an agent that allows no hooks, and a role without agent, are told', async () => {
  const agent = new WireAgent(server.address, server.token, { role: 'guest', indicators: [] });
  await agent.welcomed;
  expect((await hook({ ...setMode, file }))?.what).toContain('runs no hooks');
  agent.close();
  await sleep(100);
  expect((await hook({ ...setMode, file }))?.what).toContain('no agent of the role guest');
});

test.each([
  ['POST', 'session', { action: 'rm' }, /there is no such action/],
  ['POST', 'session', { action: 'start' }, /is missing/],
  ['POST', 'session', [], /takes an object, not \[\]/],
  [
    'POST',
    'session',
    { action: 'start', settings: { bitrate: { $gt: 1 } } },
    /takes a text, a number, true or false, not {"\$gt":1}/,
  ],
  ['POST', 'session', { action: 'start', settings: { 'a\nb': 1 } }, /is no name of a setting/],
  ['POST', 'session', '{"action":', /Malformed/],
  ['POST', 'control', { changes: { bitrate: '4M' } }, /no session runs/],
  ['POST', 'control', { reset: true, operator: 'a\nb' }, /is no name of 64/],
  ['POST', 'control', {}, /asks either for changes or for a reset/],
  ['POST', 'control', { reset: true, changes: {} }, /asks either/],
  ['POST', 'control', { changes: { tune: '' } }, /an empty text is no value: null takes a setting back/],
  ['POST', 'control', '{"changes": {"__proto__": 1}}', /is no name of a setting/],
  ['POST', 'control', { changes: [1] }, /takes names and values, not \[1\]/],
  ['POST', 'control', { chnages: {} }, /"chnages" is not understood here/],
  ['POST', 'profile', { action: 'start', command: 'sh' }, /"command" is not understood here/],
  ['POST', 'profile', { action: 'record' }, /takes start, stop, not "record"/],
  ['GET', 'profile/slices?after=soon', undefined, /number of a slice/],
  ['POST', 'messages', { text: '' }, /must not be empty/],
  ['POST', 'messages', {}, /is missing/],
  ['POST', 'messages', { text: 'x'.repeat(1_001) }, /has 1001 characters/],
  ['POST', 'recordings', { name: 'n', forS: -1 }, /takes 0.1 at least, not -1/],
  ['POST', 'recordings', { name: 'n', forS: 1e6 }, /takes 86400 at most, not 1000000/],
  ['POST', 'recordings', { name: 'n', forS: 'long' }, /takes a number, not "long"/],
  ['POST', 'recordings', { name: 'n', forS: 1, quality: { metrics: ['psrn'] } }, /takes .*psnr.*, not "psrn"/],
  [
    'POST',
    'recordings',
    { name: 'n', forS: 1, quality: { metrics: ['vmaf'], vmafEngine: '/bin/sh' } },
    /no request may name one/,
  ],
  [
    'POST',
    'recordings',
    { name: 'n', forS: 1, quality: { metrics: ['vmaf'], vmafModel: '../model' } },
    /no name of a model/,
  ],
  ['POST', 'stress', { role: 'worker', load: null }, /takes guest, .*, not "worker"/],
  ['PUT', 'layouts/deep', `{"layout":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, /64 deep at most/],
  ['POST', 'control', `{"changes":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`, /64 deep at most/],
  ['PUT', 'layouts/__proto__', { layout: 1 }, /can't be the name of a layout/],
  ['PUT', 'layouts/..%2Fx', { layout: 1 }, /can't be the name of a layout/],
  ['GET', 'presented?since=soon', undefined, /number of seconds/],
  ['GET', 'passed?since=soon', undefined, /number of seconds/],
])('%s %s is refused in words: %#', async (method, path, body, why) => {
  const answer = await ask(method, path, body);
  expect(answer.status).toBe(400);
  expect(answer.body.problems!.map(({ what }) => what).join()).toMatch(why);
});

test('what is refused says where it stands and what is asked for, and a recording that nobody made is not found', async () => {
  const { body } = await ask('POST', 'control', { changes: { tune: '' } });
  expect(body.problems).toEqual([
    {
      what: 'an empty text is no value: null takes a setting back',
      where: 'changes.tune',
      todo: expect.stringContaining('"preset": null') as string,
    },
  ]);
  for (const [method, path] of [
    ['GET', 'recordings/none'],
    ['POST', 'recordings/none/end'],
    ['GET', 'recordings/__proto__'],
  ] as const) {
    const answer = await ask(method, path, method === 'POST' ? {} : undefined);
    expect([answer.status, answer.body.problems![0]!.what]).toEqual([
      404,
      expect.stringContaining('there is no recording'),
    ]);
  }
});

test('a page may talk, mark and clear; a foreign page may not', async () => {
  const said = await ask('POST', 'messages', { text: '!here', source: 'ann' }, page);
  expect(said).toMatchObject({ status: 200, body: { source: 'ann', text: '!here' } });
  const state = (await ask('GET', 'state', undefined, page)).body as unknown as LiveState;
  expect(state.feed.at(-1)).toMatchObject({ text: '!here' });
  expect((await ask('DELETE', 'messages', undefined, page)).status).toBe(200);
  expect(((await ask('GET', 'state')).body as unknown as LiveState).feed).toEqual([]);
  expect((await ask('POST', 'messages', { text: 'x' }, { ...page, origin: 'http://evil.example' })).status).toBe(403);
  expect((await ask('POST', 'messages', { text: 'x' }, { cookie: page['cookie']! })).status).toBe(403);
});

test('a benchmark cell is recorded by a program only', async () => {
  const identity = { benchmark: 'b', cell: 'c', repeat: 1, settings: {}, labels: [], sameKey: 'k' };
  expect((await ask('POST', 'recordings', { name: 'n', forS: 1, identity }, page)).status).toBe(403);
});

test('layouts of charts are kept by name as files of the lab, and a long one is refused', async () => {
  const layout = { tabs: [{ name: 'mine', charts: ['guest/cpu.busy'] }] };
  expect(await ask('GET', 'layouts', undefined, page)).toEqual({ status: 200, body: { layouts: [] } });
  expect((await ask('GET', 'layouts/my%20own', undefined, page)).status).toBe(404);
  expect(await ask('PUT', 'layouts/my%20own', { layout }, page)).toMatchObject({
    status: 200,
    body: { version: 1, name: 'my own', layout },
  });
  await ask('PUT', 'layouts/%C3%A9t%C3%A9', { layout: [] }, page);
  expect((await ask('GET', 'layouts', undefined, page)).body).toEqual({ layouts: ['my own', 'été'] });
  expect((await ask('GET', 'layouts/my%20own', undefined, page)).body).toMatchObject({ layout });
  expect((await readdir(join(folder, 'layouts'))).toSorted()).toEqual(['%C3%A9t%C3%A9.json', 'my%20own.json']);
  expect((await ask('PUT', 'layouts/long', { layout: 'x'.repeat(64 * 1024) }, page)).status).toBe(400);
  expect((await ask('PUT', 'layouts/long', { layout: 'x'.repeat(80 * 1024) }, page)).status).toBe(413);
  await writeFile(join(folder, 'layouts', 'bad.json'), '{');
  expect((await ask('GET', 'layouts/bad', undefined, page)).body.problems![0]!.what).toContain('damaged');
  await ask('DELETE', 'layouts/my%20own', undefined, page);
  expect((await ask('GET', 'layouts/my%20own', undefined, page)).status).toBe(404);
});

test('the line for another machine names the token for who is signed in, and says when nobody can come', async () => {
  const line = (await ask('GET', 'agent-line?role=guest', undefined, page)).body as unknown as AgentLine;
  expect(line.line).toBe(`encodelab agent --role guest --collector ${server.address} --token ${server.token}`);
  expect(line.note).toContain('--allow-other-address');
  const odd = (await ask('GET', 'agent-line?role=$(rm)', undefined, page)).body as unknown as AgentLine;
  expect(odd.line).toContain('--role client ');
  const stranger = await fetch(`${server.address}/api/v1/live/agent-line`);
  expect([stranger.status, (await stranger.text()).includes(server.token)]).toEqual([401, false]);
});

test('other requests still take no long bodies', async () => {
  const answer = await fetch(`${server.address}/api/links`, {
    method: 'POST',
    headers: bearer(),
    body: 'x'.repeat(2_000),
  });
  expect(answer.status).toBe(413);
});
