// Which source frame each output frame shows, told before the encode: the same arithmetic as the bundled engine's pacer.

import type { FrameBatch } from '#core/recording';
import type { Fraction } from '#core/source';
import { FramePacer } from '../bundled/frame-pacer.ts';
import type { EncodeJob, EncodeParameters } from '../encode-job.ts';
import { readOutputFrames } from '../output-frames.ts';
import { lavfiGraph } from '../source-path.ts';
import type { Schedule } from './command-line.ts';
import { convertsRate } from './picture-filters.ts';

/** Longer sources (hundreds of hours) are not scheduled. */
const MAX_FRAMES = 50_000_000;
/** Times that the last frame is shown at most where nothing is known of it: one second at the highest rates. */
const UNKNOWN_LAST = 1_000;

export interface FullSchedule extends Schedule {
  /** Number of the source frame by number of the output frame; null where every frame shows the next one, or it is not known. */
  readonly sourceFrames: Int32Array | null;
}

/** Reads the times of a source of a variable rate that is to get a constant one; all else is arithmetic. */
export async function scheduleOf(job: EncodeJob, signal: AbortSignal | undefined): Promise<FullSchedule> {
  const { parameters } = job;
  if (!convertsRate(parameters)) return { frames: parameters.expectedFrames, lastShown: 0, sourceFrames: null };
  const { sourceRate, sourceFrames } = parameters;
  const [first, last] = parameters.frames ?? [0, (sourceFrames ?? 0) - 1];
  if (sourceRate !== null && last >= first && last - first < MAX_FRAMES)
    return paced(parameters, { num: sourceRate.den, den: sourceRate.num }, sourceRate, first, last, (n) => n, 1);
  const times = sourceRate === null && lavfiGraph(job.source) === null ? await timesOf(job.source, signal) : null;
  if (times === null) return { frames: null, lastShown: UNKNOWN_LAST, sourceFrames: null };
  const end = Math.min(parameters.frames?.[1] ?? Infinity, times.count - 1);
  // A pause behind the last frame that is wanted does not belong to it.
  const gap = end === times.count - 1 ? Infinity : times.ticks[end + 1]! - times.ticks[end]!;
  const lasts = Math.min(gap, times.lastTicks);
  const average = { num: Math.max(1, Math.round((times.count / times.seconds) * 1000)) || 1, den: 1000 };
  return paced(parameters, times.timeBase, average, first, end, (n) => times.ticks[n]!, lasts);
}

function paced(
  { frameRate }: EncodeParameters,
  timeBase: Fraction,
  sourceRate: Fraction,
  first: number,
  last: number,
  ticksOf: (frame: number) => number,
  lastTicks: number,
): FullSchedule {
  const pacer = new FramePacer(timeBase, frameRate, sourceRate);
  const shown = new Int32Array(last - first + 1);
  pacer.next(ticksOf(first));
  for (let frame = first + 1; frame <= last; frame++) shown[frame - 1 - first] = pacer.next(ticksOf(frame));
  const lastShown = (shown[last - first] = pacer.end(lastTicks));
  const frames = shown.reduce((sum, count) => sum + count, 0);
  const sourceFrames = new Int32Array(frames);
  for (let frame = first, at = 0; frame <= last; frame++) {
    sourceFrames.fill(frame, at, at + shown[frame - first]!);
    at += shown[frame - first]!;
  }
  return { frames, lastShown, sourceFrames };
}

interface SourceTimes {
  readonly count: number;
  readonly timeBase: Fraction;
  /** By number in the order of presentation. */
  readonly ticks: Float64Array;
  readonly lastTicks: number;
  readonly seconds: number;
}

async function timesOf(path: string, signal: AbortSignal | undefined): Promise<SourceTimes | null> {
  const batches: FrameBatch[] = [];
  const summary = await readOutputFrames(path, { signal }, (batch) => batches.push(batch));
  const first = batches[0];
  if (first === undefined || !summary.timed || summary.problem !== null || summary.frames > MAX_FRAMES) return null;
  const ticks = new Float64Array(summary.frames);
  for (const batch of batches) for (let i = 0; i < batch.frame.length; i++) ticks[batch.frame[i]!] = batch.pts[i]!;
  const [num, den] = first.timeBase;
  const lastTicks = Math.round((summary.duration * den) / num) - ticks.at(-1)!;
  return { count: summary.frames, timeBase: { num, den }, ticks, lastTicks, seconds: summary.duration };
}
