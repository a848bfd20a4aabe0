// After a collector was killed: its recordings are gone on with, or ended with what they have.

import type { RunEnd } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { COLLECTOR_KILLED_REASON, recoverInterruptedRuns, withAbandonedRuns } from '#lab/recover';
import type { BatchMark } from '#recording/live-file';
import { readHeader } from '#recording/read-recording';
import { resumeRecording } from '#recording/recorder';
import { isResumable, lastWritten, readStreamState, type StreamState } from '#recording/stream-state';
import { endFinished } from './stream-end.ts';
import { Commits, FLUSH_AFTER_MS, StreamRun } from './stream-run.ts';
import { IndicatorPlaces } from './stream-rows.ts';

/**
 * Goes on with every recording of a stream whose collector is gone and whose time is not over, or only just: agents have
 * what came since. The others are ended: as they were about to be, or as killed with the metrics of what was recorded.
 * @throws UserError where the lab can't be written
 */
export async function resumeStreamRuns(lab: Lab): Promise<StreamRun[]> {
  const resumed = await withAbandonedRuns(lab, async (runs) => {
    const streams: StreamRun[] = [];
    for (const run of runs) {
      const stream = run.kind === 'stream' ? await resume(lab, run) : null;
      if (stream !== null) streams.push(stream);
    }
    return streams;
  });
  // What is left has nothing that could be gone on with.
  await recoverInterruptedRuns(lab);
  return resumed;
}

/** Null where the run has ended, or nothing can be made of it. */
async function resume(lab: Lab, run: RunRecord): Promise<StreamRun | null> {
  const folder = lab.recordingFolder(run.id);
  const state = await readStreamState(folder);
  // Without it the run was never begun, or its result stands in the header already.
  if (state === null) return null;
  const header = await readHeader(folder).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  if (header === null) return null;
  if (header.state !== 'recording') {
    await endFinished(lab, run, state.ending ?? killed(state));
    return null;
  }
  if (state.ending === null && !(await isResumable(folder, state))) {
    await endFinished(lab, run, killed(state));
    return null;
  }
  return goOn(lab, run, folder, state);
}

async function goOn(lab: Lab, run: RunRecord, folder: string, state: StreamState): Promise<StreamRun | null> {
  const awayS = Math.max(0, Date.now() - (await lastWritten(folder))) / 1000;
  const live = await reopen(folder);
  if (live === null) {
    await endFinished(lab, run, killed(state));
    return null;
  }
  const { recorder, header, commits } = live;
  await lab.catalogue.adoptRun(run.id);
  const places = new IndicatorPlaces(header.indicators);
  const stream = new StreamRun({ lab, run, recorder, state, places, agents: header.agents, commits });
  stream.absent(
    `collector: it was killed and away for ${awayS.toFixed(1)} s; what no agent kept of that time is missing`,
  );
  if (state.ending === null) return stream;
  await stream.endAs(state.ending);
  return null;
}

/** Null where its live file can't be read. */
async function reopen(folder: string) {
  const commits: { now: Commits | null } = { now: null };
  try {
    const onMarked = (marks: readonly BatchMark[]) => commits.now?.tell(marks);
    const { recorder, header, marks } = await resumeRecording(folder, { flushAfterMs: FLUSH_AFTER_MS, onMarked });
    commits.now = new Commits(marks);
    return { recorder, header, commits: commits.now };
  } catch (error) {
    // A full disk or a lock of somebody else says nothing of the file: those are for a person to mend.
    if (!(error instanceof Error) || (error instanceof UserError && error.problems[0]?.todo !== undefined)) throw error;
    return null;
  }
}

function killed(state: StreamState): RunEnd {
  const { fromUs, toUs } = state;
  const durationS = fromUs === null || toUs === null ? null : (toUs - fromUs) / 1e6;
  return { outcome: 'killed', reason: COLLECTOR_KILLED_REASON, interrupted: true, durationS, metrics: {} };
}
