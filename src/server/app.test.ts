import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CellRecord } from '#core/catalogue';
import type { Metrics } from '#core/metric';
import { openLab, type Lab } from '#lab/lab';
import { newId } from '#system/clock';
import { createApp } from './app.ts';
import { BenchmarkPages } from './benchmark-pages.ts';
import { EncoderPages } from './encoder-pages.ts';
import { cookieName, loopbackHosts } from './guard.ts';
import { ScriptRunner } from './script-runner.ts';
import { TitlePages } from './titles-pages.ts';
import { OneTimeLinks, Sessions } from './tokens.ts';
import type { BenchmarkPage } from './wire.ts';

const PORT = 4600;
const BASE = `http://127.0.0.1:${PORT}`;
const TOKEN = 'a-token-for-programs';
const links = new OneTimeLinks();
const sessions = new Sessions();
const errors: unknown[] = [];
let folder: string;
let lab: Lab;
let app: Hono;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-app-'));
  lab = await openLab(folder);
  await fillBenchmark();
  app = createApp({
    lab,
    benchmarks: new BenchmarkPages(lab.catalogue),
    scripts: new ScriptRunner(lab.path),
    encoders: new EncoderPages(lab),
    titles: new TitlePages(lab, TOKEN),
    links,
    sessions,
    serverToken: TOKEN,
    hosts: () => loopbackHosts(PORT),
    port: () => PORT,
    baseUrl: () => BASE,
    onError: (error) => errors.push(error),
  });
});

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

const cell: CellRecord = {
  index: 0,
  label: 'preset=fast',
  properties: { preset: 'fast' },
  settings: { encoder: 'libx264', preset: 'fast' },
  sameKey: 'k0',
};

const threshold = {
  text: 'encode.fps p5 >= 20',
  metric: 'encode.fps p5',
  statistic: 'median',
  comparison: '>=',
  value: 20,
  where: 'abc.yaml:9:3',
} as const;

async function fillBenchmark(): Promise<void> {
  await lab.catalogue.saveBenchmark(
    {
      name: 'a b/c',
      file: 'benchmarks/abc.yaml',
      properties: [{ name: 'preset', values: ['fast', 'slow'] }],
      repeat: 2,
      seed: 1,
      thresholds: [threshold],
      startedAt: '2026-11-21T10:00:00.000Z',
    },
    [cell, { ...cell, index: 1, label: 'preset=slow', properties: { preset: 'slow' }, sameKey: 'k1' }],
  );
  for (const [repeat, fps] of [60, null].entries()) {
    const id = newId();
    const metrics: Metrics = fps === null ? {} : { 'encode.fps': { value: fps, unit: 'frame/s', better: 'higher' } };
    await lab.catalogue.startRun({
      ...cell,
      id,
      kind: 'encode',
      benchmark: 'a b/c',
      cell: cell.label,
      repeat: repeat + 1,
      labels: [],
      outcome: null,
      reason: null,
      interrupted: false,
      startedAt: '2026-11-21T10:00:01.000Z',
      durationS: null,
      metrics: {},
      recording: null,
    });
    await lab.catalogue.endRun(id, {
      outcome: fps === null ? 'failed' : 'ok',
      reason: fps === null ? '=cmd()\nlog' : null,
      interrupted: false,
      durationS: 1.5,
      metrics,
    });
  }
}

const bearer = { authorization: `Bearer ${TOKEN}` };
const withCookie = () => ({ cookie: `${cookieName(PORT)}=${sessions.create()}` });
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  app.request(`${BASE}${path}`, { method, headers });

test.each([
  ['no token', '/api/v1/benchmarks', {}, 401],
  ['no token, the page', '/', {}, 401],
  ['no token, a file of the page', '/assets/index.js', {}, 401],
  ['a wrong bearer', '/api/v1/benchmarks', { authorization: 'Bearer wrong' }, 401],
  ['a wrong cookie', '/api/v1/benchmarks', { cookie: `${cookieName(PORT)}=wrong` }, 401],
  ['the bearer', '/api/v1/benchmarks', bearer, 200],
  ['the bearer and a foreign origin', '/api/v1/benchmarks', { ...bearer, origin: 'http://evil.example' }, 403],
  ['the bearer and a foreign host', '/api/v1/benchmarks', { ...bearer, host: `evil.example:${PORT}` }, 403],
  ['the bearer, nothing there', '/api/v1/nothing', bearer, 404],
  ['the bearer, no such benchmark', '/api/v1/benchmarks/other', bearer, 404],
  ['the bearer, no such run', `/api/v1/runs/${newId()}`, bearer, 404],
  ['the bearer, what is no id', '/api/v1/runs/..%2F..%2Fetc', bearer, 404],
  ['the bearer, what is no format', '/api/v1/benchmarks/a%20b%2Fc/export/frames.exe', bearer, 400],
  ['the bearer, what is no table', '/api/v1/benchmarks/a%20b%2Fc/export/catalogue.csv', bearer, 400],
  ['the bearer, what is no number', '/api/v1/runs?limit=many', bearer, 400],
] as const)('%s: %s is answered with %o %i', async (_, path, headers, status) => {
  expect((await ask(path, headers)).status).toBe(status);
});

test('a session may read; to change something it must also tell its origin', async () => {
  const cookie = withCookie();
  expect((await ask('/api/v1/scripts', cookie)).status).toBe(200);
  expect((await ask('/api/v1/scripts/x.yaml/run', cookie, 'POST')).status).toBe(403);
  expect((await ask('/api/v1/scripts/x.yaml/run', { ...cookie, origin: 'http://evil.example' }, 'POST')).status).toBe(
    403,
  );
  const own = await ask('/api/v1/scripts/x.yaml/run', { ...cookie, origin: BASE }, 'POST');
  expect(own.status).toBe(400);
  expect(await own.json()).toMatchObject({ problems: [{ what: 'there is no benchmark file x.yaml in this lab' }] });
});

test('a link signs a browser in once, and leaves no token in the address', async () => {
  const token = links.create();
  const first = await ask(`/benchmarks/bunny?sort=a&token=${token}`);
  expect(first.status).toBe(303);
  expect(first.headers.get('location')).toBe('/benchmarks/bunny?sort=a');
  const cookie = first.headers.get('set-cookie')!;
  expect(cookie).toMatch(/^encodelab-4600=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect((await ask('/api/v1/benchmarks', { cookie: cookie.split(';')[0]! })).status).toBe(200);

  const second = await ask(`/?token=${token}`);
  expect(second.status).toBe(401);
  expect(await second.text()).toContain('encodelab serve --link');
  const signedIn = await ask(`/?token=${token}`, { cookie: cookie.split(';')[0]! });
  expect(signedIn.status).toBe(303);
});

test('a link never leads to another host, and a browser that comes from another page is sent on by ours', async () => {
  // A strict cookie does not come along from another site: it is asked for again, and not thrown away.
  const used = await ask(`/?sort=a&token=used`, { 'sec-fetch-site': 'cross-site' });
  expect([used.status, await used.text(), used.headers.get('set-cookie')]).toEqual([
    200,
    expect.stringContaining('token=used'),
    null,
  ]);
  const away = await ask(`//evil.example/?token=${links.create()}`);
  expect(away.headers.get('location')).toBe('/evil.example/');
  const across = await ask(`/?token=${links.create()}`, { 'sec-fetch-site': 'cross-site' });
  expect(across.status).toBe(200);
  expect(await across.text()).toContain('content="0;url=/"');
});

test('programs get new links', async () => {
  expect((await ask('/api/links', {}, 'POST')).status).toBe(403);
  const answer = await ask('/api/links', bearer, 'POST');
  const { url } = (await answer.json()) as { url: string };
  expect((await app.request(url)).status).toBe(303);
});

test('every answer forbids scripts that are not ours, sniffing, framing and telling where one came from', async () => {
  for (const answer of [await ask('/'), await ask('/api/v1/benchmarks', bearer), await ask('/', bearer)]) {
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  }
});

test('a body that is too long is refused', async () => {
  const headers = { ...bearer, 'content-length': '5000' };
  const answer = await app.request(`${BASE}/api/links`, { method: 'POST', headers, body: 'x'.repeat(5000) });
  expect(answer.status).toBe(413);
});

test('a benchmark comes as columns, an absent metric as null', async () => {
  const answer = await ask(`/api/v1/benchmarks/${encodeURIComponent('a b/c')}`, bearer);
  const page = (await answer.json()) as BenchmarkPage;
  expect(page.cells).toEqual({ label: ['preset=fast', 'preset=slow'], properties: [['fast', 'slow']] });
  expect(page.results).toMatchObject({
    cell: [0, 0],
    repeat: [1, 2],
    outcome: ['ok', 'failed'],
    reason: [null, '=cmd()'],
    metrics: [{ name: 'encode.fps', unit: 'frame/s', better: 'higher', values: [60, null] }],
  });
  expect(page.thresholds).toEqual([threshold]);
});

test('the list counts what is done and what failed', async () => {
  const { benchmarks } = (await (await ask('/api/v1/benchmarks', bearer)).json()) as { benchmarks: unknown[] };
  expect(benchmarks).toMatchObject([{ name: 'a b/c', cells: 2, runsDone: 2, runsTotal: 4, failed: 1, progress: null }]);
});

test('results are exported as CSV and JSON', async () => {
  const path = `/api/v1/benchmarks/${encodeURIComponent('a b/c')}`;
  const csv = await ask(`${path}/export.csv`, bearer);
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="a-b-c.csv"');
  const lines = (await csv.text()).trim().split('\r\n');
  expect(lines[0]).toBe('run,cell,repeat,outcome,started,duration (s),encoder,preset,encode.fps (frame/s)');
  expect(lines[1]).toMatch(/^[\w-]{36},preset=fast,1,ok,2026-11-21T10:00:01.000Z,1.5,libx264,fast,60$/);
  expect(lines[2]!.endsWith(',libx264,fast,')).toBe(true);
  const json = (await (await ask(`${path}/export.json`, bearer)).json()) as unknown[];
  expect(json).toMatchObject([{ cell: 'preset=fast', outcome: 'ok' }, { outcome: 'failed' }]);
});

test('nothing of all this was a failure of the server', () => {
  expect(errors).toEqual([]);
});
