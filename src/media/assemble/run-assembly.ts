// Has chunks joined, a joined file checked, or both one after the other, by one child.

import type { FrameBatch } from '#core/recording';
import { UserError } from '#core/user-error';
import { runWatched, type WatchedResult } from '../watched-child.ts';
import type { AssembleJob, AssembleMessage, CheckEnd, Joined, Work } from './assemble-job.ts';

/** The child tells four times a second that it lives; a slow disk may keep it waiting. */
const STALL_MS = 60_000;
/** The longest title, from the slowest disk. */
const TIMEOUT_MS = 12 * 3_600_000;
/** A picture of 8K takes 50 MB, and a decoder holds some ten of them. */
const MAX_RSS_BYTES = 3_000_000_000;

export interface AssembleOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called where the joined file is there, and its check begins. */
  readonly onJoined?: (() => void) | undefined;
}

export interface Assembled {
  /** Null where the job does not ask for it. */
  readonly joined: Joined | null;
  readonly checked: CheckEnd | null;
}

/**
 * @param onFrames rows of the joined file's packets, in their order, while it is checked
 * @throws UserError where the chunks can't be joined, or are not what was planned; Error for what another try may mend
 */
export async function runAssembly(
  job: AssembleJob,
  { signal, onJoined }: AssembleOptions,
  onFrames?: (batch: FrameBatch) => void,
): Promise<Assembled> {
  const told: { joined: Joined | null; checked: CheckEnd | null; failed: Failed | null } = {
    joined: null,
    checked: null,
    failed: null,
  };
  const result = await runWatched(import.meta.url, './assemble-child', job, {
    stallMs: STALL_MS,
    timeoutMs: TIMEOUT_MS,
    maxRssBytes: MAX_RSS_BYTES,
    signal,
    onMessage: (raw) => {
      const message = raw as unknown as AssembleMessage;
      if (message.kind === 'joined') {
        told.joined = message.joined;
        onJoined?.();
      } else if (message.kind === 'checked') told.checked = message.end;
      else if (message.kind === 'failed') told.failed = message;
    },
    onFrames,
  });
  const { joined, checked } = told;
  if (job.join !== null && joined === null) throw errorOf('joining', told.failed, result, signal);
  if (job.check !== null && checked === null) throw errorOf('checking', told.failed, result, signal);
  return { joined, checked };
}

type Failed = Extract<AssembleMessage, { kind: 'failed' }>;

/** What to throw where the child did not come to a good end. */
function errorOf(
  work: Work,
  failed: Failed | null,
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
