// One quantity as an interval: the folds' trees together say its median, conformal bounds around it hold a stated share, and what finished pieces of
// the same title took corrects both.

import { type BoostedTrees, treeValues } from '#analysis/boosted-trees';
import { crossFit, type FoldModel, type LearnTable } from './cross-fit.ts';
import { type Accuracy, type Bounds, calibrate, heldOutAccuracy } from './held-out.ts';
import { levelMean } from './level-means.ts';
import { surfaceValue } from './title-surface.ts';
import { MAX_SIBLINGS, type ResidualVariance, residualVariance, titleOffset } from './title-offset.ts';

/** A model of one quantity, as it is stored. */
export interface IntervalModel {
  readonly folds: readonly FoldModel[];
  readonly variance: ResidualVariance;
  /** By number of finished pieces, ascending. */
  readonly bounds: readonly Bounds[];
  /** On titles that the predicting trees never saw. */
  readonly accuracy: Accuracy;
}

/** A piece of work as the model sees it. */
export interface LearnRow {
  readonly numbers: ArrayLike<number>;
  readonly words: readonly string[];
}

/** All in natural logarithms, of the target as it was learned. */
export interface LogInterval {
  readonly value: number;
  /** -Infinity where there are too few titles for a bound. */
  readonly low: number;
  readonly high: number;
}

/** @param table rows of at least LEAST_TITLES titles */
export function fitIntervals(table: LearnTable, seed: number): IntervalModel {
  const fit = crossFit(table, seed);
  const variance = residualVariance(fit.residuals, table.siblings);
  return {
    folds: fit.folds,
    variance,
    bounds: calibrate(fit, table, variance, seed),
    accuracy: heldOutAccuracy(fit, table, variance, seed),
  };
}

/** Makes a stored model ready to predict. */
export class IntervalPredictor {
  readonly #model: IntervalModel;
  readonly #values: readonly ((row: ArrayLike<number>) => number)[];
  readonly #spreads: readonly ((row: ArrayLike<number>) => number)[];
  readonly #surfaces: readonly ((numbers: ArrayLike<number>) => number)[];
  readonly #row: Float64Array;

  constructor(model: IntervalModel) {
    const ready = (trees: BoostedTrees) => treeValues(trees);
    this.#model = model;
    this.#values = model.folds.map((fold) => ready(fold.trees));
    this.#spreads = model.folds.map((fold) => ready(fold.spread));
    this.#surfaces = model.folds.map(({ surface }) => (surface === null ? () => 0 : surfaceValue(surface)));
    this.#row = new Float64Array(model.folds[0]!.trees.edges.length);
  }

  /** The median, without any finished pieces. */
  value(row: LearnRow): number {
    return this.#run(row).value;
  }

  /** @param siblings of finished pieces of the title, what they took less what {@link value} said; the latest last */
  interval(row: LearnRow, siblings: ArrayLike<number> = []): LogInterval {
    const { bounds, variance } = this.#model;
    const latest = Array.from(siblings).slice(-MAX_SIBLINGS);
    const { value, spread } = this.#run(row);
    const middle = value + titleOffset(latest, variance);
    const bound = bounds.findLast((each) => each.siblings <= latest.length) ?? bounds[0]!;
    return {
      value: middle,
      low: bound.low === null ? -Infinity : middle - bound.low * spread,
      high: middle + bound.high * spread,
    };
  }

  #run({ numbers, words }: LearnRow): { value: number; spread: number } {
    const { folds } = this.#model;
    const row = this.#row;
    row.set(numbers);
    let value = 0;
    let spread = 0;
    for (const [index, { mean, means }] of folds.entries()) {
      let typical = mean;
      for (let column = words.length - 1; column >= 0; column--) {
        typical += levelMean(means[column]!, words[column]!);
        row[numbers.length + column] = typical;
      }
      const added = this.#surfaces[index]!(numbers);
      row[numbers.length + words.length] = added;
      value += (typical + added + this.#values[index]!(row)) / folds.length;
      spread += this.#spreads[index]!(row) / folds.length;
    }
    return { value, spread: Math.exp(spread) };
  }
}
