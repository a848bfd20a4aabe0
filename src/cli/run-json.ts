// A run as scripts get it: one JSON object a line.

import type { RunRecord } from '#core/run';

export function runJson(run: RunRecord) {
  const { id, kind, benchmark, cell, repeat, settings, outcome, reason, interrupted, startedAt, durationS, metrics } =
    run;
  return {
    run: id,
    kind,
    benchmark,
    cell,
    repeat,
    settings,
    outcome,
    reason,
    interrupted,
    startedAt,
    durationS,
    metrics,
  };
}
