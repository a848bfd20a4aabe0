// What a model is worth, on titles that it did not see: bounds that hold, how far off its medians are, how often its bounds held.

import { groupedBounds } from '#analysis/conformal';
import { mean, median } from '#analysis/quantile';
import { type CrossFit, FOLDS, type LearnTable } from './cross-fit.ts';
import { residualsAfter, type ResidualVariance, SIBLING_STEPS } from './title-offset.ts';

/** Share of the truth that an interval holds, within half a percent. */
export const COVERAGE = 0.95;

/**
 * Of the truth, the share above and below. What is packed is packed by the upper bound, so that this one is the 95 % bound, and the lower one lies
 * where almost nothing is below: the interval holds 94.5 %, or 95 % where too few titles leave the lower bound at zero.
 */
const TAIL_ABOVE = 0.05;
const TAIL_BELOW = 0.005;

/** Titles that a model takes: an upper bound needs (1 - tail) / tail of them, and has them even where one fold is judged by the others. */
export const LEAST_TITLES = Math.ceil((((1 - TAIL_ABOVE) / TAIL_ABOVE) * FOLDS) / (FOLDS - 1));

/** How far the bounds are from the median, in spreads, once so many pieces of the title are finished. */
export interface Bounds {
  readonly siblings: number;
  /** Null where there were too few titles for it. */
  readonly low: number | null;
  readonly high: number;
}

/** Of one quantity, on held-out titles. */
export interface Accuracy {
  readonly titles: number;
  readonly rows: number;
  /** By number of finished pieces of the title. */
  readonly after: readonly AccuracyAfter[];
}

export interface AccuracyAfter {
  readonly siblings: number;
  /** Median of |predicted / truth - 1|. */
  readonly mdape: number;
  /** Share of the truth inside the interval, and at or below its upper bound; titles count once each. */
  readonly covered: number;
  readonly notAbove: number;
  /** Upper bound over truth: mean and median. */
  readonly reservedMean: number;
  readonly reservedMedian: number;
}

/** Numbers of finished pieces that accuracy is told for. */
const JUDGED_STEPS = [0, 3, 10];

/** Bounds for each number of finished pieces that enough titles have. */
export function calibrate(fit: CrossFit, table: LearnTable, variance: ResidualVariance, seed: number): Bounds[] {
  return SIBLING_STEPS.flatMap((siblings) => {
    const after = residualsAfter(siblings, fit.residuals, table.siblings, variance, seed);
    const bounds = boundsOf(after, fit.spreads, table.groups, (row) => !Number.isNaN(after[row]!));
    return Number.isFinite(bounds.high) ? [{ siblings, ...bounds }] : [];
  });
}

/** Each fold is judged with bounds that the others gave. */
export function heldOutAccuracy(fit: CrossFit, table: LearnTable, variance: ResidualVariance, seed: number): Accuracy {
  const { residuals, spreads, foldOf } = fit;
  const { groups } = table;
  const after = JUDGED_STEPS.flatMap((siblings): AccuracyAfter[] => {
    const left = residualsAfter(siblings, residuals, table.siblings, variance, seed);
    const byFold = Array.from({ length: FOLDS }, (_, fold) =>
      boundsOf(left, spreads, groups, (row) => foldOf[row] !== fold && !Number.isNaN(left[row]!)),
    );
    // Too few titles have so many pieces.
    if (byFold.some(({ high }) => !Number.isFinite(high))) return [];
    const judged = [...left.keys()].filter((row) => !Number.isNaN(left[row]!));
    const sizes = new Map<number, number>();
    for (const row of judged) sizes.set(groups[row]!, (sizes.get(groups[row]!) ?? 0) + 1);
    let inside = 0;
    let notAbove = 0;
    const reserved: number[] = [];
    for (const row of judged) {
      const { low, high } = byFold[foldOf[row]!]!;
      const score = left[row]! / spreads[row]!;
      const weight = 1 / (sizes.get(groups[row]!)! * sizes.size);
      if (score <= high) notAbove += weight;
      if (score <= high && (low === null || score >= -low)) inside += weight;
      reserved.push(Math.exp(high * spreads[row]! - left[row]!));
    }
    const errors = judged.map((row) => Math.abs(Math.exp(-left[row]!) - 1));
    const shares = { mdape: median(errors), covered: inside, notAbove };
    return [{ siblings, ...shares, reservedMean: mean(reserved), reservedMedian: median(reserved) }];
  });
  return { titles: new Set(groups).size, rows: groups.length, after };
}

function boundsOf(
  residuals: Float64Array,
  spreads: Float64Array,
  groups: Int32Array,
  counts: (row: number) => boolean,
): Omit<Bounds, 'siblings'> {
  const rows = [...residuals.keys()].filter(counts);
  const scores = Float64Array.from(rows, (row) => residuals[row]! / spreads[row]!);
  const { low, high } = groupedBounds(
    scores,
    rows.map((row) => groups[row]!),
    { below: TAIL_BELOW, above: TAIL_ABOVE },
  );
  return { low: Number.isFinite(low) ? -low : null, high };
}
