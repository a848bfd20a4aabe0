// The explorer over HTTP, on a lab of real runs: what the bench made is what the page gets.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { EMPTY_VIEW } from '#explore/view';
import { unpackDataset } from '#explore/data/unpack-dataset';
import { openLab, type Lab } from '#lab/lab';
import { newId } from '#system/clock';
import { benchmarkFile, cli, jsonLines, temporaryFolder, type JsonRun } from '../../test/cli/run-cli.ts';
import type { RunsAbout } from './explore-wire.ts';
import type { LiveMessage } from './wire.ts';
import { startServer, type RunningServer } from './start-server.ts';

const folder = temporaryFolder();
const path = join(folder, 'lab');
const file = benchmarkFile(folder, 'matrix: {bitrate: [1M, 200k], tune: [film, grain]}\nrepeat: 1\n');
let lab: Lab;
let server: RunningServer;
let runs: JsonRun[];

beforeAll(async () => {
  const bench = await cli('bench', 'run', file, '--lab', path, '--json');
  expect(bench.code, bench.stderr).toBe(0);
  runs = jsonLines(bench.stdout).filter(({ run }) => run !== undefined);
  lab = await openLab(path);
  server = await startServer({ lab, port: 0 });
}, 120_000);
afterAll(async () => {
  await server.close();
  await lab.close();
  rmSync(folder, { recursive: true });
});

async function ask(method: string, address: string, body?: unknown): Promise<Response> {
  return fetch(`${server.address}/api/v1/explore/${address}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function json(method: string, address: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await ask(method, address, body);
  return { status: answer.status, body: await answer.json() };
}

async function readRuns(query = '') {
  const { dataset, more } = unpackDataset(await (await ask('GET', `runs${query}`)).arrayBuffer());
  return { dataset, about: more as RunsAbout };
}

test('the runs that the bench told are the runs that the page gets, with where they were made', async () => {
  const { dataset, about } = await readRuns('?benchmark=quick&benchmark=gone');
  expect(about).toEqual({ version: 1, missing: ['gone'], benchmarks: ['quick'], leftOut: 0, withoutFacts: 0 });
  expect(dataset.ids).toEqual(runs.map(({ run }) => run).toSorted());
  const columns = new Map(dataset.metrics.map(({ name, values }) => [name, values]));
  for (const { run, metrics, settings } of runs) {
    const row = dataset.ids.indexOf(run);
    for (const [name, { value }] of Object.entries(metrics)) expect(columns.get(name)![row]).toBe(value);
    const bitrate = dataset.properties.find(({ name }) => name === 'bitrate')!;
    expect(bitrate.values[bitrate.codes[row]!]).toBe(settings['bitrate']);
  }
  const values = (name: string) => dataset.properties.find((property) => property.name === name)?.values;
  expect(values('bitrate')).toEqual(['200k', '1M']);
  expect(values('tune')).toEqual(['film', 'grain']);
  expect(values('benchmark')).toEqual(['quick']);
  for (const fact of ['machine', 'host', 'build', 'kernel', 'day']) expect(values(fact)).toHaveLength(1);
  expect(values('build')![0]).toContain('encodelab');
  expect(await json('POST', 'facts')).toEqual({ status: 200, body: { complete: true } });
});

test('a run that the page leaves out is told by the report, counts in it no more, and is measured again', async () => {
  const { run } = runs[0]!;
  expect((await json('PUT', 'exclusions', { runs: [run], reason: 'the fan had failed' })).status).toBe(200);
  const { dataset } = await readRuns();
  expect([...dataset.excluded]).toEqual([[dataset.ids.indexOf(run), 'the fan had failed']]);
  const again = await cli('bench', 'run', file, '--lab', path);
  expect(again.stdout).toMatch(new RegExp(`left out by hand[^]*${run}.*: the fan had failed`));
  expect(again.stderr).toContain('quick: 1 runs now, 3 recorded before');
  const include = await cli('runs', 'include', run, '--lab', path);
  expect(include.stderr).toContain('1 runs taken in again');
  expect((await readRuns()).dataset.excluded.size).toBe(0);
});

test('a page that shows the benchmark hears that a run was left out, and is sent its row no more', async () => {
  const messages: LiveMessage[] = [];
  const socket = new WebSocket(`${server.address.replace('http', 'ws')}/api/v1/live`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  socket.on('message', (text: Buffer) => messages.push(JSON.parse(text.toString()) as LiveMessage));
  const ask = () => socket.send(JSON.stringify({ version: 1, benchmark: 'quick' }));
  const rows = () => messages.flatMap((message) => (message.type === 'results' ? message.results.id : []));
  socket.once('open', ask);
  const { run } = runs[1]!;
  await expect.poll(rows, { timeout: 10_000 }).toContain(run);
  await json('PUT', 'exclusions', { runs: [run], reason: 'disturbed' });
  await expect.poll(() => messages, { timeout: 10_000 }).toContainEqual({ type: 'stale', what: 'benchmark' });
  messages.length = 0;
  ask();
  await expect.poll(rows, { timeout: 10_000 }).not.toEqual([]);
  expect(rows()).not.toContain(run);
  socket.close();
  await json('PUT', 'exclusions', { runs: [run], reason: null });
});

test('runs are deleted with their recordings; one that is not there is refused, and then none goes', async () => {
  const { dataset } = await readRuns();
  const refused = await json('POST', 'delete', { runs: [dataset.ids[0], newId()] });
  expect(refused).toMatchObject({ status: 400, body: { problems: [{ what: expect.stringContaining('no run') }] } });
  expect(await json('POST', 'delete', { runs: [dataset.ids.at(-1), dataset.ids.at(-1)] })).toEqual({
    status: 200,
    body: { deleted: 1 },
  });
  expect((await readRuns()).dataset.ids).toEqual(dataset.ids.slice(0, -1));
});

test('views are kept by name; a damaged one is named, hides no other and stays as it is', async () => {
  const view = {
    ...EMPTY_VIEW,
    stats: ['encode.fps'],
    filters: [{ kind: 'range', property: 'bitrate', low: null, high: 4e6 }],
  };
  expect(await json('GET', 'views')).toEqual({ status: 200, body: { views: [], problems: [] } });
  expect((await json('PUT', 'views/my%20own', { view })).status).toBe(200);
  expect(await json('GET', 'views/my%20own')).toMatchObject({
    status: 200,
    body: { version: 1, name: 'my own', view },
  });
  writeFileSync(join(path, 'explore', 'views', 'bad.json'), '{"version":1}');
  const list = (await json('GET', 'views')).body as { views: { name: string }[]; problems: string[] };
  expect(list.views.map(({ name }) => name)).toEqual(['my own']);
  expect(list.problems).toEqual([expect.stringMatching(/bad\.json: this view is damaged/)]);
  expect(readFileSync(join(path, 'explore', 'views', 'bad.json'), 'utf8')).toBe('{"version":1}');
  await ask('DELETE', 'views/my%20own');
  expect((await json('GET', 'views/my%20own')).status).toBe(404);
});

test('names of properties and values are kept; where the file is damaged that is told, and nothing is written over it', async () => {
  const names = { properties: { bitrate: 'rate' }, values: { bitrate: { '1M': 'high' } } };
  expect(await json('GET', 'names')).toMatchObject({ body: { names: { properties: {}, values: {} } } });
  expect((await json('PUT', 'names', { names })).status).toBe(200);
  expect(await json('GET', 'names')).toEqual({ status: 200, body: { version: 1, names } });
  mkdirSync(join(path, 'explore'), { recursive: true });
  writeFileSync(join(path, 'explore', 'names.json'), '{');
  for (const method of ['GET', 'PUT'])
    expect(await json(method, 'names', method === 'PUT' ? { names } : undefined)).toMatchObject({
      status: 400,
      body: { problems: [{ what: expect.stringContaining('damaged'), where: join(path, 'explore', 'names.json') }] },
    });
  expect(readFileSync(join(path, 'explore', 'names.json'), 'utf8')).toBe('{');
});

test.each<[string, string, unknown, RegExp]>([
  ['PUT', 'views/..%2Fx', { view: EMPTY_VIEW }, /can't be the name of a view/],
  ['PUT', 'views/__proto__', { view: EMPTY_VIEW }, /can't be the name of a view/],
  ['PUT', 'views/a', { view: { ...EMPTY_VIEW, version: 2 } }, /view\.version/],
  ['PUT', 'views/a', { view: { ...EMPTY_VIEW, stats: ['1', '2', '3', '4'] } }, /3 of them at most/],
  ['PUT', 'views/a', { view: { ...EMPTY_VIEW, more: 1 } }, /not understood/],
  ['PUT', 'names', { names: { properties: { a: '\n' }, values: {} } }, /no name of 128 characters/],
  ['PUT', 'exclusions', { runs: ['../x'], reason: 'x' }, /no id of a run/],
  ['PUT', 'exclusions', { runs: [newId()], reason: '' }, /for a reason/],
  ['POST', 'delete', { runs: [] }, /1 of them at least/],
  ['PUT', 'views/a', '{', /JSON/],
])('%s %s %j is refused in words', async (method, address, body, message) => {
  const answer = await json(method, address, body);
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toMatch(message);
});

test.each([
  ['GET', 'runs', 401],
  ['POST', 'delete', 403],
  ['PUT', 'exclusions', 403],
])('%s %s is refused where nobody shows a token', async (method, address, status) => {
  expect((await fetch(`${server.address}/api/v1/explore/${address}`, { method })).status).toBe(status);
});
