// The end of a run that the disk did not take: tried again until there is space.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '#core/user-error';
import type { StreamRun } from '#run/stream-run';

const AGAIN_MS = 2_000;
/** An hour; after that it is the next start of a collector that completes what is on disk. */
const MAX_TRIES = 1_800;

interface Waiting {
  readonly signal: AbortSignal;
  /** Gets half a sentence of which the recording is the subject. */
  readonly tell: (text: string) => void;
  readonly onFinished: () => void;
}

/** @throws Error where it fails for what nobody can mend */
export async function finishLater(
  stream: StreamRun,
  end: Parameters<StreamRun['end']>[0],
  { signal, tell, onFinished }: Waiting,
): Promise<void> {
  tell(`can't be finished: ${end.reason}; it is tried again until that is mended`);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    await sleep(AGAIN_MS, undefined, { ref: false, signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await stream.end(end);
      tell('is finished with what it had, and has failed');
      return onFinished();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
}
