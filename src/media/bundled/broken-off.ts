// Why a child of the bundled engine ended without having told its end.

import type { Outcome } from '#core/run';
import type { ChildResult } from '#system/child-process';

/** Node starts and loads FFmpeg in a fifth of a second; on a machine that is loaded heavily in some seconds. */
export const READY_TIMEOUT_MS = 60_000;

/** Why we killed it. */
export type Stopped = 'timeout' | 'killed' | 'not ready' | 'stalled';

/**
 * @param stopped null where it was not us
 * @param fault what was wrong with its messages
 * @param where ` after 17 frames`, or nothing
 */
export function brokenOff(
  end: ChildResult,
  stopped: Stopped | null,
  fault: string | null,
  where: string,
  limits: { readonly timeoutMs?: number | undefined; readonly stallMs?: number | undefined },
): { readonly outcome: Outcome; readonly reason: string } {
  if (stopped === 'timeout')
    return {
      outcome: 'timeout',
      reason: `it took longer than ${(limits.timeoutMs ?? 0) / 1000} s and was killed${where}`,
    };
  if (stopped === 'stalled')
    return {
      outcome: 'timeout',
      reason: `it made no progress for ${(limits.stallMs ?? 0) / 1000} s and was killed${where}`,
    };
  if (stopped === 'killed') return { outcome: 'killed', reason: `it was told to stop${where}` };
  if (stopped === 'not ready')
    return { outcome: 'failed', reason: `the engine did not start within ${READY_TIMEOUT_MS / 1000} s` };
  if (fault !== null) return { outcome: 'failed', reason: `the engine sent ${fault}${where}` };
  if (end.end === 'not-started')
    return { outcome: 'failed', reason: `the engine can't be started: ${end.cause?.message ?? 'no reason is known'}` };
  if (end.signal === 'SIGKILL' || end.signal === 'SIGTERM')
    return { outcome: 'killed', reason: `somebody else killed it with ${end.signal}${where} (out of memory?)` };
  if (end.signal !== null) return { outcome: 'failed', reason: `the encoder crashed with ${end.signal}${where}` };
  return { outcome: 'failed', reason: `the engine ended with status ${end.code}${where}` };
}
