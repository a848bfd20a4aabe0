// How the recording of a stream becomes a run with metrics; every step of it may be killed and done again.

import type { RunEnd } from '#core/catalogue';
import type { RunRecord } from '#core/run';
import { UserError } from '#core/user-error';
import type { Lab } from '#lab/lab';
import { completeRecording } from '#recording/complete-recording';
import type { Recorder } from '#recording/recorder';
import { writeResult } from '#recording/recording-header';
import { removeStreamState, type StreamEnding, type StreamState } from '#recording/stream-state';
import { readHeader } from '#recording/read-recording';
import { NOT_PROFILED } from './profile-run.ts';
import { recordedMetrics } from './recorded-metrics.ts';
import { STREAM_PHASE } from './session-result.ts';
import { dropKeptSlices, storeKeptSlices } from './stream-profile.ts';

type EndingState = StreamState & { readonly ending: StreamEnding };

/**
 * @param state with its `ending`
 * @throws UserError where the lab can't be written
 */
export async function endStreamRun(
  lab: Lab,
  run: RunRecord,
  recorder: Recorder,
  state: EndingState,
): Promise<RunRecord> {
  const { ending, fromUs, toUs, windows } = state;
  try {
    if (fromUs !== null && toUs !== null)
      recorder.addPhases([{ phase: STREAM_PHASE, startUs: fromUs, endUs: toUs, cpuS: null }]);
    const profiled =
      fromUs === null || toUs === null ? NOT_PROFILED : await storeKeptSlices(recorder.folder, fromUs, toUs);
    const known = {
      ...ending.known,
      absent: profiled.absent,
      ...(profiled.profile === null ? {} : { profile: profiled.profile }),
    };
    await recorder.finish(ending.outcome === 'ok' ? 'complete' : 'partial', known, windows);
  } catch (error) {
    if (!(error instanceof UserError) && recorder.failure === null) throw error;
    const reason = error instanceof UserError ? error.problems[0]!.what : (error as Error).message;
    return endFinished(lab, run, { ...ending, outcome: 'failed', reason, interrupted: true });
  }
  return endFinished(lab, run, ending);
}

/** Of fewer no rate is worth much; a recording that is shorter has few anyway. */
const FEW_FRAMES = 10;
const FEW_AFTER_S = 2;

/** The same where the tables are written already, or are what a failure left. */
export async function endFinished(
  lab: Lab,
  run: RunRecord,
  ending: RunEnd & Pick<StreamEnding, 'scarce'>,
): Promise<RunRecord> {
  const folder = lab.recordingFolder(run.id);
  await completeRecording(folder);
  const { interrupted, durationS, scarce } = ending;
  const recorded = await recordedMetrics(folder);
  const metrics = { ...recorded.metrics, ...ending.metrics };
  // Of a stream nothing is known without a frame, however well all else went.
  const { frames = 0 } = (await readHeader(folder)).rows;
  const isEmpty = ending.outcome === 'ok' && frames === 0;
  const outcome = isEmpty ? 'failed' : ending.outcome;
  const reason = isEmpty ? (scarce?.none ?? 'no frame was recorded') : ending.reason;
  const end: RunEnd = { outcome, reason, interrupted, durationS, metrics };
  const isScarce = outcome === 'ok' && frames < FEW_FRAMES && (durationS ?? 0) >= FEW_AFTER_S;
  const few = isScarce ? (scarce?.few ?? null) : null;
  const remarks = [recorded.problem, few === null ? null : `only ${frames} frames were recorded: ${few}`];
  await writeResult(
    folder,
    { ...run, ...end },
    remarks.filter((text) => text !== null),
  );
  await dropKeptSlices(folder);
  await removeStreamState(folder);
  await lab.catalogue.endRun(run.id, end);
  return { ...run, ...end };
}
