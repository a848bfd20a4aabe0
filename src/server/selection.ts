// The part of a run that a chart shows, thinned out where it is long.

import { thinOut } from './thin-out.ts';

/** Seconds from the beginning of the run; left out, all of it. */
export interface Selection {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly buckets: number;
}

/** Positions within the selection, by time; one beyond each end is kept so that lines go on past the edge. */
export function sortedPositions(timeS: Float64Array, { from, to }: Selection): Int32Array {
  const order: number[] = [];
  for (let row = 0; row < timeS.length; row++) if (!Number.isNaN(timeS[row]!)) order.push(row);
  order.sort((a, b) => timeS[a]! - timeS[b]!);
  const inside = from === undefined ? 0 : order.findIndex((row) => timeS[row]! >= from);
  const first = inside === -1 ? order.length : Math.max(0, inside - 1);
  const beyond = to === undefined ? -1 : order.findIndex((row) => timeS[row]! > to);
  return Int32Array.from(order.slice(first, beyond === -1 ? undefined : beyond + 1));
}

/** Rows to draw: all of a short selection, of a long one the extremes of these columns. */
export function pick(
  order: Int32Array,
  timeS: Float64Array,
  columns: readonly Float64Array[],
  buckets: number,
): number[] {
  const inOrder = (column: Float64Array) => Float64Array.from(order, (row) => column[row]!);
  return Array.from(thinOut(inOrder(timeS), columns.map(inOrder), buckets), (position) => order[position]!);
}

/** NaN stands for what is absent, and JSON has null for that. */
export function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Microseconds are what was measured: more digits would only make the answer longer. */
export function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Values of the rows, absent ones as null. */
export function rounded(rows: readonly number[], column: Float64Array): (number | null)[] {
  return rows.map((row) => known(round(column[row]!)));
}
