// Waiting for a stock client that shows nothing for seconds after some changes, where its log would tell when it does again.

import type { PartState } from '#core/live';

/** From the first frame at a SPICE desktop's tap to the first that its client shows; and until its agent knows that it shows none. */
const SHOWN_MS = 10_000;
const BLIND_MS = 2_500;

export interface ShownWait {
  /** Of the session now. */
  readonly parts: () => Promise<readonly Pick<PartState, 'part' | 'state' | 'note' | 'actual'>[]>;
  /** Waits about a second for a shown frame. @returns whether there is one */
  readonly shown: () => Promise<boolean>;
  readonly say: (text: string) => Promise<unknown>;
  readonly nowMs: () => number;
}

/** Resolves when a frame was shown, when nobody could tell of one, and in any case after some time, which is said. */
export async function untilShown({ parts, shown, say, nowMs }: ShownWait): Promise<void> {
  const beganMs = nowMs();
  for (;;) {
    const now = await parts();
    const client = now.find(({ part }) => part === 'receiver');
    // Of mjpeg no log tells, but for rare clients.
    const isMjpeg = now.find(({ part }) => part === 'relay')?.actual['codec'] === 'mjpeg';
    if (client?.state !== 'running' || isMjpeg || (await shown())) return;
    const waitedMs = nowMs() - beganMs;
    if (waitedMs >= SHOWN_MS) {
      await say(`the client has shown no frame for ${SHOWN_MS / 1000} s, and is waited for no longer`);
      return;
    }
    if (client.note === null && waitedMs >= BLIND_MS) return;
  }
}
