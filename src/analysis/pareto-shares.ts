// How sure it is that a cell is on the Pareto front, where its repeats differ.

import { paretoFront, type Directions } from './pareto.ts';
import { seededRandom } from './random.ts';

/** Repeats of cells: those of cell i are `first[i] … first[i + 1] - 1`; both numbers of a run are finite. */
export interface CellRuns {
  readonly first: Uint32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const MOST_RESAMPLES = 200;
const FEWEST_RESAMPLES = 50;
/** Runs drawn at the most, in all resamples together: what a person waits for without noticing. */
const MOST_DRAWS = 200_000;
/** Any number: the same runs always get the same shares. */
const SEED = 20_200_218;

export interface ParetoShares {
  /** Of each cell in how many of the resamples it was on the front, 0 to 1. */
  readonly shares: Float64Array;
  readonly resamples: number;
}

/**
 * Bootstrap of the front (Efron 1979): the runs of each cell are drawn again with replacement, both metrics of a run together; the
 * cell stands at their medians. Cells that some other cell dominates even where its own best runs stand against that one's worst
 * have a share of 0 in every resample, and are not drawn: what is left is few, mostly. A cell of one run always stands where it
 * is: its own noise is not known.
 */
export function paretoShares(runs: CellRuns, better: Directions): ParetoShares {
  // Without a repeat there is nothing to draw.
  if (runs.x.length === runs.first.length - 1)
    return { shares: Float64Array.from(paretoFront(runs.x, runs.y, better)), resamples: 1 };
  const cells = candidates(runs, better);
  const shares = new Float64Array(runs.first.length - 1);
  let count = 0;
  let longest = 0;
  for (const cell of cells) {
    const length = runs.first[cell + 1]! - runs.first[cell]!;
    count += length;
    longest = Math.max(longest, length);
  }
  const resamples =
    longest < 2 ? 1 : Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, Math.floor(MOST_DRAWS / Math.max(1, count))));
  const random = seededRandom(SEED);
  const [x, y] = [new Float64Array(cells.length), new Float64Array(cells.length)];
  const [drawnX, drawnY] = [new Float64Array(longest), new Float64Array(longest)];
  for (let resample = 0; resample < resamples; resample++) {
    for (const [i, cell] of cells.entries()) {
      const from = runs.first[cell]!;
      const length = runs.first[cell + 1]! - from;
      for (let k = 0; k < length; k++) {
        // A repeat's chance is wrong by less than one in a hundred million: nothing to draw again for.
        const picked = from + Math.floor((random() / 2 ** 32) * length);
        drawnX[k] = runs.x[picked]!;
        drawnY[k] = runs.y[picked]!;
      }
      x[i] = medianInPlace(drawnX, length);
      y[i] = medianInPlace(drawnY, length);
    }
    const onFront = paretoFront(x, y, better);
    for (const [i, cell] of cells.entries()) shares[cell]! += onFront[i]!;
  }
  for (const cell of cells) shares[cell]! /= resamples;
  return { shares, resamples };
}

/** Cells whose best corner is not dominated by the worst corner of any other. */
function candidates({ first, x, y }: CellRuns, better: Directions): Uint32Array {
  const cells = first.length - 1;
  const best = { x: new Float64Array(cells).fill(NaN), y: new Float64Array(cells).fill(NaN) };
  const worst = { x: new Float64Array(cells).fill(NaN), y: new Float64Array(cells).fill(NaN) };
  for (let cell = 0; cell < cells; cell++) {
    for (let run = first[cell]!; run < first[cell + 1]!; run++) {
      best.x[cell] = goodOf(best.x[cell]!, x[run]!, better.x === 'higher');
      worst.x[cell] = goodOf(worst.x[cell]!, x[run]!, better.x === 'lower');
      best.y[cell] = goodOf(best.y[cell]!, y[run]!, better.y === 'higher');
      worst.y[cell] = goodOf(worst.y[cell]!, y[run]!, better.y === 'lower');
    }
  }
  // The worst corners that count are their own front: a best corner is tried against the one of them that is nearest in x.
  const front = paretoFront(worst.x, worst.y, better);
  const towards = better.x === 'higher' ? -1 : 1;
  const stairs = Uint32Array.from(front.keys())
    .filter((cell) => front[cell] === 1)
    .sort((a, b) => towards * (worst.x[a]! - worst.x[b]!));
  const kept: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    if (Number.isNaN(best.x[cell]!)) continue;
    let [low, high] = [0, stairs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (towards * (worst.x[stairs[middle]!]! - best.x[cell]!) <= 0) low = middle + 1;
      else high = middle;
    }
    const nearest = low === 0 ? -1 : stairs[low - 1]!;
    if (nearest === -1 || !dominates(worst.x[nearest]!, worst.y[nearest]!, best.x[cell]!, best.y[cell]!, better))
      kept.push(cell);
  }
  return Uint32Array.from(kept);
}

/** Whether a point at (ax, ay) is at least as good in both and better in one than one at (bx, by). */
export function dominates(ax: number, ay: number, bx: number, by: number, better: Directions): boolean {
  const asGoodX = better.x === 'higher' ? ax >= bx : ax <= bx;
  const asGoodY = better.y === 'higher' ? ay >= by : ay <= by;
  return asGoodX && asGoodY && (ax !== bx || ay !== by);
}

function goodOf(known: number, next: number, larger: boolean): number {
  if (Number.isNaN(known)) return next;
  return larger ? Math.max(known, next) : Math.min(known, next);
}

/** Median of the first `length` numbers, which it sorts: few, so by insertion. */
function medianInPlace(values: Float64Array, length: number): number {
  for (let i = 1; i < length; i++) {
    const value = values[i]!;
    let k = i - 1;
    for (; k >= 0 && values[k]! > value; k--) values[k + 1] = values[k]!;
    values[k + 1] = value;
  }
  const half = length >> 1;
  return length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
