// How an encode by the user's ffmpeg ended, in words. An exit status of 0 alone is not believed.

import type { ChildResult } from '#system/child-process';
import { shortLogTail } from '../bundled/log-tail.ts';
import type { EncodeJob } from '../encode-job.ts';
import { describedOptions } from '../encoder-text.ts';
import type { EncodeResult } from '../running-encode.ts';
import { errorsIn, readableLog } from './encode-log.ts';
import type { Schedule } from './command-line.ts';
import type { ToldOutput } from './tell-output.ts';

export type Stop = 'timeout' | 'killed' | 'not ready';

export interface EndedEncode {
  readonly end: ChildResult;
  readonly stopped: Stop | null;
  /** Of standard error, without the times of calls. */
  readonly log: string;
  /** As ffmpeg told them while it ran. */
  readonly frames: number;
  readonly timeoutMs: number;
  readonly schedule: Schedule;
  /** Null where the output was not read. */
  readonly told: ToldOutput | null;
  readonly build: string;
  readonly absent: readonly string[];
}

export function encodeResult(job: EncodeJob, ended: EndedEncode): EncodeResult {
  const { told, log } = ended;
  const failure = failureOf(job, ended);
  return {
    outcome: failure === null ? 'ok' : failure.outcome,
    reason: failure?.reason ?? null,
    unwritable: failure !== null && failure.outcome === 'failed' && isUnwritable(job, log),
    logTail: shortLogTail(readableLog(log)),
    frames: told?.summary.frames ?? ended.frames,
    bytes: told?.summary.bytes ?? 0,
    actual: actualSettings(job, told?.summary.description ?? null),
    encoderBuild: ended.build,
    absent: ended.absent,
  };
}

type Failure = { readonly outcome: Exclude<EncodeResult['outcome'], 'ok'>; readonly reason: string };

function failureOf(job: EncodeJob, ended: EndedEncode): Failure | null {
  const { end, stopped, told, frames } = ended;
  const where = frames > 0 ? ` after ${told?.summary.frames ?? frames} frames` : '';
  if (stopped === 'timeout')
    return { outcome: 'timeout', reason: `it took longer than ${ended.timeoutMs / 1000} s and was killed${where}` };
  if (stopped === 'killed') return { outcome: 'killed', reason: `it was told to stop${where}` };
  if (stopped === 'not ready') return { outcome: 'failed', reason: 'the engine did not start in time' };
  if (end.end === 'not-started')
    return { outcome: 'failed', reason: `ffmpeg can't be started: ${end.cause?.message ?? 'no reason is known'}` };
  if (end.signal === 'SIGKILL' || end.signal === 'SIGTERM')
    return { outcome: 'killed', reason: `somebody else killed it with ${end.signal}${where} (out of memory?)` };
  if (end.signal !== null) return { outcome: 'failed', reason: `ffmpeg crashed with ${end.signal}${where}` };
  const errors = errorsIn(ended.log).join('; ');
  if (end.code !== 0)
    return { outcome: 'failed', reason: errors === '' ? `ffmpeg ended with status ${end.code}${where}` : errors };
  const wrong = wrongOutput(job, ended);
  return wrong === null ? null : { outcome: 'failed', reason: errors === '' ? wrong : `${wrong}: ${errors}` };
}

/** It says that all went well: is everything there that should be? */
function wrongOutput({ parameters }: EncodeJob, { told, schedule }: EndedEncode): string | null {
  if (told === null) return 'its output was not read';
  const { problem, frames } = told.summary;
  if (problem !== null) return `ffmpeg ended well, but of what it wrote ${problem}`;
  const expected = parameters.expectedFrames ?? schedule.frames;
  if (expected === null || frames === expected) return null;
  const first = parameters.frames?.[0] ?? 0;
  return frames < expected
    ? `the output holds ${frames} of ${expected} frames: the source ended behind frame ${first + frames - 1}, or frames were lost`
    : `the output holds ${frames} frames where ${expected} were to come out`;
}

/** What the system says when it does not let a file be written. */
const REFUSED =
  /No space left on device|Disk quota exceeded|File too large|Read-only file system|Permission denied|No such file or directory|Not a directory|Is a directory|Input\/output error|Too many open files/;
/** Lines that are about writing (versions differ in their words). */
const WRITING = /av_interleaved_write_frame|writing|muxing|muxer|write header|output file|closing file|Task finished/i;

export function isUnwritable({ output, source }: Pick<EncodeJob, 'output' | 'source'>, log: string): boolean {
  return log
    .split(/[\r\n]+/)
    .some((line) => REFUSED.test(line) && (line.includes(output) || (WRITING.test(line) && !line.includes(source))));
}

/** What x264 and x265 write about themselves; other encoders don't tell what became of their settings. */
function actualSettings({ parameters }: EncodeJob, description: string | null): Record<string, string> {
  const actual: Record<string, string> = {};
  if (description === null) return actual;
  const described = describedOptions(description);
  for (const name of ['gop', 'threads', ...Object.keys(parameters.options)]) {
    const value = described.get(name === 'gop' ? 'keyint' : name.replaceAll('-', '_'));
    if (value !== undefined) actual[name] = value;
  }
  return actual;
}
