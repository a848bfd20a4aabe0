// After a crash: ends the runs whose process is gone, and keeps what they had recorded.

import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { completeRecording } from '#recording/complete-recording';
import { readHeader } from '#recording/read-recording';
import { ownIdentity } from '#system/process-identity';
import type { Lab } from './lab.ts';

const LOCK = 'recover';
/** Another process that recovers the same lab is waited for: a recording is completed within seconds. */
const LOCK_TRIES = 300;
const LOCK_WAIT_MS = 100;

export const KILLED_REASON = 'the bench was killed while it ran';

/**
 * Gives every run that began and has no owner any more its end: outcome `killed`, interrupted (so it is no result),
 * with what was recorded until then. Runs of a living process are left alone.
 * @returns the runs that were ended, as they are now
 * @throws UserError where the lab can't be written
 */
export async function recoverInterruptedRuns(lab: Lab): Promise<RunRecord[]> {
  if ((await lab.catalogue.abandonedRuns()).length === 0) return [];
  const holder = { ...ownIdentity(), what: 'completes recordings of runs that were killed' };
  await lockOrWait(lab, holder);
  try {
    const ended: RunRecord[] = [];
    for (const run of await lab.catalogue.abandonedRuns()) {
      const reason = await completeWhatIsThere(lab, run);
      await lab.catalogue.endRun(run.id, {
        outcome: 'killed',
        reason,
        interrupted: true,
        durationS: null,
        metrics: run.metrics,
      });
      ended.push((await lab.catalogue.run(run.id))!);
    }
    return ended;
  } finally {
    await lab.catalogue.unlock(LOCK, holder);
  }
}

/** Why the run ended, with what became of its recording where that is worth a word. */
async function completeWhatIsThere(lab: Lab, run: RunRecord): Promise<string> {
  const folder = lab.recordingFolder(run.id);
  if (run.recording === null || (await stat(folder).catch(() => null)) === null)
    return `${KILLED_REASON}; nothing was recorded`;
  try {
    await readHeader(folder);
  } catch (error) {
    // Without a header nothing can be made of it; that is one run's loss, and must not keep the bench from starting.
    if (!(error instanceof UserError)) throw error;
    return `${KILLED_REASON}; its recording can't be completed: ${error.problems[0]!.what}`;
  }
  await completeRecording(folder);
  return KILLED_REASON;
}

async function lockOrWait(lab: Lab, holder: { pid: number; startTicks: number; what: string }): Promise<void> {
  for (let tries = 1; ; tries++) {
    const other = await lab.catalogue.lock(LOCK, holder);
    if (other === null) return;
    if (tries === LOCK_TRIES)
      throw new UserError({ what: `process ${other.pid} ${other.what} and does not end`, where: lab.path });
    await sleep(LOCK_WAIT_MS);
  }
}
