// Whether a run has a profile, by its file: a look at each of many runs is cheap.

import { existsSync } from 'node:fs';
import type { RunRecord } from '#core/run';
import type { Lab } from '#lab/lab';
import { parquetPath } from '#recording/parquet-files';

export function hasProfile(lab: Lab, { id, recording }: RunRecord): boolean {
  return recording !== null && existsSync(parquetPath(lab.recordingFolder(id), 'samples'));
}
