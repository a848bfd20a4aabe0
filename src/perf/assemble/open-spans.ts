// Spans that are still open, among those that have ended.

import type { SpanTable } from '#core/profile';
import type { AddedSpan } from '#profile/profile-builder';

/** The table with some more spans, in the order of their starts. */
export function withOpenSpans(table: SpanTable, open: readonly AddedSpan[]): SpanTable {
  if (open.length === 0) return table;
  const sorted = open.toSorted((a, b) => a.startNs - b.startNs);
  const length = table.startNs.length;
  /** Of each added span the row before which it stands. */
  const places = sorted.map(({ startNs }) => upperBound(table.startNs, startNs));
  const merged = <A extends Float64Array | Int16Array | Uint32Array | Uint8Array | Int32Array>(
    values: A,
    value: (span: AddedSpan) => number,
  ): A => {
    const result = new (values.constructor as new (length: number) => A)(length + sorted.length);
    let from = 0;
    for (const [i, place] of places.entries()) {
      result.set(values.subarray(from, place), from + i);
      result[place + i] = value(sorted[i]!);
      from = place;
    }
    result.set(values.subarray(from), from + sorted.length);
    return result;
  };
  return {
    startNs: merged(table.startNs, (span) => span.startNs),
    endNs: merged(table.endNs, (span) => span.endNs),
    cpu: merged(table.cpu, (span) => span.cpu),
    thread: merged(table.thread, (span) => span.thread),
    left: merged(table.left, (span) => span.left),
    stack: merged(table.stack, (span) => span.stack),
    readyNs: merged(table.readyNs, (span) => span.readyNs),
    waker: merged(table.waker, (span) => span.waker),
  };
}

/** The first row with a larger value. */
function upperBound(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
