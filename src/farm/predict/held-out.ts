// What a model is worth, on titles that it did not see: bounds that hold, how far off its medians are, how often its bounds held.

import { groupedQuantile } from '#analysis/conformal';
import { mean, median } from '#analysis/quantile';
import { type CrossFit, FOLDS } from './cross-fit.ts';
import { residualsAfter, type ResidualVariance, SIBLING_STEPS } from './title-offset.ts';

/** Share of the truth that an interval holds, within half a percent. */
export const COVERAGE = 0.95;

/**
 * Of the truth, the share above and below. What is packed is packed by the upper bound, so that this one is the 95 % bound, and the lower one lies
 * where almost nothing is below: the interval holds 94.5 %, or 95 % where too few titles leave the lower bound at zero.
 */
const TAIL_ABOVE = 0.05;
const TAIL_BELOW = 0.005;

/** Titles that an upper bound needs. */
export const LEAST_TITLES = Math.round((1 - TAIL_ABOVE) / TAIL_ABOVE);

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

/** Bounds for each number of finished pieces that enough titles have. */
export function calibrate(fit: CrossFit, groups: Int32Array, variance: ResidualVariance, seed: number): Bounds[] {
  return SIBLING_STEPS.flatMap((siblings) => {
    const after = residualsAfter(siblings, fit.residuals, groups, variance, seed);
    const bounds = boundsOf(after, fit.spreads, groups, (row) => !Number.isNaN(after[row]!));
    return Number.isFinite(bounds.high) ? [{ siblings, ...bounds }] : [];
  });
}

/** Each fold is judged with bounds that the others gave. */
export function heldOutAccuracy(fit: CrossFit, groups: Int32Array, variance: ResidualVariance, seed: number): Accuracy {
  const { residuals, spreads, foldOf } = fit;
  const after = SIBLING_STEPS.flatMap((siblings): AccuracyAfter[] => {
    const left = residualsAfter(siblings, residuals, groups, variance, seed);
    const byFold = Array.from({ length: FOLDS }, (_, fold) =>
      boundsOf(left, spreads, groups, (row) => foldOf[row] !== fold && !Number.isNaN(left[row]!)),
    );
    const judged = [...left.keys()].filter((row) => !Number.isNaN(left[row]!));
    if (judged.length === 0) return [];
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
  const groupsOfRows = rows.map((row) => groups[row]!);
  const high = groupedQuantile(scores, groupsOfRows, 1 - TAIL_ABOVE);
  const low = groupedQuantile(
    scores.map((score) => -score),
    groupsOfRows,
    1 - TAIL_BELOW,
  );
  return { low: Number.isFinite(low) ? low : null, high };
}
