// Two commands for one title: the first works on it, the other waits, and goes on if the first one dies.

import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '#core/user-error';
import { ownIdentity } from '#system/process-identity';
import type { Titles } from './titles.ts';
import { isGone } from './worker-name.ts';

const LOOK_MS = 500;
/** Titles that this process works on, by lab and id. */
const atWorkHere = new Set<string>();

export interface AloneOptions {
  /** Works on the title until it has ended or the work is broken off. */
  readonly work: () => Promise<void>;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly onWait: (who: string) => void;
}

/** Works on a title, or waits until it has ended where another process works on it. */
export async function aloneOnTitle(titles: Titles, id: string, options: AloneOptions): Promise<void> {
  const { catalogue } = titles.lab;
  const lock = `title ${id}`;
  const here = `${titles.lab.path} ${id}`;
  const own = ownIdentity();
  const holder = { ...own, what: `encodelab encode (process ${process.pid})` };
  let told = false;
  while (!options.signal.aborted) {
    const other = await catalogue.lock(lock, holder);
    // A full disk may have kept us from taking our own lock away.
    const isLeftOver = other?.pid === own.pid && other.startTicks === own.startTicks && !atWorkHere.has(here);
    if (other === null || isLeftOver) {
      atWorkHere.add(here);
      try {
        // Whoever worked on it before is gone: nobody is waited for until its leases run out.
        await titles.queue.takeBack(id, isGone);
        await titles.folder(id).removeUnfinished();
        return await options.work();
      } finally {
        atWorkHere.delete(here);
        // What keeps us from it is told by the work itself; a lock of a process that is gone holds nobody up.
        await catalogue.unlock(lock, holder).catch(ignoreUserError);
      }
    }
    if (!told) options.onWait(`${other.what} makes this title already: waiting for it`);
    told = true;
    const state = (await titles.queue.title(id))?.state;
    if (state === undefined || state === 'done' || state === 'failed' || state === 'cancelled') return;
    await sleep(LOOK_MS, undefined, { signal: options.signal }).catch(ignoreAbort);
  }
}

function ignoreAbort(error: Error): void {
  if (error.name !== 'AbortError') throw error;
}

function ignoreUserError(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
}
