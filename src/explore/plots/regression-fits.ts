// Lines through the runs of each series: which form, how steep in words, how sure.

import { confidenceBand, fitLine, lineAt, type LineFit } from '#analysis/regression';
import { displayUnit, formatNumber, formatQuantity } from '#core/format-quantity';
import type { Unit } from '#core/metric';
import type { Groups } from './grouping.ts';
import type { Measure } from './regression-axis.ts';

/** Straight, over the logarithm of x, or logarithms of both: a power of x. */
export const FIT_FORMS = ['linear', 'log', 'power'] as const;
export type FitForm = (typeof FIT_FORMS)[number];

export interface SeriesFit {
  /** In the form's own coordinates; null where the points make no line. */
  readonly fit: LineFit | null;
  /** The same on the means of the cells: repeats of a cell are no independent points. NaN where there are too few. */
  readonly cellP: number;
  readonly cells: number;
  readonly runs: number;
}

/**
 * Fits all runs of some cells together.
 * @param groups one for each cell
 * @param x of every row of the dataset, as `y`
 */
export function fitCells(
  { first, rows }: Groups,
  cells: readonly number[],
  x: Float64Array,
  y: Float64Array,
  form: FitForm,
): SeriesFit {
  let runs = 0;
  for (const cell of cells) runs += first[cell + 1]! - first[cell]!;
  const [atX, atY] = [new Float64Array(runs), new Float64Array(runs)];
  const [meanX, meanY] = [new Float64Array(cells.length), new Float64Array(cells.length)];
  let at = 0;
  for (const [k, cell] of cells.entries()) {
    const from = at;
    for (let i = first[cell]!; i < first[cell + 1]!; i++, at++) {
      const row = rows[i]!;
      atX[at] = form === 'linear' ? x[row]! : Math.log(x[row]!);
      atY[at] = form === 'power' ? Math.log(y[row]!) : y[row]!;
      meanX[k]! += atX[at]!;
      meanY[k]! += atY[at]!;
    }
    meanX[k]! /= at - from;
    meanY[k]! /= at - from;
  }
  return { fit: fitLine(atX, atY), cellP: fitLine(meanX, meanY)?.p ?? NaN, cells: cells.length, runs };
}

/** Heights of the line and of its 95 % band at places of the x axis. */
export function curveOf(fit: LineFit, form: FitForm, x: ArrayLike<number>) {
  const half = confidenceBand(fit);
  const back = form === 'power' ? Math.exp : (value: number) => value;
  const at = Float64Array.from(x, (value) => (form === 'linear' ? value : Math.log(value)));
  return {
    middle: at.map((value) => back(lineAt(fit, value))),
    low: at.map((value) => back(lineAt(fit, value) - half(value))),
    high: at.map((value) => back(lineAt(fit, value) + half(value))),
  };
}

/** `+12.3 ms for each Mbit/s of bitrate`, `+14.9 frame/s for each step of 1 in threads`, `3.1 dB with each doubling of bitrate`, `as bitrate to the power of 0.83`. */
export function slopeText({ slope, maxX }: LineFit, form: FitForm, x: Measure, unit: Unit): string {
  if (form === 'power') return `as ${x.title} to the power of ${formatNumber(slope)}`;
  if (form === 'log') return `${signed(slope * Math.LN2, unit)} with each doubling of ${x.title}`;
  const step = displayUnit(x.unit, maxX);
  if (step.name !== '') return `${signed(slope * step.divisor, unit)} for each ${step.name} of ${x.title}`;
  const { name, divisor } = plainStep(maxX);
  return `${signed(slope * divisor, unit)} for each step of ${name} in ${x.title}`;
}

/** `p < 0.001`, `p 0.032`. */
export function pText(p: number): string {
  if (Number.isNaN(p)) return 'p unknown';
  return p < 0.001 ? 'p < 0.001' : `p ${p.toFixed(3)}`;
}

/** A number without a unit counts in thousands or millions where it is that large: of a bitrate as it was set, say. */
function plainStep(largest: number): { name: string; divisor: number } {
  if (largest >= 2e9) return { name: '1G', divisor: 1e9 };
  if (largest >= 2e6) return { name: '1M', divisor: 1e6 };
  return largest >= 5e3 ? { name: '1k', divisor: 1e3 } : { name: '1', divisor: 1 };
}

function signed(value: number, unit: Unit): string {
  return `${value > 0 ? '+' : ''}${formatQuantity(value, unit)}`;
}

/** `0.873`, `0.9996`: near 1 it is the distance from it that counts. */
export function shareText(value: number): string {
  if (Number.isNaN(value)) return 'unknown';
  if (value > 0.99995 && value < 1) return '> 0.9999';
  return value >= 0.995 && value < 1 ? value.toFixed(4) : formatNumber(Number(value.toFixed(3)));
}
