import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '#lab/lab';
import { unpackProfile } from '#profile/pack';
import { readProfile } from '#recording/profile-tables';
import { startRecording } from '#recording/recorder';
import { newId } from '#system/clock';
import { startServer, type RunningServer } from './start-server.ts';
import { temporaryFolder } from '../../test/cli/run-cli.ts';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';

const FOLDED = 'encode;x264_encoder_encode;x264_me_search 30\nencode;x264_encoder_encode;x264_pixel_satd 12\n';

const folder = temporaryFolder();
let lab: Lab;
let server: RunningServer;

beforeAll(async () => {
  lab = await openLab(join(folder, 'lab'));
  server = await startServer({ lab, port: 0 });
});

afterAll(async () => {
  await server.close();
  await lab.close();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${server.address}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${server.token}` } });

const upload = (body: string | Uint8Array<ArrayBuffer>, name = 'stacks.folded') =>
  ask(`/profiles?${new URLSearchParams({ name })}`, { method: 'POST', body });

test('a file that a page sends becomes a run, whose profile comes packed, the same again and again', async () => {
  const made = await upload(FOLDED, '../../etc/pass\u0000wd; rm -rf');
  expect(made.status).toBe(201);
  const { run } = (await made.json()) as { run: string };
  expect((await lab.catalogue.run(run))!.cell).toBe('pass-wd- rm -rf');
  const stored = (await readProfile(lab.recordingFolder(run)))!;
  for (let time = 0; time < 2; time++) {
    const answer = await ask(`/runs/${run}/profile`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-profile-origin-ns')).toBe(String(stored.header.startNs));
    expect(unpackProfile(await answer.bytes())).toStrictEqual(stored);
  }
  expect(((await (await upload(FOLDED)).json()) as { run: string }).run).toBe(run);
  expect(existsSync(join(lab.cacheFolder, 'uploads'))).toBe(false);
});

test('what is no profile is refused in words, and leaves nothing', async () => {
  const before = readdirSync(lab.recordingsFolder);
  for (const body of ['', Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff)]) {
    const answer = await upload(body);
    expect(answer.status).toBe(400);
    const { problems } = (await answer.json()) as { problems: { what: string }[] };
    expect(problems[0]!.what).toMatch(/empty|format|stacks/);
    expect(problems[0]!.what).not.toContain(folder);
  }
  expect(readdirSync(lab.recordingsFolder)).toEqual(before);
});

test('one file is taken in at a time', async () => {
  const answers = await Promise.all([upload(FOLDED), upload(FOLDED)]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400]);
  const refused = answers.find(({ status }) => status === 400)!;
  expect(await refused.text()).toContain('another profile is being imported');
});

test('nobody sends a profile without the token', async () => {
  const answer = await fetch(`${server.address}/api/v1/profiles`, { method: 'POST', body: FOLDED });
  expect(answer.status).toBe(403);
});

test('markers of a run come by their times, in seconds from its beginning; other messages are none', async () => {
  const record = sampleRun(lab);
  await lab.catalogue.startRun(record);
  const recorder = await startRecording(lab.recordingFolder(record.id), sampleRecording(record));
  recorder.addPhases([{ phase: 'encode', startUs: 5e6, endUs: 9e6, cpuS: null }]);
  recorder.addMessages([
    { timeUs: 7_500_000, source: 'ann', text: '!  it stutters ' },
    { timeUs: 6_000_000, source: 'operator', text: '!' },
    { timeUs: 6_500_000, source: 'ann', text: 'sharp! very' },
  ]);
  await recorder.finish('complete', { absent: [] });
  const end = { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics: {} } as const;
  await lab.catalogue.endRun(record.id, end);
  const { markers } = (await (await ask(`/runs/${record.id}/markers`)).json()) as { markers: unknown };
  expect(markers).toEqual([
    { timeS: 1, source: 'operator', text: '' },
    { timeS: 2.5, source: 'ann', text: 'it stutters' },
  ]);
  expect((await ask('/runs/nothing/markers')).status).toBe(404);
});

test('a run whose profile could not be had says why', async () => {
  const record = sampleRun(lab);
  await lab.catalogue.startRun(record);
  const recorder = await startRecording(lab.recordingFolder(record.id), sampleRecording(record));
  await recorder.finish('complete', { absent: ['gpu: there is none', 'profile: perf is not installed: sudo get it'] });
  const end = { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics: {} } as const;
  await lab.catalogue.endRun(record.id, end);
  const problems = [{ what: 'this run has no profile', todo: 'perf is not installed: sudo get it' }];
  for (const path of ['profile', 'profile.html'])
    expect(await (await ask(`/runs/${record.id}/${path}`)).json()).toMatchObject({ problems });
});

test('a run without a profile says how to get one, a run at work says when', async () => {
  const run = {
    id: newId(),
    kind: 'encode',
    benchmark: null,
    cell: 'plain',
    repeat: 1,
    settings: {},
    labels: [],
    sameKey: 'k',
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt: new Date().toISOString(),
    durationS: null,
    metrics: {},
    recording: null,
  } as const;
  expect((await ask(`/runs/${run.id}/profile`)).status).toBe(404);
  await lab.catalogue.startRun(run);
  const atWork = await ask(`/runs/${run.id}/profile`);
  expect([atWork.status, await atWork.text()]).toEqual([400, expect.stringContaining('at work still')]);
  await lab.catalogue.endRun(run.id, { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics: {} });
  const ended = await ask(`/runs/${run.id}/profile`);
  expect([ended.status, await ended.text()]).toEqual([404, expect.stringContaining('--profile takes one')]);
});
