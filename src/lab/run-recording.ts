// Where a run's recording is read: its own folder, or its slice of a worker's rolling recording, cut out when it is first asked for.

import { join } from 'node:path';
import type { RunRecord } from '#core/run';
import { cutSlice } from '#recording/cut-slice';
import { ROLLING, type Lab } from './lab.ts';

/**
 * The folder of a run's recording.
 * @throws UserError where the worker still writes it, or it can't be cut out
 */
export async function recordingOf(lab: Pick<Lab, 'path' | 'recordingFolder'>, run: RunRecord): Promise<string> {
  const folder = lab.recordingFolder(run.id);
  if (run.recording?.startsWith(`${ROLLING}/`) === true) await cutSlice(join(lab.path, run.recording), run, folder);
  return folder;
}
