// What is left of a run's metric when its cell is taken away: what the settings do not explain.

import type { Study } from './study.ts';

/** Of each counted run its value less the mean of its cell; NaN in cells with fewer than two values. */
export function residuals({ cellOf, cellCount }: Study, values: Float64Array): Float64Array {
  const sums = new Float64Array(cellCount);
  const counts = new Float64Array(cellCount);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sums[cellOf[i]!]! += values[i]!;
    counts[cellOf[i]!]!++;
  }
  return values.map((value, i) => {
    const cell = cellOf[i]!;
    return counts[cell]! < 2 ? NaN : value - sums[cell]! / counts[cell]!;
  });
}
