// Tells the rows of an encode that has ended: its output is read, and what ffmpeg told beside it is joined to it.

import type { FrameBatch } from '#core/recording';
import type { EncodeJob } from '../encode-job.ts';
import { readOutputFrames, type OutputSummary } from '../output-frames.ts';
import type { EncodeSink, StartOptions } from '../running-encode.ts';
import type { EncodeLog } from './encode-log.ts';
import { stepsOfCalls, stepsOfStats } from './encode-steps.ts';
import type { FrameStats } from './frame-stats.ts';
import type { FullSchedule } from './schedule.ts';
import { movedQuantizers, readVideoStats } from './video-stats.ts';

/** Matroska's own ticks, a second. */
const MATROSKA_TICKS = 1_000;

export interface ToldBeside {
  readonly videoStatsPath: string;
  readonly log: EncodeLog;
  /** Null where that version does not tell it, or tells times of calls. */
  readonly frameStats: FrameStats | null;
}

export interface ToldOutput {
  readonly summary: OutputSummary;
  /** What could not be told of this encode, and why. */
  readonly absent: readonly string[];
}

export async function tellOutput(
  job: EncodeJob,
  sink: EncodeSink,
  schedule: FullSchedule,
  options: StartOptions,
  beside: ToldBeside,
): Promise<ToldOutput> {
  const { timeBase, variableFrameRate, frames, encoder } = job.parameters;
  const absent: string[] = [];
  // Finer ticks than Matroska keeps can't be told.
  const isKept = !variableFrameRate || timeBase.den <= MATROSKA_TICKS * timeBase.num;
  if (!isKept) absent.push(`pts: Matroska keeps milliseconds, and the source's ticks are finer`);
  const batches: FrameBatch[] = [];
  const summary = await readOutputFrames(
    job.output,
    {
      stream: options.stream,
      ...(isKept ? { timeBase } : {}),
      firstSourceFrame: schedule.sourceFrames === null ? (frames?.[0] ?? 0) : null,
      signal: options.signal,
    },
    (batch) => batches.push(batch),
  );
  const stats = await readVideoStats(beside.videoStatsPath, encoder);
  const told = stats?.packets === summary.frames ? stats : null;
  if (told === null && summary.frames > 0)
    absent.push(
      `quantizer: ${stats === null ? 'no statistics were written' : `statistics of ${stats.packets} packets do not fit ${summary.frames} frames`}`,
    );
  const quantizers = told === null ? null : movedQuantizers(told, encoder, summary.description);
  const order = new Int32Array(summary.frames);
  let row = 0;
  for (const batch of batches) {
    for (let i = 0; i < batch.frame.length; i++, row++) {
      order[row] = batch.frame[i]!;
      if (quantizers !== null) batch.quantizer[i] = quantizers[row]!;
      if (batch.type[i] === 0 && told !== null) batch.type[i] = told.type[row]!;
      if (schedule.sourceFrames !== null) batch.sourceFrame[i] = schedule.sourceFrames[batch.frame[i]!] ?? -1;
    }
    sink.frames(batch);
  }
  const steps =
    beside.frameStats === null
      ? stepsOfCalls(order, beside.log.encode, beside.log.flush)
      : stepsOfStats(order, beside.frameStats.in, beside.frameStats.out);
  if (steps !== null && order.length > 0)
    sink.steps({ stream: options.stream ?? 'video', role: options.role ?? 'guest', ...steps });
  else if (order.length > 0)
    absent.push(
      "encode.time: this encoder's calls can't be matched with its frames",
      "encode.delay: this encoder's calls can't be matched with its frames",
    );
  return { summary, absent };
}
