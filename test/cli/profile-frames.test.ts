// Frames of a run by the seconds in which they were encoded: the command line and the page mean the same ones.

import { rmSync } from 'node:fs';
import { afterAll, expect, test, vi } from 'vitest';
import { STEPS } from '#core/recording';
import { openLab } from '#lab/lab';
import { diagnosisFrames } from '#profile/diagnosis/frames';
import { usualWay } from '#profile/frame-times';
import { ProfileBuilder } from '#profile/profile-builder';
import { startRecording } from '#recording/recorder';
import { RunPages } from '#server/run-pages';
import { temporaryFolder } from './run-cli.ts';
import { sampleRecording, sampleRun } from '../lab/sample-run.ts';
import { chosenOf, frameTimes, namedPhases } from '../../src/web/profile/profile-chosen.ts';
import { chosenSelection, profileContext } from '#cli/profile-selection';

/** Where second 0 of the run is on the profile's clock: a machine that runs for hours. */
const ZERO_S = 12_792;
const FRAMES = 50;

const folder = temporaryFolder();
const lab = await openLab(folder);
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

/** A run of two seconds; frame n goes in n * 40 ms after its beginning, and takes 20 ms. */
async function addRun() {
  const run = sampleRun(lab);
  await lab.catalogue.startRun(run);
  const recorder = await startRecording(lab.recordingFolder(run.id), sampleRecording(run));
  recorder.addPhases([{ phase: 'encode', startUs: ZERO_S * 1e6, endUs: (ZERO_S + 2) * 1e6, cpuS: 1 }]);
  const frame = Int32Array.from({ length: FRAMES }, (_, one) => one);
  recorder.addFrames({
    stream: 'video',
    timeBase: [1, 25],
    frame,
    sourceFrame: frame,
    pts: Float64Array.from(frame),
    type: new Uint8Array(FRAMES),
    key: Uint8Array.from(frame, (one) => (one === 0 ? 1 : 0)),
    bytes: frame,
    quantizer: new Float32Array(FRAMES),
  });
  recorder.addSteps({
    stream: 'video',
    role: 'worker',
    frame,
    step: new Uint8Array(FRAMES).fill(STEPS.indexOf('encode')),
    startUs: Float64Array.from(frame, (one) => ZERO_S * 1e6 + one * 40_000),
    durationUs: new Int32Array(FRAMES).fill(20_000),
    busyUs: new Int32Array(FRAMES).fill(10_000),
    outcome: new Uint8Array(FRAMES),
  });
  await recorder.finish('complete');
  await lab.catalogue.endRun(run.id, { outcome: 'ok', reason: null, interrupted: false, durationS: 2, metrics: {} });
  return run.id;
}

function madeProfile() {
  const builder = new ProfileBuilder();
  builder.addSample((ZERO_S + 1) * 1e9, 0, builder.addThread(1, 1, 'enc', 'enc'), -1);
  const [startNs, endNs] = [(ZERO_S - 0.002) * 1e9, (ZERO_S + 2) * 1e9];
  return builder.finish({
    tool: 'made',
    file: null,
    clock: 'monotonic',
    startNs,
    endNs,
    frequencyHz: 999,
    weightUnit: 'ns',
    sampleNs: 1e6,
    cpus: [0],
    scope: 'system',
    stacks: 'none',
    lost: 0,
    throttled: null,
    overheadCpuS: null,
    absent: [],
    quality: [],
  });
}

test('frames are chosen by seconds of the run, the same ones as on its page', async () => {
  const id = await addRun();
  const profile = madeProfile();
  const context = await profileContext(lab.recordingFolder(id), profile);
  const pages = new RunPages(lab);
  const originNs = (await pages.originUs(id)) * 1e3;
  const frames = frameTimes(await pages.frames(id, { buckets: 1000 }))!;
  const phases = namedPhases((await pages.page(id))!.phases, originNs);
  const page = { profile, originNs, phases, frames, way: usualWay(frames), findings: null, own: null };

  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  for (const [choice, count] of [
    ['around:1/0.09', 5],
    ['around:1.99/0.02', 1],
    ['keyframes', 1],
    ['slowest:10%', 5],
    ['frames:3-9', 7],
  ] as const) {
    const { rangesNs } = chosenSelection(profile, context, { frames: choice });
    const shown = chosenOf(page, `frames=${choice}`, null);
    expect([choice, shown.problem, shown.frames?.frames]).toEqual([choice, null, count]);
    expect(printed.mock.lastCall![0]).toMatch(new RegExp(`^${count} frame`));
    expect([...rangesNs!].map(Math.round)).toEqual([...shown.selection.rangesNs!].map(Math.round));
  }
  printed.mockRestore();
  expect(() => chosenSelection(profile, context, { frames: `around:${ZERO_S + 1}/0.1` })).toThrow(
    'the run has no frames',
  );
  expect(() => chosenSelection(profile, context, { frames: 'around:9/0.1' })).toThrow('the run has no frames');
  const { startNs } = diagnosisFrames(context.frames!, context.zeroNs);
  expect([startNs[0], startNs.at(-1)].map((ns) => (ns! / 1e9 - ZERO_S).toFixed(3))).toEqual(['0.000', '1.960']);
});
