// Cells as points of two metrics: what a Pareto front is drawn and listed from.

import { paretoFront, type Directions } from '#analysis/pareto';
import { paretoShares } from '#analysis/pareto-shares';
import type { Behind } from '../scene/scene.ts';
import { behindGroups, type Groups } from './grouping.ts';

export interface ParetoCells {
  /** Runs of each point that have both metrics. */
  readonly behind: Behind;
  /** Medians over the runs of each cell. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly onFront: Uint8Array;
  /** Of each point the share of resamples in which it is on the front. */
  readonly shares: Float64Array;
  readonly resamples: number;
  /** Points of the front in the order of x. */
  readonly front: Uint32Array;
  /** Whether any cell has more than one run. */
  readonly repeated: boolean;
}

/**
 * The points of some cells, and which of them are on the front.
 * @param groups one for each cell; all of its rows have both metrics
 * @param x of every row of the dataset, as `y`
 */
export function paretoCells(
  groups: Groups,
  chosen: ArrayLike<number>,
  x: Float64Array,
  y: Float64Array,
  better: Directions,
): ParetoCells {
  const behind = behindGroups(groups, chosen);
  const count = behind.first.length - 1;
  const runs = {
    first: behind.first,
    x: Float64Array.from(behind.rows, (row) => x[row]!),
    y: Float64Array.from(behind.rows, (row) => y[row]!),
  };
  const middles = { x: new Float64Array(count), y: new Float64Array(count) };
  for (let cell = 0; cell < count; cell++) {
    const [from, to] = [runs.first[cell]!, runs.first[cell + 1]!];
    middles.x[cell] = to - from === 1 ? runs.x[from]! : medianOf(runs.x, from, to);
    middles.y[cell] = to - from === 1 ? runs.y[from]! : medianOf(runs.y, from, to);
  }
  const onFront = paretoFront(middles.x, middles.y, better);
  const { shares, resamples } = paretoShares(runs, better);
  const front = Uint32Array.from(onFront.keys())
    .filter((cell) => onFront[cell] === 1)
    .sort((a, b) => middles.x[a]! - middles.x[b]! || a - b);
  return {
    behind,
    ...middles,
    onFront,
    shares,
    resamples,
    front,
    repeated: count < behind.rows.length,
  };
}

function medianOf(values: Float64Array, from: number, to: number): number {
  const sorted = values.slice(from, to).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The front of a facet. */
export interface Front {
  readonly cells: ParetoCells;
  /** Of its facet; empty where there is one. */
  readonly title: string;
  /** Points of fronts before it: its own are numbered on from there. */
  readonly from: number;
}

/** A cell is surely on the front, or surely not, from this share of the resamples on. */
export const SURE = 0.95;

export function isUnsure(share: number): boolean {
  return share > 1 - SURE && share < SURE;
}
