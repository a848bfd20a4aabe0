import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_TYPES, STEPS, type FrameBatch } from '#core/recording';
import { openLab, type Lab } from '#lab/lab';
import { startRecording, type Recorder } from '#recording/recorder';
import { QualityPages } from './quality-pages.ts';
import { RunPages } from './run-pages.ts';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';

let folder: string;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encodelab-run-pages-'));
  lab = await openLab(folder);
});

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

const all = { buckets: 100 };

async function addRun(record: (recorder: Recorder) => void): Promise<string> {
  const run = sampleRun(lab, { settings: { encoder: 'libx264' } });
  const { id } = run;
  await lab.catalogue.startRun(run);
  const recorder = await startRecording(lab.recordingFolder(id), sampleRecording(run));
  recorder.addPhases([{ phase: 'encode', startUs: 1_000_000, endUs: 2_000_000, cpuS: 1 }]);
  record(recorder);
  await recorder.finish('complete');
  await lab.catalogue.endRun(id, { outcome: 'ok', reason: null, interrupted: false, durationS: 1, metrics: {} });
  return id;
}

/** Frames of 25 a second, of `bytes`, `bytes` + 1 … */
function frames(stream: string, count: number, bytes: number): FrameBatch {
  const frame = Int32Array.from({ length: count }, (_, one) => one);
  return {
    stream,
    timeBase: [1, 25],
    frame,
    sourceFrame: frame,
    pts: Float64Array.from(frame),
    type: new Uint8Array(count).fill(FRAME_TYPES.indexOf('P')),
    key: new Uint8Array(count),
    bytes: frame.map((one) => bytes + one),
    quantizer: new Float32Array(count).fill(bytes / 100),
  };
}

/** Frame n of the stream goes in at `startUs` + n ms, and is worked on for `busyUs`. */
function addSteps(recorder: Recorder, stream: string, count: number, startUs: number, busyUs: number): void {
  const frame = Int32Array.from({ length: count }, (_, one) => one);
  recorder.addSteps({
    stream,
    role: 'worker',
    frame,
    step: new Uint8Array(count).fill(STEPS.indexOf('encode')),
    startUs: Float64Array.from(frame, (one) => startUs + one * 1000),
    durationUs: new Int32Array(count).fill(2 * busyUs),
    busyUs: new Int32Array(count).fill(busyUs),
    outcome: new Uint8Array(count),
  });
}

test('of several streams each has its own frames, times and scores; the tenth comes after the second', async () => {
  const id = await addRun((recorder) => {
    for (const [stream, count, bytes, startUs, busyUs] of [
      ['video 10', 1, 900, 1_900_000, 9000],
      ['video 2', 2, 500, 1_500_000, 5000],
      ['video', 3, 100, 1_100_000, 1000],
    ] as const) {
      recorder.addFrames(frames(stream, count, bytes));
      addSteps(recorder, stream, count, startUs, busyUs);
    }
    for (const [stream, value] of [
      ['video', 40],
      ['video 2', 20],
    ] as const)
      recorder.addQuality({
        stream,
        metric: 'psnr',
        frame: Int32Array.of(0, 1),
        sourceFrame: Int32Array.of(0, 1),
        value: Float64Array.of(value, value + 1),
      });
  });
  const pages = new RunPages(lab);
  expect((await pages.page(id))!.streams).toEqual(['video', 'video 2', 'video 10']);
  expect(await pages.frames(id, all)).toEqual({
    stream: 'video',
    axis: 'run',
    timeS: [0.1, 0.101, 0.102],
    frame: [0, 1, 2],
    ptsS: [0, 0.04, 0.08],
    type: [2, 2, 2],
    key: [0, 0, 0],
    bytes: [100, 101, 102],
    quantizer: [1, 1, 1],
    encodeBusyMs: [1, 1, 1],
    encodeDelayMs: [2, 2, 2],
    total: 3,
  });
  expect(await pages.frames(id, all, 'video 2')).toMatchObject({
    stream: 'video 2',
    timeS: [0.5, 0.501],
    bytes: [500, 501],
    quantizer: [5, 5],
    encodeBusyMs: [5, 5],
  });
  expect(await pages.frames(id, all, 'audio')).toBe(null);
  const quality = new QualityPages(lab, pages);
  expect(await quality.page(id)).toMatchObject({ stream: 'video', metrics: ['psnr'], axis: 'run' });
  expect(await quality.scores(id, 'psnr', all)).toMatchObject({ timeS: [0.1, 0.101], value: [40, 41], total: 2 });
});

test('frames that nobody timed stand at their time in the video, of which a part can be asked for', async () => {
  const id = await addRun((recorder) => recorder.addFrames(frames('video', 50, 100)));
  const pages = new RunPages(lab);
  const whole = (await pages.frames(id, all))!;
  expect([whole.axis, whole.total, whole.timeS[0], whole.timeS.at(-1)]).toEqual(['video', 50, 0, 1.96]);
  expect(whole.encodeBusyMs.every((one) => one === null)).toBe(true);
  const part = (await pages.frames(id, { ...all, from: 1, to: 1.1 }))!;
  // One beyond each end, so that lines go on past the edge.
  expect(part.frame).toEqual([24, 25, 26, 27, 28]);
});

test('a recording without frames has no stream, and empty columns', async () => {
  const id = await addRun(() => {});
  const pages = new RunPages(lab);
  expect((await pages.page(id))!.streams).toEqual([]);
  expect(await pages.frames(id, all)).toMatchObject({ timeS: [], total: 0 });
});

test('frames and series of machines with clocks of their own stand on one axis, that of the reference clock', async () => {
  const run = sampleRun(lab, { kind: 'stream' });
  await lab.catalogue.startRun(run);
  const agents = [
    { name: 'guest', role: 'guest', host: 'a' },
    { name: 'client', role: 'client', host: 'b' },
  ];
  const indicators = [{ name: 'cpu.busy', unit: 'core', description: '' }];
  const recorder = await startRecording(lab.recordingFolder(run.id), { ...sampleRecording(run), agents, indicators });
  recorder.addPhases([{ phase: 'stream', startUs: 1_000_000, endUs: 2_000_000, cpuS: null }]);
  recorder.addClocks([
    { agent: 'guest', timeUs: 0, offsetUs: 7_000_000, errorUs: 1 },
    { agent: 'client', timeUs: 0, offsetUs: -3_000_000, errorUs: 1 },
  ]);
  const captured = { ...frames('video', 2, 100), pts: Float64Array.of(8.2 * 25, 8.2 * 25 + 1) };
  recorder.addFrames(captured);
  addSteps(recorder, 'video', 2, 8_250_000, 1000);
  const one = Uint16Array.of(0);
  for (const [agent, timeUs] of [
    ['guest', 8_500_000],
    ['client', -1_500_000],
  ] as const)
    recorder.addSeries({ agent, indicator: one, timeUs: Float64Array.of(timeUs), value: Float64Array.of(1) });
  await recorder.finish('complete');
  const end = { outcome: 'ok' as const, reason: null, interrupted: false, durationS: 1, metrics: {} };
  await lab.catalogue.endRun(run.id, end);

  const pages = new RunPages(lab);
  expect(await pages.frames(run.id, all)).toMatchObject({
    axis: 'run',
    timeS: [0.25, 0.251],
    // Captured at 8.2 s of the sender's own clock.
    ptsS: [0.2, 0.24],
    encodeBusyMs: [1, 1],
  });
  expect(await pages.series(run.id, all)).toMatchObject([
    { agent: 'guest', timeS: [0.5] },
    { agent: 'client', timeS: [0.5] },
  ]);
});
