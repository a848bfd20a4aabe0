// Shapes that nobody measured, for tests and benches of what keeps them; and recordings that hold them.

import { join } from 'node:path';
import { WHOLE, type ShapeRow } from '#core/shape';
import { ROLLING, type Lab } from '#lab/lab';
import { startRecording } from '#recording/recorder';
import { newId } from '#system/clock';
import { sampleRecording } from './sample-run.ts';

const SIZES = [
  [640, 360],
  [1280, 720],
  [1920, 1080],
] as const;
const CODECS = [
  ['h264', 'libx264'],
  ['vp9', 'libvpx-vp9'],
  ['av1', 'libsvtav1'],
] as const;
const PHASES = ['open', 'encode', 'flush', 'mux', 'check', 'keep', 'plan', WHOLE];

/** An encode of 100 frames of 1080p by libx264 with two threads, that took 10 s. */
export function sampleShape(change: Partial<ShapeRow> = {}): ShapeRow {
  return {
    id: 'shape',
    title: 'title',
    item: 'encode/00000',
    source: 'source',
    phase: WHOLE,
    endedAt: 0,
    outcome: 'ok',
    kind: 'encode',
    codec: 'h264',
    encoder: 'libx264',
    engine: 'bundled',
    preset: 'medium',
    rateControl: 'crf',
    rateValue: 23,
    width: 1920,
    height: 1080,
    outputs: 1,
    outputPixels: 1920 * 1080,
    sourcePixels: 1920 * 1080,
    frameRate: 25,
    frames: 100,
    bitDepth: 8,
    passes: 1,
    spatial: null,
    temporal: null,
    sourceFrameBytes: null,
    threads: 2,
    machine: 'cpu × 2',
    durationS: 10,
    cpuS: 18,
    cpuPeak: 2,
    memoryPeak: 4e8,
    diskRead: 0,
    diskWritten: 1e6,
    network: 0,
    ...change,
  };
}

/** @returns all phases of the n-th piece, 8 rows */
export function samplePiece(n: number, fields: Partial<ShapeRow> = {}): ShapeRow[] {
  const [width, height] = SIZES[n % 3]!;
  const [codec, encoder] = CODECS[Math.floor(n / 3) % 3]!;
  const cpuS = 4 + (n % 97) / 10;
  const id = newId();
  const endedAt = Date.now();
  const known = {
    id,
    codec,
    encoder,
    width,
    height,
    outputPixels: width * height,
    title: '01a1feb1-e0e0-74c8-a74c-ebc5d3efc187',
    source: 'ab'.repeat(32),
    machine: 'test, 2 cores',
    network: null,
    item: `encode/${String(n).padStart(5, '0')}/v1-${codec}-${height}`,
    frameRate: 24,
    frames: 96,
    threads: 1,
    rateValue: 20 + (n % 20),
    spatial: 10 + (n % 31),
    temporal: 2 + (n % 17),
    sourceFrameBytes: 20_000 + (n % 1_009),
    durationS: cpuS * 1.1,
    cpuPeak: 1,
    memoryPeak: 1e8 + n,
    diskRead: n,
    diskWritten: 2 * n,
  };
  return PHASES.map((phase, i) =>
    sampleShape({ ...known, phase, endedAt: endedAt + i, cpuS: phase === WHOLE ? cpuS : cpuS / 7, ...fields }),
  );
}

/** A finished recording of a worker with these rows; @returns its folder */
export async function recordShapes(lab: Pick<Lab, 'path'>, rows: readonly ShapeRow[]): Promise<string> {
  const run = newId();
  const recorder = await startRecording(
    join(lab.path, ROLLING, run),
    sampleRecording({ id: run, kind: 'encode', settings: {} }),
    // A bench adds more at once than a worker ever does.
    { maxWaitingRows: Infinity },
  );
  recorder.addShapes(rows);
  await recorder.finish('complete');
  return recorder.folder;
}
