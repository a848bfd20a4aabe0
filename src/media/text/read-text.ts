// A subtitle stream of a source as cues along the video, read in a child of ours that is watched.

import { UserError } from '#core/user-error';
import { runWatched } from '../watched-child.ts';
import type { Cue } from './cue.ts';
import type { TextJob, TextMessage } from './text-messages.ts';
import { cuesInVideo } from './webvtt-file.ts';

/** Between two subtitles FFmpeg reads over everything else in the file in one call: tens of gigabytes from a slow disk. */
const STALL_MS = 600_000;
/** Packets of a whole film from a slow disk take minutes. */
const TIMEOUT_MS = 3_600_000;
/** Two days of one cue a second: more is no subtitles. */
const MAX_CUES = 200_000;

export interface ReadText {
  readonly cues: readonly Cue[];
  /** Packets of the stream; those without text are no cues. */
  readonly packets: number;
  readonly cpuS: number;
}

/**
 * @param durationS of the video, which no cue outlasts
 * @throws UserError where the stream holds no text; Error for what another try may mend
 */
export async function readText(
  job: TextJob & { readonly durationS: number },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadText> {
  const read: Cue[] = [];
  const answers: Extract<TextMessage, { kind: 'end' | 'failed' }>[] = [];
  const { source, stream, startS } = job;
  const stop = new AbortController();
  const result = await runWatched(import.meta.url, './text-child', { source, stream, startS } satisfies TextJob, {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]),
    onMessage: (raw) => {
      const message = raw as unknown as TextMessage;
      if (message.kind === 'cues') {
        for (const cue of message.cues) read.push({ ...cue, endMs: cue.endMs ?? NaN });
        if (read.length > MAX_CUES) stop.abort();
      } else if (message.kind === 'end' || message.kind === 'failed') answers.push(message);
    },
  });
  options.signal?.throwIfAborted();
  const where = `stream ${stream} of ${source}`;
  if (stop.signal.aborted) throw new UserError({ what: `it holds more than ${MAX_CUES} subtitles`, where });
  const answer = answers[0];
  if (answer?.kind === 'end')
    return { cues: cuesInVideo(read, job.durationS * 1000), packets: answer.packets, cpuS: answer.cpuS };
  if (answer?.blame === 'source') throw new UserError({ what: answer.what, where });
  const why = answer?.what ?? result.stopped ?? result.fault ?? result.child.signal ?? `status ${result.child.code}`;
  throw new Error(`${where} was not read: ${why} ${result.child.stderr.trim().slice(-500)}`.trim());
}
