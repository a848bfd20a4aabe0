// What was measured of the host, over some ranges of time.

import { normalRanges } from '../selection-ranges.ts';
import type { DiagnosisSeries } from './context.ts';

/** Mean of the values whose time lies in the ranges; NaN where there is none. */
export function meanIn({ timeNs, value }: DiagnosisSeries, ranges: Float64Array): number {
  let sum = 0;
  let count = 0;
  let pair = 0;
  for (let i = 0; i < timeNs.length; i++) {
    while (pair < ranges.length && ranges[pair + 1]! <= timeNs[i]!) pair += 2;
    if (pair >= ranges.length) break;
    if (timeNs[i]! < ranges[pair]! || Number.isNaN(value[i]!)) continue;
    sum += value[i]!;
    count++;
  }
  return count === 0 ? NaN : sum / count;
}

/** The times during which a series meets a condition: each value covers the time back to the one before. */
export function timesWhere({ timeNs, value }: DiagnosisSeries, meets: (value: number) => boolean): Float64Array {
  const pairs: number[] = [];
  for (let i = 1; i < timeNs.length; i++) if (meets(value[i]!)) pairs.push(timeNs[i - 1]!, timeNs[i]!);
  return normalRanges(pairs);
}
