// Rolling recordings of workers that were killed: completed, so that their runs can be looked at.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '#core/user-error';
import { completeRecording } from '#recording/complete-recording';
import { readHeader } from '#recording/read-recording';
import { isSameProcess } from '#system/process-identity';
import { isRunId, ROLLING, type Lab } from './lab.ts';

/**
 * Completes what dead workers left; those of living ones are left alone. One that is damaged is told and stays as it is.
 * @throws UserError where the disk does not take it
 */
export async function completeRolling(lab: Pick<Lab, 'path'>, tell: (text: string) => void): Promise<void> {
  const root = join(lab.path, ROLLING);
  for (const name of (await readdir(root).catch((): string[] => [])).filter(isRunId)) {
    const folder = join(root, name);
    try {
      const { state, owner } = await readHeader(folder);
      if (state !== 'recording') continue;
      if (owner !== undefined && isSameProcess(owner.pid, owner.startTicks)) continue;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      tell(`a worker's recording can't be read: ${error.message}`);
      continue;
    }
    await completeRecording(folder);
  }
}
