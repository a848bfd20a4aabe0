// The result of a run as its recording keeps it: read from a file that anybody may have changed.

import { OUTCOMES, type Outcome, type RunRecord } from '#core/run';

/** A run that has ended. */
export type RunResult = RunRecord & { readonly outcome: Outcome };

/** True where this is the whole result of that run. */
export function isResult(value: unknown, runId: string): value is RunResult {
  if (!isObject(value)) return false;
  const { id, kind, benchmark, cell, repeat, settings, labels, sameKey } = value;
  const { outcome, reason, interrupted, startedAt, durationS, metrics } = value;
  return (
    id === runId &&
    [kind, sameKey, startedAt].every((text) => typeof text === 'string') &&
    [benchmark, cell, reason].every((text) => text === null || typeof text === 'string') &&
    Number.isSafeInteger(repeat) &&
    isObject(settings) &&
    Array.isArray(labels) &&
    OUTCOMES.includes(outcome as Outcome) &&
    typeof interrupted === 'boolean' &&
    (durationS === null || typeof durationS === 'number') &&
    isObject(metrics) &&
    Object.values(metrics).every((metric) => isObject(metric) && typeof metric['unit'] === 'string')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
