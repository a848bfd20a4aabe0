// The pictures of an encoded file as rows, read without trusting it: in a child of ours that is watched.

import type { FrameBatch } from '#core/recording';
import type { Fraction } from '#core/source';
import { UserError } from '#core/user-error';
import type { OutputFramesJob, OutputFramesMessage, OutputSummary } from './output-frames-messages.ts';
import { checkSourceFile } from './source-path.ts';
import { runWatched, type WatchedResult } from './watched-child.ts';

export type { OutputSummary } from './output-frames-messages.ts';

/** Reading takes a second for some ten thousand frames: a file that takes hours is none that was just encoded. */
const DEFAULT_TIMEOUT_MS = 3_600_000;
/** The child tells four times a second that it lives. */
const STALL_MS = 30_000;

export interface OutputFramesOptions {
  /** Name of the stream in the rows; `video` by default. */
  readonly stream?: string | undefined;
  /** Seconds a tick of the rows' times; the file's own by default (where it has times). */
  readonly timeBase?: Fraction | undefined;
  /** Frames a second, for elementary streams, which keep no times; what their headers say by default. */
  readonly frameRate?: Fraction | null | undefined;
  /** Number of the source frame that the first one shows, where each frame shows the next one; null where not known. */
  readonly firstSourceFrame?: number | null | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Reads any encoded file (Matroska, MP4, IVF, MPEG-TS, elementary streams …): one row for each picture, in the order of the
 * file, numbered from 0 in the order of presentation. Times count from the first picture shown. Types are known for
 * H.264, HEVC, AV1, VP8, VP9, MPEG-1, -2 and -4; the quantizer is not known (NaN).
 * @returns what the file holds. A file that is missing, empty or damaged is a `problem` in words; never rejects.
 */
export async function readOutputFrames(
  path: string,
  options: OutputFramesOptions,
  onFrames: (batch: FrameBatch) => void,
): Promise<OutputSummary> {
  const refused = await checkSourceFile(path).then(
    () => null,
    (error: unknown) => (error instanceof UserError ? error.problems[0]!.what : String(error)),
  );
  if (refused !== null) return nothing(refused);
  const job: OutputFramesJob = {
    path,
    timeBase: options.timeBase ?? null,
    frameRate: options.frameRate ?? null,
    firstSourceFrame: options.firstSourceFrame ?? null,
  };
  const told: { summary: OutputSummary | null; frames: number; bytes: number } = { summary: null, frames: 0, bytes: 0 };
  const result = await runWatched(import.meta.url, './output-frames-child', job, {
    stallMs: STALL_MS,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: options.signal,
    stream: options.stream,
    onMessage: (raw) => {
      const message = raw as unknown as OutputFramesMessage;
      if (message.kind === 'end') told.summary = message.summary;
    },
    onFrames: (batch) => {
      told.frames += batch.frame.length;
      for (const bytes of batch.bytes) told.bytes += bytes;
      onFrames(batch);
    },
  });
  return told.summary ?? { ...nothing(brokenOff(result)), frames: told.frames, bytes: told.bytes };
}

function nothing(problem: string): OutputSummary {
  return {
    frames: 0,
    bytes: 0,
    codec: '',
    width: 0,
    height: 0,
    duration: 0,
    timed: false,
    description: null,
    problem,
  };
}

function brokenOff({ child, stopped, fault }: WatchedResult): string {
  if (stopped === 'stalled') return `reading it makes no progress for ${STALL_MS / 1000} s`;
  if (stopped === 'timeout') return 'reading it takes too long';
  if (stopped === 'memory') return 'reading it takes too much memory';
  if (stopped === 'aborted') return 'reading it was stopped';
  if (fault !== null) return `its reader sent ${fault}`;
  return `its reader crashed (${child.signal ?? `exit status ${child.code}`}): ${child.stderr.trim().slice(-500)}`;
}
