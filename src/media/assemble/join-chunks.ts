// Joins the chunks of a rendition into one MP4 file, packet by packet, without encoding anything anew.

import { UserError } from '#core/user-error';
import { runWatched, type WatchedResult } from '../watched-child.ts';
import type { Blame, Joined, JoinJob, JoinMessage } from './assemble-job.ts';

export type { ChunkFile, Joined, JoinJob } from './assemble-job.ts';

/** The child tells four times a second that it lives; a slow disk may keep it waiting. */
export const STALL_MS = 60_000;
/** The longest title, from the slowest disk. */
export const TIMEOUT_MS = 12 * 3_600_000;

export interface AssembleOptions {
  readonly signal?: AbortSignal | undefined;
  /** @param frames that are done */
  readonly onProgress?: ((frames: number) => void) | undefined;
}

/**
 * Copies the packets of all chunks into one file. The times are the planned ones, exactly; the same chunks always give the
 * same bytes. One chunk is open at a time, however many there are. The file at `output` is whole only when this resolves.
 * @throws UserError where the chunks can't be joined, whoever tries it; Error for what another try may mend (a full disk)
 */
export async function joinChunks(job: JoinJob, options: AssembleOptions = {}): Promise<Joined> {
  if (job.chunks.length === 0) throw new Error('there are no chunks to join');
  const told: { end: Joined | null; failed: Extract<JoinMessage, { kind: 'failed' }> | null } = {
    end: null,
    failed: null,
  };
  const result = await runWatched(import.meta.url, './join-child', job, {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
    onMessage: (raw) => {
      const message = raw as unknown as JoinMessage;
      if (message.kind === 'progress') options.onProgress?.(message.frames);
      else if (message.kind === 'end') told.end = message.joined;
      else told.failed = message;
    },
  });
  if (told.end !== null) return told.end;
  throw assembleError('joining', told.failed, result, options.signal);
}

/** What to throw where a child did not come to a good end. */
export function assembleError(
  work: string,
  failed: { readonly blame: Blame; readonly reason: string } | null,
  { stopped, fault, child }: WatchedResult,
  signal: AbortSignal | undefined,
): Error {
  if (failed?.blame === 'chunks')
    return new UserError({ what: failed.reason, where: work, todo: 'Delete the title and encode it again.' });
  if (failed !== null) return new Error(`${work}: ${failed.reason}`);
  if (stopped === 'aborted') return asError(signal?.reason) ?? new Error(`${work} was stopped`);
  if (stopped !== null) return new Error(`${work} was stopped: ${WHY[stopped]}`);
  if (fault !== null) return new Error(`${work}: the child sent ${fault}`);
  const how = child.signal ?? child.cause?.message ?? `exit status ${child.code}`;
  return new Error(`${work} broke down (${how}): ${child.stderr.trim().slice(-500)}`);
}

function asError(reason: unknown): Error | null {
  return reason instanceof Error ? reason : null;
}

const WHY = {
  stalled: `nothing was heard for ${STALL_MS / 1000} s`,
  timeout: `it took longer than ${TIMEOUT_MS / 3_600_000} h`,
  memory: 'it took too much memory',
} as const;
