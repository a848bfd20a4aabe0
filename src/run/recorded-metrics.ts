// The metrics of a finished recording of a stream; of a long one in a process of its own, for the collector has agents to serve.

import type { Metrics } from '#core/metric';
import { UserError } from '#core/user-error';
import { sessionMetrics } from '#analysis/session-metrics';
import { readHeader } from '#recording/read-recording';
import { runChild } from '#system/child-process';
import { ownModuleArgs } from '#system/own-module';
import { sessionColumns } from './session-result.ts';

/** So many steps (some minutes of a stream) take a fifth of a second; an hour would take seconds and 600 MB. */
const MAX_STEPS_HERE = 100_000;
/** An hour's takes ten seconds. */
const TIMEOUT_MS = 600_000;

export interface RecordedMetrics {
  readonly metrics: Metrics;
  /** Why there are none; null where there are. */
  readonly problem: string | null;
}

/** @param maxStepsHere a recording with more of them is left to another process */
export async function recordedMetrics(folder: string, maxStepsHere = MAX_STEPS_HERE): Promise<RecordedMetrics> {
  try {
    const { rows } = await readHeader(folder);
    if ((rows.steps ?? 0) <= maxStepsHere)
      return { metrics: sessionMetrics(await sessionColumns(folder)), problem: null };
  } catch (error) {
    // What was rescued of a broken recording may hold no metrics: it ends all the same.
    if (!(error instanceof UserError)) throw error;
    return { metrics: {}, problem: `metrics: ${error.problems[0]!.what}` };
  }
  const args = [...ownModuleArgs(import.meta.url, './recorded-metrics-child'), folder];
  const { end, code, signal, stdout, stderr } = await runChild(process.execPath, args, { timeoutMs: TIMEOUT_MS });
  if (code === 0) return { metrics: JSON.parse(stdout) as Metrics, problem: null };
  const why = stderr.trim().split('\n').at(-1) ?? '';
  return { metrics: {}, problem: `metrics: the process that computes them ${end} (${signal ?? code}): ${why}` };
}
