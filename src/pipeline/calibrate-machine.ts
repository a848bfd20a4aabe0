// Half a minute in which a machine is measured before it has any work of its own: each encoder of the usual ones, by threads.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncoderInfo } from '#core/encoder';
import { BUNDLED_ENGINE } from '#core/engine';
import { calibrate, type Calibration, type CalibrationPiece, type CalibrationUse } from '#farm/predict/calibration';
import { writeCalibration } from '#farm/predict/calibration-file';
import type { Lab } from '#lab/lab';
import { readEnvironment } from '#measure/environment';
import { createRunGroup } from '#measure/run-group';
import type { EncodeParameters } from '#media/encode-job';
import { engineOf } from '#media/engine';
import { smallEncode } from '#media/small-encode';
import { withThreads } from '#media/thread-settings';
import { machineName } from '#run/work-features';
import { newId } from '#system/clock';
import { ownMachine } from './machine.ts';

/** As ladders use them, in the bundled engine. */
const USUAL = [
  { codec: 'h264', encoder: 'libx264', preset: 'medium', options: { preset: 'medium', crf: '23' } },
  { codec: 'hevc', encoder: 'libx265', preset: 'medium', options: { preset: 'medium', crf: '28' } },
  {
    codec: 'vp9',
    encoder: 'libvpx-vp9',
    preset: '3',
    options: { 'cpu-used': '3', deadline: 'good', crf: '36', b: '0' },
  },
  { codec: 'av1', encoder: 'libsvtav1', preset: '8', options: { preset: '8', crf: '38' } },
] as const;

/** Moving edges and some noise: pictures that keep an encoder busy as film does. */
const PICTURES = 'noise=alls=8:allf=t';

/**
 * Measures the encoders of this machine one after the other, and keeps what was found in the lab.
 * @throws UserError where the lab can't be written
 */
export async function calibrateMachine(
  lab: Lab,
  { signal, version }: { readonly signal: AbortSignal; readonly version: string },
): Promise<Calibration> {
  const environment = await readEnvironment({ encodelab: version, node: process.versions.node });
  const folder = await mkdtemp(join(tmpdir(), 'encodelab-calibrate-'));
  const { cores } = ownMachine({});
  const widths: number[] = [];
  for (let threads = 1; threads <= cores; threads *= 2) widths.push(threads);
  try {
    // Beforehand: what is in the build takes longer to find out than a piece to encode.
    const only = USUAL.map(({ encoder }) => encoder);
    const known = await engineOf(BUNDLED_ENGINE).discover({ only, cacheFolder: lab.cacheFolder, signal });
    const calibration = await calibrate({
      encoders: USUAL.flatMap(({ codec, encoder, preset }) =>
        widths.map((threads) => ({ engine: BUNDLED_ENGINE, codec, encoder, preset, threads })),
      ),
      machine: machineName(environment),
      now: Date.now,
      signal,
      encode: (piece, ends) => encode(piece, known, join(folder, 'piece.mkv'), ends),
    });
    await writeCalibration(lab.path, calibration);
    return calibration;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As encodes of titles have it: FFmpeg's count of threads alone would leave SVT-AV1 and x265 every core. */
export function pieceParameters(
  info: EncoderInfo,
  { threads, width, height, frames }: CalibrationPiece,
): EncodeParameters {
  const { options } = USUAL.find(({ encoder }) => encoder === info.name)!;
  return smallEncode(info, {
    width,
    height,
    threads,
    frames: [0, frames - 1],
    expectedFrames: frames,
    options: withThreads(info.name, threads, options),
  });
}

/** @throws Error where it did not end well */
async function encode(
  piece: CalibrationPiece,
  known: readonly EncoderInfo[],
  output: string,
  signal: AbortSignal,
): Promise<CalibrationUse> {
  const info = known.find(({ name }) => name === piece.encoder);
  if (info === undefined) throw new Error('this build has no such encoder');
  const group = await createRunGroup(newId());
  try {
    const parameters = pieceParameters(info, piece);
    const sink = { frames: ignore, steps: ignore, phase: ignore, progress: ignore };
    const source = `lavfi:testsrc2=s=${piece.width}x${piece.height}:r=25,${PICTURES}`;
    const running = engineOf(BUNDLED_ENGINE).start({ parameters, source, output }, sink, {
      signal,
      enter: group.enter.bind(group),
    });
    const pid = await running.ready;
    const began = performance.now();
    if (pid !== null) {
      group.add(pid, 'entered');
      running.begin();
    }
    const { outcome, reason } = await running.result;
    const durationS = (performance.now() - began) / 1000;
    signal.throwIfAborted();
    if (outcome !== 'ok') throw new Error(reason ?? outcome);
    const { cpuS, memoryPeak } = group.read();
    return { durationS, cpuS, memoryPeak };
  } finally {
    await group.remove();
  }
}

function ignore(): void {}
