import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_TYPES, STEPS } from '#core/recording';
import { openLab, type Lab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import type { QualityColumns, QualityPage } from './quality-wire.ts';
import { startServer, type RunningServer } from './start-server.ts';
import { readServerToken } from './tokens.ts';
import { MAX_POINTS } from './thin-out.ts';
import { newId } from '#system/clock';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';

const FFMPEG = '/usr/bin/ffmpeg';
const hasFfmpeg = existsSync(FFMPEG);

let folder: string;
let lab: Lab;
let server: RunningServer;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-quality-api-'));
  lab = await openLab(folder);
  server = await startServer({ lab, port: 0 });
  token = await readServerToken(lab.path);
});

afterAll(async () => {
  await server.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

interface Wanted {
  readonly values: readonly number[];
  readonly pictured?: readonly number[];
  readonly encodeTimes?: boolean;
}

/** A run whose frame n went into the encoder at 1 s + n × 10 ms, and has 25 frames a second. */
async function addRun({ values, pictured = [], encodeTimes = true }: Wanted): Promise<string> {
  const run = sampleRun(lab, { settings: { encoder: 'libx264' } });
  const { id } = run;
  await lab.catalogue.startRun(run);
  const recorder = await startRecording(lab.recordingFolder(id), sampleRecording(run));
  const frame = Int32Array.from(values.keys());
  const count = values.length;
  recorder.addPhases([{ phase: 'encode', startUs: 1_000_000, endUs: 1_000_000 + count * 10_000, cpuS: 1 }]);
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, 25],
    frame,
    sourceFrame: frame,
    pts: Float64Array.from(frame),
    type: new Uint8Array(count).fill(FRAME_TYPES.indexOf('P')),
    key: new Uint8Array(count),
    bytes: Int32Array.from(frame, (one) => 1000 + one),
    quantizer: new Float32Array(count).fill(30),
  });
  if (encodeTimes)
    recorder.addSteps({
      stream: 'video',
      role: 'worker',
      frame,
      step: new Uint8Array(count).fill(STEPS.indexOf('encode')),
      startUs: Float64Array.from(frame, (one) => 1_500_000 + one * 10_000),
      durationUs: new Int32Array(count).fill(1000),
      busyUs: new Int32Array(count).fill(1000),
      outcome: new Uint8Array(count),
    });
  for (const metric of ['ssim', 'psnr', 'psnr.y'])
    recorder.addQuality({
      stream: 'video',
      metric,
      frame,
      sourceFrame: frame,
      value: Float64Array.from(metric === 'psnr' ? values : values.map(() => 0.5)),
    });
  const none = { count: 0, first: [] };
  await recorder.finish('complete', {
    quality: {
      scores: [{ metric: 'psnr', model: null, implementation: 'psnr of a test', frames: count }],
      match: {
        width: 64,
        height: 48,
        pixelFormat: 'yuv420p',
        compared: count,
        dropped: none,
        doubled: none,
        missing: none,
        surplus: none,
      },
      pictures: pictured.map((one) => ({
        frame: one,
        sourceFrame: one,
        metric: 'psnr',
        value: values[one]!,
        source: `pictures/${one}-source.png`,
        output: `pictures/${one}-output.png`,
      })),
    },
  });
  await lab.catalogue.endRun(id, { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics: {} });
  return id;
}

const ask = (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  fetch(`${server.address}/api/v1/${path}`, { headers });

test('the scores of a run: whole pictures before planes, the worst frames with their type, size and time', async () => {
  const id = await addRun({ values: [40, 25, 38], pictured: [1] });
  const page = (await (await ask(`runs/${id}/quality`)).json()) as QualityPage;
  expect(page.metrics).toEqual(['psnr', 'psnr.y', 'ssim']);
  expect(page.axis).toBe('run');
  expect(page.worst).toMatchObject([
    { frame: 1, value: 25, timeS: 0.51, ptsS: 0.04, type: FRAME_TYPES.indexOf('P'), key: false, bytes: 1001 },
  ]);
});

test('a score without bound is told as identical, never as a number or as absent', async () => {
  const id = await addRun({ values: [40, Infinity, 38] });
  const scores = (await (await ask(`runs/${id}/quality/psnr`)).json()) as QualityColumns;
  expect(scores).toMatchObject({
    metric: 'psnr',
    timeS: [0.5, 0.51, 0.52],
    frame: [0, 1, 2],
    value: [40, null, 38],
    identical: [0, 1, 0],
    total: 3,
  });
});

test('where it is not known when frames were encoded, they stand where the video shows them', async () => {
  const id = await addRun({ values: [40, 25, 38], pictured: [2], encodeTimes: false });
  const page = (await (await ask(`runs/${id}/quality`)).json()) as QualityPage;
  const scores = (await (await ask(`runs/${id}/quality/psnr`)).json()) as QualityColumns;
  expect([page.axis, page.worst[0]!.timeS, scores.axis]).toEqual(['video', 0.08, 'video']);
  expect(scores.timeS).toEqual([0, 0.04, 0.08]);
});

test('a long run is thinned out by its extremes, and no frame with a picture is lost', async () => {
  const count = MAX_POINTS + 5_000;
  const values = Array.from({ length: count }, (_, frame) => 40 + (frame % 7) / 10);
  values[12_345] = 11;
  const id = await addRun({ values, pictured: [12_345, 20_001] });
  const scores = (await (await ask(`runs/${id}/quality/psnr?buckets=100`)).json()) as QualityColumns;
  expect(scores.total).toBe(count);
  expect(scores.frame.length).toBeLessThan(300);
  expect(scores.frame).toContain(20_001);
  expect(Math.min(...scores.value.map((one) => one ?? Infinity))).toBe(11);
  const closer = (await (await ask(`runs/${id}/quality/psnr?from=1&to=2`)).json()) as QualityColumns;
  expect(closer.frame.length).toBe(closer.total);
  expect(closer.total).toBeLessThan(110);
});

test('what a run has not is a clear answer', async () => {
  const id = await addRun({ values: [40] });
  expect((await ask(`runs/${id}/quality/vmaf`)).status).toBe(404);
  expect((await ask(`runs/${newId()}/quality`)).status).toBe(404);
});

test.skipIf(!hasFfmpeg)(
  `a picture is an image that may be kept for ever, and only for who is signed in (wants ${FFMPEG})`,
  async () => {
    const id = await addRun({ values: [40, 25], pictured: [1] });
    const pictures = join(lab.recordingFolder(id), 'pictures');
    await mkdir(pictures);
    execFileSync(FFMPEG, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=64x48',
      '-frames:v',
      '1',
      join(pictures, '1-output.png'),
    ]);
    const answer = await ask(`runs/${id}/pictures/1-output.png`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(bytes.length).toBe(Number(answer.headers.get('content-length')));
    expect(String.fromCharCode(...bytes.slice(1, 4))).toBe('PNG');
    expect((await ask(`runs/${id}/pictures/1-output.png`, {})).status).toBe(401);
    expect((await ask(`runs/${id}/pictures/1-output.png`, { authorization: 'Bearer wrong' })).status).toBe(401);
  },
);

test('no other file of a recording or of the machine goes by the name of a picture', async () => {
  const id = await addRun({ values: [40] });
  const recording = lab.recordingFolder(id);
  const pictures = join(recording, 'pictures');
  await mkdir(join(pictures, '3-output.png'), { recursive: true });
  await writeFile(join(pictures, 'secret.png'), 'x');
  await writeFile(join(recording, '1-source.png'), 'x');
  await symlink(join(recording, 'recording.json'), join(pictures, '2-source.png'));
  for (const name of [
    'secret.png',
    '1-source.png',
    '2-source.png',
    '3-output.png',
    '../recording.json',
    '..%2Frecording.json',
    '..%2F1-source.png',
    '%2e%2e%2frecording.json',
    '1-source.png%00',
    '1-source.png%2F..%2F..%2Frecording.json',
    '-1-source.png',
    '1-other.png',
    '1-source.PNG',
    '12345678901-source.png',
  ]) {
    const answer = await ask(`runs/${id}/pictures/${name}`);
    expect([name, answer.status]).toEqual([name, 404]);
    expect(await answer.text()).not.toContain('"version"');
  }
  expect((await ask('runs/..%2F..%2Fetc/pictures/1-source.png')).status).toBe(404);
});

test('the table is exported with all of its metrics', async () => {
  const id = await addRun({ values: [40, Infinity] });
  const csv = await (await ask(`runs/${id}/export/quality.csv`)).text();
  expect(csv.trim().split('\n')).toEqual([
    'run,stream,frame,source_frame,metric,value',
    `${id},video,0,0,psnr,40.0`,
    `${id},video,1,1,psnr,inf`,
    `${id},video,0,0,psnr.y,0.5`,
    `${id},video,1,1,psnr.y,0.5`,
    `${id},video,0,0,ssim,0.5`,
    `${id},video,1,1,ssim,0.5`,
  ]);
  const json = JSON.parse(await (await ask(`runs/${id}/export/quality.json`)).text()) as { value: unknown }[];
  expect(json.map(({ value }) => value)).toEqual([40, 'Infinity', 0.5, 0.5, 0.5, 0.5]);
  const parquet = await (await ask(`runs/${id}/export/quality.parquet`)).arrayBuffer();
  expect(new TextDecoder('latin1').decode(parquet.slice(0, 4))).toBe('PAR1');
});
