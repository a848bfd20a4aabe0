// Models that never saw the titles they are judged by: the titles are dealt into folds, and each fold has trees of its own, grown on all others.

import { type BoostedTrees, boostTrees, type Columns } from '#analysis/boosted-trees';
import { seededRandom, shuffled } from '#analysis/random';
import { levelMean, type LevelMeans, levelMeans } from './level-means.ts';
import { fitSurface, surfaceValue, type TitleSurface } from './title-surface.ts';

/** What is learned from, as columns of equal length. */
export interface LearnTable {
  /** NaN where a number is not known. */
  readonly columns: Columns;
  /**
   * Words, column by column, from the most telling to the broadest (a configuration, its encoder): what a word's rows take on average falls back to
   * that of the next column where few titles carry it. The trees correct it.
   */
  readonly words: readonly (readonly string[])[];
  /** Natural logarithm of what was used, less that of the size of the work. */
  readonly target: Float64Array;
  /** The title of each row, a whole number. */
  readonly groups: Int32Array;
  /** The same number for rows that correct each other: pieces of one title and kind. */
  readonly siblings: Int32Array;
}

/** What one fold's part of a model is made of. */
export interface FoldModel {
  /** Mean of all. */
  readonly mean: number;
  /** Of each column of words: how far from the next column's. */
  readonly means: readonly LevelMeans[];
  /** What the facts of a title add; null where there are too few titles or facts. */
  readonly surface: TitleSurface | null;
  readonly trees: BoostedTrees;
  /** Natural logarithm of how far off a prediction may be. */
  readonly spread: BoostedTrees;
}

/** Models by fold, and of each row what the model says that did not see its title. */
export interface CrossFit {
  readonly folds: readonly FoldModel[];
  readonly foldOf: Uint8Array;
  /** Target less prediction. */
  readonly residuals: Float64Array;
  /** Expected size of the residual. */
  readonly spreads: Float64Array;
}

export const FOLDS = 4;

/**
 * How often the titles are dealt anew. What is held out is then the mean of so many models, as what is predicted is the mean of all: with one round
 * bounds are wider than they need to be.
 */
const ROUNDS = 2;

/** Chosen on the public x264 data, see docs/prediction.md. */
const VALUE_TREES = {
  trees: 320,
  patience: 40,
  leaves: 31,
  ridge: 5,
  shrinkage: 0.1,
  bins: 100,
  groupShare: 0.7,
  rowShare: 0.5,
  columnShare: 0.5,
  clip: 0.3,
};
const SPREAD_TREES = { ...VALUE_TREES, trees: 60, leaves: 8, clip: Infinity };

/** Trees of few rows are small. */
const LEAST_LEAVES = 4;
const ROWS_A_LEAF = 50;

/** A word is believed by half once so many titles carry it. */
const PRIOR_TITLES = 1;

/** Residuals smaller than this, in logarithms, are as good as none: keeps the logarithm of a lucky zero from pulling. */
const SMALL_RESIDUAL = 0.02;

/** @param table rows of at least {@link FOLDS} groups */
export function crossFit(table: LearnTable, seed: number): CrossFit {
  const rows = table.target.length;
  const rounds = Array.from({ length: ROUNDS }, (_, round) => fitValues(table, seed + round * FOLDS));
  const residuals = meanOf(rounds.map((round) => round.residuals));
  const distances = residuals.map((residual) => Math.log(Math.abs(residual) + SMALL_RESIDUAL));
  const leafRows = leastRows(rows);
  const logSpreads: Float64Array[] = [];
  const folds = rounds.flatMap(({ bases, values, foldOf, seed: own }) => {
    const logSpread = new Float64Array(rows);
    logSpreads.push(logSpread);
    return bases.map(({ columns, mean, means, surface }, fold): FoldModel => {
      const held = rowsWhere(foldOf, (each) => each === fold);
      const fitted = boostTrees(
        { columns, target: distances, groups: table.groups },
        rowsWhere(foldOf, (each) => each !== fold),
        held,
        { ...SPREAD_TREES, leafRows, seed: own + fold },
      );
      for (const [index, row] of held.entries()) logSpread[row] = fitted.heldValues[index]!;
      return { mean, means, surface, trees: values[fold]!, spread: fitted.trees };
    });
  });
  return { folds, foldOf: rounds[0]!.foldOf, residuals, spreads: meanOf(logSpreads).map(Math.exp) };
}

/** One round: each title is in one fold. */
function fitValues(table: LearnTable, seed: number) {
  const rows = table.target.length;
  const foldOf = dealFolds(table.groups, seed);
  const leaves = Math.max(LEAST_LEAVES, Math.min(VALUE_TREES.leaves, Math.round(rows / ROWS_A_LEAF)));
  const residuals = new Float64Array(rows);
  const bases = Array.from({ length: FOLDS }, (_, fold) =>
    addSurface(table, encodeWords(table, foldOf, fold), foldOf, fold),
  );
  const values = bases.map(({ columns, base, isWhole }, fold) => {
    const target = table.target.map((value, row) => value - base[row]!);
    const held = rowsWhere(foldOf, (each) => each === fold);
    const fitted = boostTrees(
      { columns, target: isWhole ? withinTitles(target, table.groups) : target, groups: table.groups },
      rowsWhere(foldOf, (each) => each !== fold),
      held,
      { ...VALUE_TREES, leaves, leafRows: leastRows(rows), seed: seed + fold },
    );
    for (const [index, row] of held.entries()) residuals[row] = target[row]! - fitted.heldValues[index]!;
    return fitted.trees;
  });
  return { bases, values, foldOf, residuals, seed };
}

/** A leaf of few rows would be a single title's. */
function leastRows(rows: number): number {
  return Math.max(3, Math.min(50, Math.round(rows / 400)));
}

function meanOf(rounds: readonly Float64Array[]): Float64Array {
  return rounds[0]!.map((_, row) => rounds.reduce((sum, each) => sum + each[row]!, 0) / rounds.length);
}

/** Titles in random order, one fold after the other. */
function dealFolds(groups: Int32Array, seed: number): Uint8Array {
  const order = shuffled([...new Set(groups)], seededRandom(seed));
  const foldOfGroup = new Map(order.map((group, index) => [group, index % FOLDS]));
  return Uint8Array.from(groups, (group) => foldOfGroup.get(group)!);
}

/**
 * The columns that one fold's trees see. A row that is learned from carries means of words that its own fold had no part in, as the rows to be
 * predicted will: else the trees would trust them too much.
 */
function encodeWords(table: LearnTable, foldOf: Uint8Array, fold: number) {
  const encoders = Array.from({ length: FOLDS }, (_, other) =>
    learnWords(table, (row) => foldOf[row] !== fold && foldOf[row] !== other),
  );
  const own = encoders[fold]!;
  const columns = table.words.map(() => new Float64Array(foldOf.length));
  for (let row = 0; row < foldOf.length; row++) {
    const { mean, means } = encoders[foldOf[row]!]!;
    let value = mean;
    for (let column = columns.length - 1; column >= 0; column--) {
      value += levelMean(means[column]!, table.words[column]![row]!);
      columns[column]![row] = value;
    }
  }
  return { ...own, columns: [...table.columns, ...columns], base: columns[0]! };
}

/**
 * What the facts of a title say beyond the words, on top of these and as one more column. A row that is learned from carries what the other titles
 * say of its own.
 */
function addSurface(table: LearnTable, words: ReturnType<typeof encodeWords>, foldOf: Uint8Array, fold: number) {
  const left = table.target.map((value, row) => value - words.base[row]!);
  const rows = rowsWhere(foldOf, (each) => each !== fold);
  const fitted = fitSurface(table.columns, left, table.groups, rows);
  const added = new Float64Array(left.length);
  if (fitted !== null) {
    const { surface, without } = fitted;
    const value = surfaceValue(surface);
    const numbers = new Float64Array(table.columns.length);
    for (let row = 0; row < added.length; row++) {
      if (foldOf[row] !== fold) added[row] = without.get(table.groups[row]!)!;
      else {
        for (let column = 0; column < numbers.length; column++) numbers[column] = table.columns[column]![row]!;
        added[row] = value(numbers);
      }
    }
  }
  const base = words.base.map((value, row) => value + added[row]!);
  return {
    ...words,
    surface: fitted?.surface ?? null,
    isWhole: fitted?.isWhole ?? false,
    columns: [...words.columns, added],
    base,
  };
}

/**
 * What titles are off by as a whole is the surface's, where it holds them all: trees that saw it would learn so few titles by heart. Of a title of few
 * rows, which tell its mean badly, less is taken out.
 */
function withinTitles(target: Float64Array, groups: Int32Array): Float64Array {
  const titles = new Map<number, { sum: number; rows: number }>();
  for (const [row, group] of groups.entries()) {
    const title = titles.get(group) ?? { sum: 0, rows: 0 };
    titles.set(group, title);
    title.sum += target[row]!;
    title.rows++;
  }
  return target.map((value, row) => {
    const { sum, rows } = titles.get(groups[row]!)!;
    return value - (sum / rows) * (1 - 1 / rows);
  });
}

/** Means of words from the broadest column to the most telling, each of what the former ones left over. */
function learnWords({ words, target, groups }: LearnTable, counts: (row: number) => boolean) {
  let sum = 0;
  let rows = 0;
  for (let row = 0; row < target.length; row++) {
    if (!counts(row)) continue;
    sum += target[row]!;
    rows++;
  }
  const mean = sum / rows;
  const left = target.map((value) => value - mean);
  const means: LevelMeans[] = [];
  for (const [index, column] of words.toReversed().entries()) {
    // The broadest has nothing to fall back to: kinds of work differ by orders of magnitude.
    const found = levelMeans(column, left, groups, counts, index === 0 ? 0 : PRIOR_TITLES);
    means.unshift(found);
    for (let row = 0; row < left.length; row++) left[row]! -= levelMean(found, column[row]!);
  }
  return { mean, means };
}

function rowsWhere(foldOf: Uint8Array, chosen: (fold: number) => boolean): Int32Array {
  const rows: number[] = [];
  for (const [row, fold] of foldOf.entries()) if (chosen(fold)) rows.push(row);
  return Int32Array.from(rows);
}
