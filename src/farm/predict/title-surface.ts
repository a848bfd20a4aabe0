// What a title's facts alone say of it, as a smooth surface: where there are few titles, trees cut what varies slowly into coarse steps.

import type { Columns } from '#analysis/boosted-trees';
import { invertedFactor } from './cholesky.ts';

/** A surface over the facts of titles, as it is stored. */
export interface TitleSurface {
  /** Which of the numbers it looks at, and how each is brought to a common scale: NaN stands in the middle. */
  readonly facts: readonly Fact[];
  /** Facts of the titles that it was learned from, on that scale, title by title. */
  readonly points: readonly number[];
  /** How much each of these counts. */
  readonly weights: readonly number[];
  /** Squared distance at which titles cease to resemble each other. */
  readonly reach: number;
  /** The mean of all titles. */
  readonly mean: number;
}

interface Fact {
  readonly column: number;
  /** Added before the logarithm is taken; null: as it is. */
  readonly floor: number | null;
  readonly mean: number;
  readonly scale: number;
}

/** Titles are thinned out to so many: the work grows with their third power. */
const MOST_TITLES = 400;
/** Fewer titles than this are no surface. */
const LEAST_TITLES = 12;
/** What is added to a number that is never negative before its logarithm is taken, as a share of its median. */
const FLOOR_SHARE = 0.03;
/** Share of a straight plane in what resembles, and what is tried: reaches, times the number of facts; noise. The best by leaving out one title each. */
const PLANE = 0.3;
const REACHES = [1, 4];
const NOISES = [0.03, 0.1, 0.3, 1, 3];

/** A surface, and of each title that it was learned from what it says without that title. */
export interface FittedSurface {
  readonly surface: TitleSurface;
  readonly without: ReadonlyMap<number, number>;
  /** Whether it holds all titles; false where there were too many. */
  readonly isWhole: boolean;
}

/**
 * Regression by a Gaussian process (Rasmussen and Williams, "Gaussian processes for machine learning", 2006; Matérn 3/2 and a plane, noise and reach
 * chosen by the closed form of leaving one out, section 5.4.2) over the means of titles. Numbers that vary more within titles than between them are
 * left to the trees.
 * @param target of each row
 * @param groups the title of each row
 * @param rows to learn from
 */
export function fitSurface(
  columns: Columns,
  target: Float64Array,
  groups: Int32Array,
  rows: Int32Array,
): FittedSurface | null {
  const titles = byTitle(groups, rows);
  if (titles.length < LEAST_TITLES) return null;
  const facts = columns.flatMap((values, column) => factOf(values, column, titles) ?? []);
  if (facts.length === 0) return null;
  const points = titles.flatMap(({ rows: own }) =>
    facts.map((fact) => meanOf(own, (row) => scaled(fact, columns[fact.column]![row]!))),
  );
  const means = Float64Array.from(titles, ({ rows: own }) => meanOf(own, (row) => target[row]!));
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const left = means.map((value) => value - mean);
  const step = Math.ceil(titles.length / MOST_TITLES);
  const kept = titles.flatMap((_, index) => (index % step === 0 ? [index] : []));
  const d = facts.length;
  const keptPoints = kept.flatMap((index) => points.slice(index * d, index * d + d));
  const keptLeft = Float64Array.from(kept, (index) => left[index]!);
  let best: { error: number; reach: number; weights: Float64Array; errors: Float64Array } | null = null;
  for (const times of REACHES) {
    const reach = times * d;
    const alike = kernel(keptPoints, d, reach);
    for (const noise of NOISES) {
      const { weights, errors } = leaveOneOut(alike, keptLeft, noise);
      const error = errors.reduce((sum, each) => sum + each * each, 0);
      if (best === null || error < best.error) best = { error, reach, weights, errors };
    }
  }
  const { reach, weights, errors } = best!;
  const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toPrecision(9)));
  const surface = { facts, points: rounded(keptPoints), weights: rounded(weights), reach, mean };
  const without = new Map(kept.map((index, k) => [titles[index]!.title, means[index]! - errors[k]!]));
  for (const [index, { title }] of titles.entries()) {
    if (!without.has(title))
      without.set(title, surfaceAt(surface, Float64Array.from(points.slice(index * d, index * d + d))));
  }
  return { surface, without, isWhole: step === 1 };
}

/** Values of single rows of numbers. */
export function surfaceValue(surface: TitleSurface): (numbers: ArrayLike<number>) => number {
  const at = new Float64Array(surface.facts.length);
  return (numbers) => {
    for (const [index, fact] of surface.facts.entries()) at[index] = scaled(fact, numbers[fact.column]!);
    return surfaceAt(surface, at);
  };
}

function surfaceAt({ points, weights, reach, mean }: TitleSurface, at: Float64Array): number {
  const d = at.length;
  let value = mean;
  for (let i = 0; i < weights.length; i++) {
    let square = 0;
    let dot = 0;
    for (let k = 0; k < d; k++) {
      const other = points[i * d + k]!;
      square += (other - at[k]!) ** 2;
      dot += other * at[k]!;
    }
    value += weights[i]! * resemblance(square / reach, dot / d);
  }
  return value;
}

function resemblance(square: number, dot: number): number {
  const far = Math.sqrt(3 * square);
  return (1 + far) * Math.exp(-far) + PLANE * dot;
}

function kernel(points: readonly number[], d: number, reach: number): Float64Array {
  const n = points.length / d;
  const alike = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let square = 0;
      let dot = 0;
      for (let k = 0; k < d; k++) {
        square += (points[i * d + k]! - points[j * d + k]!) ** 2;
        dot += points[i * d + k]! * points[j * d + k]!;
      }
      alike[i * n + j] = resemblance(square / reach, dot / d);
    }
  }
  return alike;
}

/** @param alike the lower triangle @returns weights, and how far off each title is said without itself */
function leaveOneOut(alike: Float64Array, values: Float64Array, noise: number) {
  const n = values.length;
  const matrix = alike.slice();
  for (let i = 0; i < n; i++) matrix[i * n + i]! += noise;
  const inverse = invertedFactor(matrix, n);
  const weights = new Float64Array(n);
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += inverse[i * n + j]! * values[j]!;
    for (let j = 0; j <= i; j++) {
      weights[j]! += inverse[i * n + j]! * sum;
      diagonal[j]! += inverse[i * n + j]! ** 2;
    }
  }
  return { weights, errors: weights.map((weight, i) => weight / diagonal[i]!) };
}

/** How a number is scaled; null where titles don't differ in it more than their own rows do. */
function factOf(values: Float64Array, column: number, titles: readonly Title[]): Fact | null {
  const known = titles
    .flatMap(({ rows }) => Array.from(rows, (row) => values[row]!))
    .filter((value) => !Number.isNaN(value));
  if (known.length === 0) return null;
  const middle = known.toSorted((a, b) => a - b);
  const median = middle[Math.floor(middle.length / 2)]!;
  const floor = middle[0]! >= 0 && median > 0 ? FLOOR_SHARE * median : null;
  const raw: Fact = { column, floor, mean: 0, scale: 1 };
  const means: number[] = [];
  let within = 0;
  for (const { rows } of titles) {
    const own = Array.from(rows, (row) => values[row]!).flatMap((value) =>
      Number.isNaN(value) ? [] : scaled(raw, value),
    );
    if (own.length === 0) continue;
    const mean = own.reduce((sum, value) => sum + value / own.length, 0);
    means.push(mean);
    for (const value of own) within += (value - mean) ** 2 / own.length;
  }
  const mean = means.reduce((sum, value) => sum + value / means.length, 0);
  const between = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (!(between > within) || between / means.length < 1e-12) return null;
  return { column, floor, mean, scale: Math.sqrt(between / means.length) };
}

function scaled({ floor, mean, scale }: Fact, value: number): number {
  if (Number.isNaN(value)) return 0;
  const seen = floor === null ? value : Math.log(Math.max(0, value) + floor);
  return (seen - mean) / scale;
}

interface Title {
  readonly title: number;
  readonly rows: readonly number[];
}

function byTitle(groups: Int32Array, rows: Int32Array): Title[] {
  const found = Map.groupBy(rows, (row) => groups[row]!);
  return Array.from(found, ([title, own]) => ({ title, rows: own }));
}

function meanOf(rows: readonly number[], value: (row: number) => number): number {
  let sum = 0;
  for (const row of rows) sum += value(row);
  return sum / rows.length;
}
