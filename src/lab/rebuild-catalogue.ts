// After the catalogue was lost: every recording holds the result of its run, and the catalogue is made again from them.

import { readdir } from 'node:fs/promises';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { readHeader } from '#recording/read-recording';
import { isRunId, type Lab } from './lab.ts';
import { isResult } from './recorded-result.ts';

/** Recordings that are read, and then entered, at once. */
const BATCH_RUNS = 100;

export interface Rebuilt {
  /** Runs that the catalogue lacked and has now. */
  readonly restored: number;
  /** Runs that it lacks still: their recordings are damaged, or hold no result. */
  readonly skipped: number;
}

/**
 * Enters the result of every recording that the catalogue lacks; what it has is left as it is. May be broken off and
 * called again.
 * @throws UserError where the lab can't be read or written
 */
export async function rebuildCatalogue(lab: Lab): Promise<Rebuilt> {
  const recorded = (await readdir(lab.recordingsFolder)).filter(isRunId).toSorted();
  let restored = 0;
  let skipped = 0;
  for (let begin = 0; begin < recorded.length; begin += BATCH_RUNS) {
    const missing = await lab.catalogue.missingRuns(recorded.slice(begin, begin + BATCH_RUNS));
    const results = await Promise.all(missing.map((id) => readResult(lab, id)));
    const found = results.filter((run) => run !== null);
    restored += await lab.catalogue.restoreRuns(found);
    skipped += missing.length - found.length;
  }
  return { restored, skipped };
}

/** Null where there is none, or the recording is damaged: that is one run's loss, and the others come back all the same. */
async function readResult(lab: Lab, id: string): Promise<RunRecord | null> {
  try {
    const { result } = await readHeader(lab.recordingFolder(id));
    return isResult(result, id) ? { ...result, recording: lab.recordingPath(id) } : null;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
