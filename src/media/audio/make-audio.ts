// Makes a rendition's whole track of sound, in a child of ours that is watched.

import { UserError } from '#core/user-error';
import { runWatched, type WatchedResult } from '../watched-child.ts';
import type { AudioFacts, AudioJob, AudioMessage } from './audio-job.ts';

/** Where a stream pauses, FFmpeg reads over everything else in the file in one call: tens of gigabytes from a slow disk. */
const STALL_MS = 600_000;
/** A film takes minutes: a day of sound stays below this. */
const TIMEOUT_MS = 12 * 3_600_000;

export interface MadeAudio {
  readonly facts: AudioFacts;
  /** CPU seconds of measuring and encoding, and of decoding it again as a check. */
  readonly cpuS: number;
  readonly checkCpuS: number;
}

export interface MakeAudioOptions {
  readonly signal?: AbortSignal | undefined;
  /** Share of the work that is done, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * Decodes a stream of the source, lays it along the video's time, measures it (EBU R 128), brings it to its loudness by one
 * gain, encodes it into an MP4 file, and checks that file by decoding it.
 * @throws UserError where the stream can't be made into a track; Error for what another try may mend
 */
export async function makeAudio(job: AudioJob, options: MakeAudioOptions = {}): Promise<MadeAudio> {
  const answers: Exclude<AudioMessage, { kind: 'progress' }>[] = [];
  const result = await runWatched(import.meta.url, './audio-child', job, {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
    onMessage: (raw) => {
      const message = raw as unknown as AudioMessage;
      if (message.kind === 'progress') options.onProgress?.(message.share);
      else if (message.kind === 'made' || message.kind === 'failed') answers.push(message);
    },
  });
  options.signal?.throwIfAborted();
  const answer = answers[0];
  if (answer?.kind === 'made') return answer;
  const stream = `stream ${job.stream} of ${job.source}`;
  if (answer === undefined) throw new Error(`the sound of ${stream} was not made: ${brokenOff(result)}`);
  if (answer.blame === 'system') throw new Error(`the sound of ${stream} was not made: ${answer.what}`);
  throw new UserError({
    what: answer.what,
    where: stream,
    todo: 'Play it: if it is damaged, take it out of the source (ffmpeg -map) and add the title again.',
  });
}

function brokenOff({ child, stopped, fault }: WatchedResult): string {
  if (stopped !== null) return `its child was ended (${stopped})`;
  const why = fault ?? child.signal ?? child.cause?.message ?? `exit status ${child.code}`;
  return `its child broke down (${why}): ${child.stderr.trim().slice(-500)}`;
}
