// Thresholds judged cell by cell, as results come in.

import { judge } from '#analysis/thresholds';
import type { Threshold } from '#core/benchmark';
import type { Metrics } from '#core/metric';
import type { Results } from './results.ts';

export interface ThresholdVerdict {
  readonly threshold: Threshold;
  readonly met: number;
  readonly unknown: number;
  /** Cells that miss it. */
  readonly missed: readonly number[];
}

/** Judges the cells that have results; a cell that waits is not judged. */
export function judgeCells(
  thresholds: readonly Threshold[],
  labels: readonly string[],
  results: Results,
): ThresholdVerdict[] {
  return thresholds.map((threshold) => {
    const info = results.metric(threshold.metric);
    const missed: number[] = [];
    let met = 0;
    let unknown = 0;
    for (const [cell, label] of labels.entries()) {
      if (results.ended(cell) === 0) continue;
      const repeats: Metrics[] =
        info === null
          ? []
          : results.cellValues(threshold.metric, cell).map((value) => ({ [info.name]: { ...info, value } }));
      const { state } = judge(threshold, label, repeats);
      if (state === 'met') met++;
      else if (state === 'missed') missed.push(cell);
      else unknown++;
    }
    return { threshold, met, unknown, missed };
  });
}
