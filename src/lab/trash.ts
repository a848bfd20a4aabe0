// Deleting a recording in one step: its folder takes another name, and goes under that.

import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '#core/catalogue';
import type { Lab } from './lab.ts';

const TRASH = '.trash-';

/** From now on the recording is gone for every reader; its bytes go with `removeTrash`. */
export async function moveToTrash(
  lab: Pick<Lab, 'recordingFolder' | 'recordingsFolder'>,
  runId: string,
): Promise<void> {
  try {
    await rename(lab.recordingFolder(runId), join(lab.recordingsFolder, `${TRASH}${runId}`));
  } catch (error) {
    // There may be no recording, or another process deletes the same run.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Ends deletions, those included that a crash broke off: first the rows, then the bytes. */
export async function removeTrash(lab: {
  readonly catalogue: Pick<Catalogue, 'deleteRuns'>;
  readonly recordingsFolder: string;
}): Promise<void> {
  const names = (await readdir(lab.recordingsFolder)).filter((name) => name.startsWith(TRASH));
  if (names.length === 0) return;
  await lab.catalogue.deleteRuns(names.map((name) => name.slice(TRASH.length)));
  for (const name of names) await rm(join(lab.recordingsFolder, name), { recursive: true, force: true });
}
