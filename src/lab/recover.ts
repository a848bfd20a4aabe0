// After a crash: ends the runs whose process is gone, and keeps what they had recorded.

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEnd } from '#core/catalogue';
import { isOutput, PROFILER_DATA } from '#core/recording';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import { completeRecording } from '#recording/complete-recording';
import { readHeader } from '#recording/read-recording';
import { isResumable, readStreamState } from '#recording/stream-state';
import { ownIdentity } from '#system/process-identity';
import type { Lab } from './lab.ts';
import { isResult } from './recorded-result.ts';

const LOCK = 'recover';
/** Another process that recovers the same lab is waited for: a recording is completed within seconds. */
const LOCK_TRIES = 300;
const LOCK_WAIT_MS = 100;

export const KILLED_REASON = 'the bench was killed while it ran';
export const COLLECTOR_KILLED_REASON = 'the collector was killed while it recorded';

/**
 * Gives every run that began and has no owner any more its end: outcome `killed`, interrupted (so it is no result),
 * with what was recorded until then. Where only the last word to the catalogue was missing, the result is taken from the
 * recording. Runs of a living process are left alone.
 * @returns the runs that were interrupted, as they are now
 * @throws UserError where the lab can't be written
 */
export async function recoverInterruptedRuns(lab: Lab): Promise<RunRecord[]> {
  return withAbandonedRuns(lab, async (runs) => {
    const ended: RunRecord[] = [];
    for (const run of runs) {
      if (await isLeftToCollector(lab, run)) continue;
      const end = await completeWhatIsThere(lab, run);
      await lab.catalogue.endRun(run.id, end);
      if (end.interrupted) ended.push({ ...run, ...end });
    }
    return ended;
  });
}

/** Works on the runs whose process is gone, where there are any, while no other process does. */
export async function withAbandonedRuns<Result>(
  lab: Lab,
  work: (runs: readonly RunRecord[]) => Promise<Result[]>,
): Promise<Result[]> {
  if ((await lab.catalogue.abandonedRuns()).length === 0) return [];
  const holder = { ...ownIdentity(), what: 'completes recordings of runs that were killed' };
  await lockOrWait(lab, holder);
  try {
    return await work(await lab.catalogue.abandonedRuns());
  } finally {
    await lab.catalogue.unlock(LOCK, holder);
  }
}

/** A stream goes on without the collector that was killed: the next one goes on with its recording. */
async function isLeftToCollector(lab: Lab, run: RunRecord): Promise<boolean> {
  if (run.kind !== 'stream') return false;
  const folder = lab.recordingFolder(run.id);
  const state = await readStreamState(folder);
  return state !== null && (await isResumable(folder, state));
}

/** How the run ended, with what became of its recording where that is worth a word. */
async function completeWhatIsThere(lab: Lab, run: RunRecord): Promise<RunEnd> {
  const folder = lab.recordingFolder(run.id);
  if (run.recording === null || (await stat(folder).catch(() => null)) === null)
    return killed(run, '; nothing was recorded');
  try {
    const { result } = await readHeader(folder);
    if (isResult(result, run.id)) {
      await completeRecording(folder);
      const { outcome, reason, interrupted, durationS, metrics } = result;
      return { outcome, reason, interrupted, durationS, metrics };
    }
  } catch (error) {
    // Without a header nothing can be made of it; that is one run's loss, and must not keep the bench from starting.
    if (!(error instanceof UserError)) throw error;
    await removeOutput(folder);
    return killed(run, `; its recording can't be completed: ${error.problems[0]!.what}`);
  }
  const removed = await removeOutput(folder);
  const end = killed(run);
  const lost = removed.includes(PROFILER_DATA) ? ['profile: the bench was killed before it was read'] : [];
  await completeRecording(folder, { ...run, ...end }, lost);
  return end;
}

function killed(run: RunRecord, more = ''): RunEnd {
  const reason = `${run.kind === 'stream' ? COLLECTOR_KILLED_REASON : KILLED_REASON}${more}`;
  return { outcome: 'killed', reason, interrupted: true, durationS: null, metrics: run.metrics };
}

/**
 * Half a video is of no use to anybody, and may be large.
 * @returns names of what was removed
 */
async function removeOutput(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter(isOutput);
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
  return names;
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
