// Samples and spans dealt out to rows, a running sum for each.

import type { ProfileHeader, SampleTable, Profile } from '#core/profile';
import { isIdleThread } from './heatmap-rows.ts';
import { RunningSum } from './occupancy-sum.ts';

/**
 * Time of intervals by row.
 * @param startNs and `endNs`: one of an interval each, in any order
 * @param rowOf row of an interval, -1 for none
 */
export function intervalSums(
  startNs: Float64Array,
  endNs: Float64Array,
  rows: number,
  rowOf: (interval: number) => number,
): RunningSum[] {
  const counts = countRows(startNs.length, rows, rowOf);
  const starts = Array.from(counts, (count) => new Float64Array(count));
  const ends = Array.from(counts, (count) => new Float64Array(count));
  const written = new Uint32Array(rows);
  for (let interval = 0; interval < startNs.length; interval++) {
    const row = rowOf(interval);
    if (row < 0) continue;
    const at = written[row]!++;
    starts[row]![at] = startNs[interval]!;
    ends[row]![at] = endNs[interval]!;
  }
  return starts.map((of, row) => RunningSum.ofIntervals(ascending(of), ascending(ends[row]!)));
}

/**
 * CPU time of samples by row.
 * @param sampleNs what one stands for, where they have no weights of their own
 * @param rowOf row of a sample, -1 for none
 */
export function eventSums(
  samples: SampleTable,
  weightUnit: ProfileHeader['weightUnit'],
  sampleNs: number | null,
  rows: number,
  rowOf: (sample: number) => number,
): RunningSum[] {
  const { timeNs } = samples;
  const weight = weightUnit === 'bytes' ? null : samples.weight;
  const counts = countRows(timeNs.length, rows, rowOf);
  const times = Array.from(counts, (count) => new Float64Array(count));
  const amounts = weight === null ? null : Array.from(counts, (count) => new Float64Array(count));
  const written = new Uint32Array(rows);
  const each = weightUnit === 'ns' ? 1 : (sampleNs ?? 0);
  for (let sample = 0; sample < timeNs.length; sample++) {
    const row = rowOf(sample);
    if (row < 0) continue;
    const at = written[row]!++;
    times[row]![at] = timeNs[sample]!;
    if (amounts !== null) amounts[row]![at] = weight![sample]! * each;
  }
  return times.map((of, row) => RunningSum.ofEvents(of, amounts?.[row] ?? sampleNs ?? 0));
}

/** CPU time of each thread, from spans, else from samples. */
export function busyByThread(
  { spans, samples, threads, header }: Pick<Profile, 'spans' | 'samples' | 'threads' | 'header'>,
  sampleNs: number | null,
): Float64Array {
  const busyNs = new Float64Array(threads.thread.length);
  if (spans !== null) {
    for (let span = 0; span < spans.startNs.length; span++)
      busyNs[spans.thread[span]!]! += spans.endNs[span]! - spans.startNs[span]!;
    return busyNs;
  }
  const weight = header.weightUnit === 'bytes' ? null : samples.weight;
  for (let sample = 0; sample < samples.thread.length; sample++) {
    const thread = samples.thread[sample]!;
    if (!isIdleThread(threads, thread)) busyNs[thread]! += weight?.[sample] ?? sampleNs ?? 1;
  }
  return busyNs;
}

function countRows(length: number, rows: number, rowOf: (position: number) => number): Uint32Array {
  const counts = new Uint32Array(rows);
  for (let position = 0; position < length; position++) {
    const row = rowOf(position);
    if (row >= 0) counts[row]!++;
  }
  return counts;
}

/** Sorted in place, where that is not so already. */
function ascending(times: Float64Array): Float64Array {
  for (let i = 1; i < times.length; i++) if (times[i - 1]! > times[i]!) return times.sort();
  return times;
}
