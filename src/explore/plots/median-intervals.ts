// The median of each group and how far it is known: its 95 % interval, or where that takes more runs the range of them.

import { beyondInterval, LEAST_OF_INTERVAL } from '#analysis/median-interval';
import type { Groups } from './grouping.ts';
import type { TableColumn } from './plot.ts';

export interface Medians {
  readonly median: Float64Array;
  /** 95 % interval of the median; of fewer than LEAST_OF_INTERVAL runs their range. NaN for a single value. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Runs of each group. */
  readonly runs: Uint32Array;
}

export function groupMedians(groups: Groups): Medians {
  const median = new Float64Array(groups.count);
  const low = new Float64Array(groups.count);
  const high = new Float64Array(groups.count);
  const runs = new Uint32Array(groups.count);
  const interval: Interval = { low: NaN, high: NaN };
  for (let group = 0; group < groups.count; group++) {
    const [start, end] = [groups.first[group]!, groups.first[group + 1]!];
    median[group] = medianOfSorted(groups.values, start, end);
    intervalOfMedian(groups.values, start, end, interval);
    low[group] = interval.low;
    high[group] = interval.high;
    runs[group] = end - start;
  }
  return { median, low, high, runs };
}

/** Median of `values[start] … values[end - 1]`, ascending. */
export function medianOfSorted(values: Float64Array, start: number, end: number): number {
  const middle = (start + end - 1) >> 1;
  return (end - start) % 2 === 1 ? values[middle]! : (values[middle]! + values[middle + 1]!) / 2;
}

export interface Interval {
  low: number;
  high: number;
}

/** 95 % interval of the median of an ascending range by order statistics; the range of fewer than LEAST_OF_INTERVAL values, NaN of one. */
export function intervalOfMedian(values: Float64Array, start: number, end: number, into: Interval): void {
  const count = end - start;
  const beyond = beyondInterval(count) ?? 0;
  into.low = count < 2 ? NaN : values[start + beyond]!;
  into.high = count < 2 ? NaN : values[end - 1 - beyond]!;
}

/** What plots say of their whiskers and bands. */
export function intervalNotes(...all: readonly Pick<Medians, 'runs'>[]): string[] {
  const has = (is: (runs: number) => boolean) => all.some(({ runs }) => runs.some(is));
  const isSure = has((runs) => runs >= LEAST_OF_INTERVAL);
  const isRange = has((runs) => runs > 1 && runs < LEAST_OF_INTERVAL);
  if (!isSure && !isRange) return ['each stands for one run: there is no interval'];
  const few = `fewer than ${LEAST_OF_INTERVAL} runs have no 95 % interval of their median`;
  if (!isSure) return [`whiskers and bands are the range of the runs: ${few}`];
  const method = 'whiskers and bands are 95 % intervals of the median, by order statistics';
  return [
    isRange ? `${method}; where they stand for 2 to ${LEAST_OF_INTERVAL - 1} runs, the range of these: ${few}` : method,
  ];
}

/**
 * Columns of a table: from where to where whiskers go, and what that is.
 * @param order groups, a line each
 * @param name of the metric, where a table has several
 */
export function intervalColumns(
  medians: Medians,
  unit: TableColumn['unit'],
  order: readonly number[] = Array.from(medians.runs.keys()),
  name?: string,
): TableColumn[] {
  const column = (values: Float64Array) =>
    Array.from(order, (group) => (Number.isNaN(values[group]!) ? null : values[group]!));
  const title = (what: string) => (name === undefined ? what : `${name}, ${what}`);
  return [
    { title: title('from'), unit, values: column(medians.low) },
    { title: title('to'), unit, values: column(medians.high) },
    {
      title: title('what from and to are'),
      unit: null,
      values: Array.from(order, (group) => intervalText(medians.runs[group]!)),
    },
  ];
}

/** What stands for so many runs; null where there is nothing. */
function intervalText(runs: number): string | null {
  if (runs < 2) return null;
  return runs < LEAST_OF_INTERVAL ? 'range of the runs' : '95 % interval of the median';
}

/** Smallest and largest that is drawn of medians and intervals. */
export function rangeOf({ median, low, high }: Omit<Medians, 'runs'>): readonly [low: number, high: number] {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < median.length; i++) {
    // Comparisons with NaN are false: what has no interval counts by its median alone.
    if (median[i]! < least) least = median[i]!;
    if (low[i]! < least) least = low[i]!;
    if (median[i]! > most) most = median[i]!;
    if (high[i]! > most) most = high[i]!;
  }
  return [least, most];
}
