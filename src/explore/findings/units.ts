// What is compared: the medians of cells, or single runs where there are too few cells; and the columns that tell settings apart between them.

import { constantColumn, orthonormalBeyond } from '#analysis/orthonormal';
import type { Factor, Study, StudyMetric } from './study.ts';

/** What is compared: the medians of cells, or single runs where there are too few cells. */
export interface Units {
  readonly kind: 'cell' | 'run';
  /** Of each unit its cell. */
  readonly cells: Int32Array;
  /** Of each unit its run among those that count; null where units are cells. */
  readonly runs: Int32Array | null;
  readonly valuesOf: (metric: StudyMetric) => Float64Array;
}

/** Units must be so many more than the parameters of the model. */
export const LEAST_FREEDOM = 6;
/** Where cells are fewer than this beyond the parameters, the repeats are asked, if they are as many beyond the cells. */
const SURE_FREEDOM = 12;
/** Of repeats that are noise of their own as many follow one of the same cell at the most. */
const MOST_NEXT = 0.25;

/** True of cells that are so few that chance alone explains much. */
export function isUnsure({ factors }: Study, { kind, cells }: Units): boolean {
  return kind === 'cell' && cells.length - 1 - additiveColumns(factors, cells).length < SURE_FREEDOM;
}

/** Cells where there are enough of them, else runs; null where those are too few as well. */
export function unitsOf(study: Study, metric: StudyMetric): Units | null {
  const cells = cellsWith(study, metric);
  const runs = Int32Array.from(study.cellOf.keys()).filter((run) => !Number.isNaN(metric.values[run]!));
  const parameters = 1 + additiveColumns(study.factors, cells).length;
  const freedom = cells.length - parameters;
  const areRepeats = runs.length - cells.length >= SURE_FREEDOM && areApart(study, runs);
  if (freedom >= SURE_FREEDOM || (freedom >= LEAST_FREEDOM && !areRepeats)) return cellUnits(cells);
  if (runs.length - parameters < LEAST_FREEDOM) return null;
  return {
    kind: 'run',
    cells: runs.map((run) => study.cellOf[run]!),
    runs,
    valuesOf: ({ values }) => Float64Array.from(runs, (run) => values[run]!),
  };
}

/** False where repeats mostly follow each other: then they share what the machine did, and differ by less than cells do by chance. */
function areApart({ dataset, rows, cellOf }: Study, runs: Int32Array): boolean {
  const order = runs.toSorted((a, b) => dataset.startedAtMs[rows[a]!]! - dataset.startedAtMs[rows[b]!]!);
  let next = 0;
  for (let i = 1; i < order.length; i++) if (cellOf[order[i]!] === cellOf[order[i - 1]!]) next++;
  return next < MOST_NEXT * order.length;
}

/** Cells that have the metric. */
export function cellsWith({ firstRow }: Study, { middles }: StudyMetric): Int32Array {
  return Int32Array.from(firstRow.keys()).filter((cell) => !Number.isNaN(middles[cell]!));
}

export function cellUnits(cells: Int32Array): Units {
  return {
    kind: 'cell',
    cells,
    runs: null,
    valuesOf: ({ middles }) => Float64Array.from(cells, (cell) => middles[cell]!),
  };
}

/** Orthonormal columns of all settings together, without the constant. */
export function additiveColumns(factors: readonly Factor[], cells: Int32Array): Float64Array[] {
  const basis = [constantColumn(cells.length)];
  for (const factor of factors) basis.push(...orthonormalBeyond(basis, indicators(factor, cells)));
  return basis.slice(1);
}

/** Of each level but the first 1 where a unit has it; of an option inside another setting what its values do where it is set. */
export function indicators({ levels, codes, inside }: Factor, cells: Int32Array): Float64Array[] {
  const columns = levels
    .slice(1)
    .map((_, level) => Float64Array.from(cells, (cell) => (codes[cell] === level + 1 ? 1 : 0)));
  if (inside === null) return columns;
  const constant = constantColumn(cells.length);
  // What is absent is the last level.
  return orthonormalBeyond([constant, ...orthonormalBeyond([constant], columns.slice(-1))], columns);
}
