// Groups of rows whatever metric is looked at, and the medians of any metric over them: for plots of several metrics at once.

import { groupRows, type Groups } from './grouping.ts';
import type { Split } from './splits.ts';

/** Groups of all rows that have a place in every split; `values` of it say nothing. */
export function groupAllRows(count: number, rows: Uint32Array, splits: readonly Split[]): Groups {
  return groupRows(rows, new Float64Array(count), splits);
}

/** Of each group the median of a metric over its rows that have it; NaN where none has. */
export function mediansOf({ count, first, rows }: Groups, values: Float64Array): Float64Array {
  const medians = new Float64Array(count).fill(NaN);
  let scratch = new Float64Array(16);
  for (let group = 0; group < count; group++) {
    const [from, to] = [first[group]!, first[group + 1]!];
    if (to - from > scratch.length) scratch = new Float64Array(2 * (to - from));
    let known = 0;
    for (let i = from; i < to; i++) {
      const value = values[rows[i]!]!;
      if (Number.isFinite(value)) scratch[known++] = value;
    }
    if (known === 0) continue;
    const sorted = known === 1 ? scratch : scratch.subarray(0, known).sort();
    const half = known >> 1;
    medians[group] = known % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  }
  return medians;
}
