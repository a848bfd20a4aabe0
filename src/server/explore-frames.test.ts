import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLab } from '#lab/lab';
import { readDataset } from '#lab/read-dataset';
import { startRecording } from '#recording/recorder';
import { sampleRecording, sampleRun } from '../../test/lab/sample-run.ts';
import { readSomeFrames } from './explore-frames.ts';
import { labFindings } from './explore-findings.ts';

const folder = mkdtempSync(join(tmpdir(), 'encodelab-frames-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FRAMES = 1_500;

test('keyframes that take more and more time are read from a recording, and found', async () => {
  const lab = await openLab(join(folder, 'lab'));
  const run = sampleRun(lab, { settings: { encoder: 'libx264' } });
  await lab.catalogue.startRun(run);
  const recorder = await startRecording(lab.recordingFolder(run.id), sampleRecording(run));
  const frame = Int32Array.from({ length: FRAMES }, (_, i) => i);
  const isKey = (i: number) => i % 25 === 0;
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, 25],
    frame,
    sourceFrame: frame,
    pts: Float64Array.from(frame),
    type: Uint8Array.from(frame, (i) => (isKey(i) ? 1 : 2)),
    key: Uint8Array.from(frame, (i) => (isKey(i) ? 1 : 0)),
    bytes: frame.map((i) => 1_000 + ((i * 7919) % 97)),
    quantizer: new Float32Array(FRAMES).fill(20),
  });
  recorder.addSteps({
    stream: 'video',
    role: 'guest',
    frame,
    step: new Uint8Array(FRAMES).fill(4),
    startUs: Float64Array.from(frame, (i) => i * 40_000),
    durationUs: frame.map(() => 30_000),
    busyUs: frame.map((i) => (isKey(i) ? 10_000 + 10 * i : 5_000) + ((i * 7919) % 997)),
    outcome: new Uint8Array(FRAMES),
  });
  await recorder.finish('complete');
  const frames = { value: FRAMES, unit: 'frame', better: null };
  const end = { outcome: 'ok', reason: null, interrupted: false, durationS: 60, metrics: { frames } } as const;
  await lab.catalogue.endRun(run.id, end);

  // A run whose recording is gone is no trouble to the others.
  const lost = sampleRun(lab);
  await lab.catalogue.startRun(lost);
  await lab.catalogue.endRun(lost.id, end);

  const { dataset } = await readDataset(lab, []);
  const { columns, notes } = await readSomeFrames(lab, dataset);
  expect(notes).toEqual(['the frames of one run could not be read']);
  expect(columns.map(({ what, values }) => [what, values.length])).toEqual([
    ['encode time of keyframes', 60],
    ['encode time of other frames', 1_440],
    ['size of keyframes', 60],
    ['size of other frames', 1_440],
  ]);
  expect(columns[0]!.values[0]).toBeCloseTo(10, 0);
  const { findings } = await labFindings(lab, []);
  expect(findings.map(({ id, runs }) => [id, runs])).toEqual([['drift:encode time of keyframes:up', [run.id]]]);
  expect(findings[0]!.title).toMatch(/^encode time of keyframes grows within the run: \+7\d % over 59 s$/);

  // Runs of a table have no frames: they are neither looked at in the place of those that have, nor counted among them.
  for (let i = 0; i < 60; i++) {
    const fromTable = sampleRun(lab, { startedAt: '2020-01-01T12:00:00.000Z', recording: null, settings: { crf: i } });
    await lab.catalogue.startRun(fromTable);
    await lab.catalogue.endRun(fromTable.id, { ...end, metrics: {} });
  }
  const more = await readSomeFrames(lab, (await readDataset(lab, [])).dataset);
  expect(more.columns).toHaveLength(4);
  expect(more.notes).toEqual(notes);
  await lab.close();
}, 30_000);
