// A run that ended before anything could be recorded: kept all the same, for a failure is a result.

import type { RunRecord } from '#core/run';
import type { Lab } from '#lab/lab';
import { newId } from '#system/clock';
import type { RunIdentity } from './execute-run.ts';

/** Puts a run that failed into the catalogue, without a recording. */
export async function keepFailedRun(
  lab: Lab,
  kind: RunRecord['kind'],
  identity: RunIdentity,
  reason: string,
  durationS: number,
): Promise<RunRecord> {
  const end = { outcome: 'failed' as const, reason, interrupted: false, durationS, metrics: {} };
  const startedAt = new Date(Date.now() - durationS * 1000).toISOString();
  const run: RunRecord = {
    id: newId(),
    kind,
    ...identity,
    outcome: null,
    reason: null,
    interrupted: false,
    startedAt,
    durationS: null,
    metrics: {},
    recording: null,
  };
  await lab.catalogue.startRun(run);
  await lab.catalogue.endRun(run.id, end);
  return { ...run, ...end };
}
