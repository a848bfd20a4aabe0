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

/** @returns all phases of the n-th piece, 8 rows */
export function samplePiece(n: number, fields: Partial<ShapeRow> = {}): ShapeRow[] {
  const [width, height] = SIZES[n % 3]!;
  const [codec, encoder] = CODECS[Math.floor(n / 3) % 3]!;
  const cpuS = 4 + (n % 97) / 10;
  const id = newId();
  const endedAt = Date.now();
  return PHASES.map((phase, i) => ({
    id,
    title: '01a1feb1-e0e0-74c8-a74c-ebc5d3efc187',
    item: `encode/${String(n).padStart(5, '0')}/v1-${codec}-${height}`,
    source: 'ab'.repeat(32),
    phase,
    endedAt: endedAt + i,
    outcome: 'ok',
    kind: 'encode',
    codec,
    encoder,
    engine: 'bundled',
    preset: 'medium',
    rateControl: 'crf',
    rateValue: 20 + (n % 20),
    width,
    height,
    outputs: 1,
    outputPixels: width * height,
    sourcePixels: 1920 * 1080,
    frameRate: 24,
    frames: 96,
    bitDepth: 8,
    passes: 1,
    spatial: 10 + (n % 31),
    temporal: 2 + (n % 17),
    sourceFrameBytes: 20_000 + (n % 1_009),
    threads: 1,
    machine: 'test, 2 cores',
    durationS: cpuS * 1.1,
    cpuS: phase === WHOLE ? cpuS : cpuS / 7,
    cpuPeak: 1,
    memoryPeak: 1e8 + n,
    diskRead: n,
    diskWritten: 2 * n,
    network: null,
    ...fields,
  }));
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
