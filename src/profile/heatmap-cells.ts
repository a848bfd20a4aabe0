// The cells of a heatmap: how each stretch of time was used, row by row. A folded heatmap is the same cells: a column of a second
// holds so many of them from its bottom to its top.

import type { ProfileHeader } from '#core/profile';
import type { OccupancyRow } from './occupancy.ts';
import type { RunningSum } from './occupancy-sum.ts';

/** Most cells that are made at once: an hour of 10 ms, in 10 rows. */
export const MAX_CELLS = 3_600_000;

/**
 * Columns of one length: cell `row * count + column`. Nanoseconds of CPU time; busy, idle, stolen and without data together are
 * the capacity, but for what samples are late or early by.
 */
export interface HeatmapCells {
  readonly fromNs: number;
  readonly cellNs: number;
  readonly count: number;
  readonly rows: number;
  /** What could have been busy; 0 where the row is not at that time. */
  readonly capacityNs: Float64Array;
  readonly busyNs: Float64Array;
  /** NaN where nobody knows what else was done on those CPUs. */
  readonly idleNs: Float64Array;
  /** Stolen by the hypervisor, or lost on the way: a thread ran, or samples were counted, and none was kept. */
  readonly stolenNs: Float64Array;
  /** Nothing is known of it. */
  readonly noDataNs: Float64Array;
  /** Threads that waited for a CPU, each counted; NaN where the scheduler was not watched, empty where it was not asked for. */
  readonly readyNs: Float64Array;
}

/**
 * @param fromNs where the first cell begins, on the profile's clock; it may begin before the profile
 * @param parts `picture` leaves out the run queue, which has no colour
 * @throws RangeError for more than MAX_CELLS
 */
export function heatmapCells(
  rows: readonly OccupancyRow[],
  header: Pick<ProfileHeader, 'startNs' | 'endNs'>,
  fromNs: number,
  cellNs: number,
  count: number,
  parts: 'all' | 'picture' = 'all',
): HeatmapCells {
  const total = rows.length * count;
  if (total > MAX_CELLS) throw new RangeError(`a heatmap has at most ${MAX_CELLS} cells, not ${total}`);
  if (!(cellNs > 0)) throw new RangeError('a cell is longer than nothing');
  const cells: HeatmapCells = {
    fromNs,
    cellNs,
    count,
    rows: rows.length,
    capacityNs: new Float64Array(total),
    busyNs: new Float64Array(total),
    idleNs: new Float64Array(total),
    stolenNs: new Float64Array(total),
    noDataNs: new Float64Array(total),
    readyNs: new Float64Array(parts === 'all' ? total : 0),
  };
  for (const [position, row] of rows.entries()) {
    const at = position * count;
    const ranges = row.rangesNs ?? EVERYWHERE;
    for (let i = 0; i < ranges.length; i += 2) addRange(cells, at, row, header, ranges[i]!, ranges[i + 1]!);
    finishRow(cells, at, row);
  }
  return cells;
}

const EVERYWHERE = Float64Array.of(-Infinity, Infinity);

/** What lies in one range. Sums of one kind after the other: each walks through its own times once. */
function addRange(
  cells: HeatmapCells,
  at: number,
  row: OccupancyRow,
  watched: Pick<ProfileHeader, 'startNs' | 'endNs'>,
  rangeFrom: number,
  rangeTo: number,
): void {
  const { fromNs, cellNs, count, busyNs, stolenNs, noDataNs } = cells;
  const first = Math.max(0, Math.floor((rangeFrom - fromNs) / cellNs));
  const last = Math.min(count, Math.ceil((rangeTo - fromNs) / cellNs));
  if (first >= last) return;
  for (let cell = first; cell < last; cell++) {
    const from = Math.max(rangeFrom, fromNs + cell * cellNs);
    const to = Math.min(rangeTo, fromNs + (cell + 1) * cellNs);
    const watchedNs = Math.max(0, Math.min(watched.endNs, to) - Math.max(watched.startNs, from));
    cells.capacityNs[at + cell]! += row.capacityCpus * (to - from);
    noDataNs[at + cell]! += row.capacityCpus * (to - from - watchedNs);
  }
  const add = (sum: RunningSum, column: Float64Array, factor: number, other = column, otherFactor = 0) => {
    if (sum.isEmpty) return;
    let before = sum.at(Math.max(rangeFrom, fromNs + first * cellNs));
    for (let cell = first; cell < last; cell++) {
      const after = sum.at(Math.min(rangeTo, fromNs + (cell + 1) * cellNs));
      column[at + cell]! += factor * (after - before);
      other[at + cell]! += otherFactor * (after - before);
      before = after;
    }
  };
  add(row.running, busyNs, 1);
  if (row.hidden === row.stolen) add(row.hidden, busyNs, -1, stolenNs, 1);
  else {
    add(row.hidden, busyNs, -1);
    add(row.stolen, stolenNs, 1);
  }
  add(row.lost, stolenNs, row.gapShare);
  add(row.unseen, noDataNs, row.gapShare);
  if (row.ready !== null && cells.readyNs.length > 0) add(row.ready, cells.readyNs, 1);
}

/** Differences of large sums leave crumbs below zero. */
function finishRow(cells: HeatmapCells, at: number, row: OccupancyRow): void {
  const { capacityNs, busyNs, idleNs, stolenNs, noDataNs, readyNs } = cells;
  for (let cell = at; cell < at + cells.count; cell++) {
    busyNs[cell] = Math.max(0, busyNs[cell]!);
    noDataNs[cell] = Math.max(0, noDataNs[cell]!);
    idleNs[cell] = row.knowsIdle
      ? Math.max(0, capacityNs[cell]! - busyNs[cell]! - stolenNs[cell]! - noDataNs[cell]!)
      : NaN;
    if (row.ready === null && readyNs.length > 0) readyNs[cell] = NaN;
  }
}
