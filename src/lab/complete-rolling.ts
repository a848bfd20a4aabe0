// Rolling recordings of workers that were killed: completed, so that their runs can be looked at.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '#core/catalogue';
import { UserError } from '#core/user-error';
import { completeRecording } from '#recording/complete-recording';
import { readHeader } from '#recording/read-recording';
import { isSameProcess, ownIdentity } from '#system/process-identity';
import { isRunId, ROLLING } from './lab.ts';

const LOCK = 'rolling';

/** The lab, and who may complete in it: one process at a time. */
export interface RollingLab {
  readonly path: string;
  readonly catalogue: Pick<Catalogue, 'lock' | 'unlock'>;
}

/**
 * Completes what dead workers left; those of living ones are left alone. One that is damaged is told and stays as it is. Where
 * another process does the same just now there is nothing to do.
 * @param isEnded says of a recording by its folder's name that it is known to have ended: it is not looked at
 * @throws UserError where the disk does not take it
 */
export async function completeRolling(
  lab: RollingLab,
  tell: (text: string) => void,
  isEnded: (name: string) => boolean = () => false,
): Promise<void> {
  const holder = { ...ownIdentity(), what: 'completes recordings' };
  if ((await lab.catalogue.lock(LOCK, holder)) !== null) return;
  try {
    const root = join(lab.path, ROLLING);
    const names = (await readdir(root).catch((): string[] => [])).filter((name) => isRunId(name) && !isEnded(name));
    for (const name of names) await completeAbandoned(join(root, name), tell);
  } finally {
    await lab.catalogue.unlock(LOCK, holder);
  }
}

async function completeAbandoned(folder: string, tell: (text: string) => void): Promise<void> {
  try {
    const { state, owner } = await readHeader(folder);
    if (state !== 'recording') return;
    if (owner !== undefined && isSameProcess(owner.pid, owner.startTicks)) return;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    tell(`a worker's recording can't be read: ${error.message}`);
    return;
  }
  await completeRecording(folder);
}
