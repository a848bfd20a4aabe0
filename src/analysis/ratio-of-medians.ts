// How much larger one sample is than another: the ratio of their medians (or the difference, where a ratio means nothing), how sure
// that is, and whether it could be noise.

import { mean, median } from './quantile.ts';
import { middleInterval, shiftInterval } from './rank-interval.ts';
import { meanAboveZero, meanShift, shiftBounds, type Sample } from './welch.ts';

/** `difference` for what can be 0 or negative and for scores, `ratio` for everything else. */
export type Scale = 'ratio' | 'difference';

/**
 * Where the 95 % interval comes from. `rank`: of Mann and Whitney, or over cells of Wilcoxon: exact, whatever the shape of the noise. `t`: of Welch, where
 * there are too few values for ranks: the noise of the logarithms is taken as normal. `constant`: nothing varies in either sample.
 */
export type IntervalMethod = 'rank' | 't' | 'constant';

export interface Change {
  /** b / a, or b - a: of the medians; over cells of the typical cell. */
  readonly effect: number;
  /** 95 % interval of it; null where there are too few values. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly method: IntervalMethod | null;
  /** Two-sided, uncorrected; NaN where nothing can be tested: too few values, or all values of both samples are the same. */
  readonly p: number;
}

/** With fewer values in a sample its spread is a guess: no interval. */
export const LEAST_REPEATS = 3;

/**
 * Compares two samples. The interval is of the shift between them (of their logarithms for a ratio): from `rank` at 4 against 4 values, from `t` at 3 against 3.
 * The p is of Welch's t test of the same: ranks of 5 against 5 values can't say less than 0.008, which is nothing among a hundred tests.
 * Where nothing varies in either sample and they differ all the same, p is the most that such a pattern has by chance: 2^-(n + m - 1).
 * @param a, b not empty, without NaN; above 0 for a ratio
 */
export function changeOfMedians(a: ArrayLike<number>, b: ArrayLike<number>, scale: Scale): Change {
  const effect = scale === 'ratio' ? median(b) / median(a) : median(b) - median(a);
  if (Math.min(a.length, b.length) < LEAST_REPEATS) return { effect, interval: null, method: null, p: NaN };
  const from = scaled(a, scale);
  const to = scaled(b, scale);
  const shift = meanShift([{ a: from, b: to }]);
  // Without spread there is no t: every value of a is the same, and so is every one of b.
  if (shift === null) return constantChange(effect, scale, a.length + b.length);
  const ranked = shiftInterval(from, to);
  const { low, high } = ranked ?? shiftBounds(shift);
  return {
    effect,
    interval: [unscaled(low, scale), unscaled(high, scale)],
    method: ranked === null ? 't' : 'rank',
    p: shift.p,
  };
}

/**
 * The change over several cells, each compared with itself. From 6 cells on the Hodges-Lehmann middle of the cells' changes with Wilcoxon's interval, and the
 * p of a t test of them: cells that changed differently make it wide. Of fewer cells the mean of their changes, as sure as the repeats of each are.
 * @param cells not empty; each as in {@link changeOfMedians}
 */
export function changeOverCells(cells: readonly Sample[], scale: Scale): Change {
  if (cells.length === 1) return changeOfMedians(cells[0]!.a, cells[0]!.b, scale);
  const changes = cells.map(({ a, b }) =>
    scale === 'ratio' ? Math.log(median(b) / median(a)) : median(b) - median(a),
  );
  if (changes.length < LEAST_CELLS) return changeOfFewCells(cells, changes, scale);
  const shift = meanAboveZero(changes);
  if (shift === null) return constantChange(unscaled(changes[0]!, scale), scale, changes.length);
  const ranked = middleInterval(changes);
  const { estimate, low, high } = ranked ?? { ...shift, ...shiftBounds(shift) };
  return {
    effect: unscaled(estimate, scale),
    interval: [unscaled(low, scale), unscaled(high, scale)],
    method: ranked === null ? 't' : 'rank',
    p: shift.p,
  };
}

/** Wilcoxon's interval reaches 95 % from here on. */
const LEAST_CELLS = 6;

function changeOfFewCells(cells: readonly Sample[], changes: readonly number[], scale: Scale): Change {
  if (cells.some(({ a, b }) => Math.min(a.length, b.length) < LEAST_REPEATS))
    return { effect: unscaled(mean(changes), scale), interval: null, method: null, p: NaN };
  const shift = meanShift(cells.map(({ a, b }) => ({ a: scaled(a, scale), b: scaled(b, scale) })));
  if (shift === null) {
    const count = cells.reduce((sum, { a, b }) => sum + a.length + b.length, 0);
    return constantChange(unscaled(mean(changes), scale), scale, count);
  }
  const { low, high } = shiftBounds(shift);
  return {
    effect: unscaled(shift.estimate, scale),
    interval: [unscaled(low, scale), unscaled(high, scale)],
    method: 't',
    p: shift.p,
  };
}

function constantChange(effect: number, scale: Scale, count: number): Change {
  const isSame = effect === (scale === 'ratio' ? 1 : 0);
  return { effect, interval: [effect, effect], method: 'constant', p: isSame ? NaN : 2 ** -(count - 1) };
}

function scaled(values: ArrayLike<number>, scale: Scale): Float64Array {
  return Float64Array.from(values, scale === 'ratio' ? Math.log : (value: number) => value);
}

function unscaled(value: number, scale: Scale): number {
  return scale === 'ratio' ? Math.exp(value) : value;
}
