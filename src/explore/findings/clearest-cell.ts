// The one cell in whose repeats a link of two metrics is seen best: over all cells together the settings would draw another line, the opposite one perhaps.

import { fitLine } from '#analysis/regression';
import type { MetricColumn } from '../data/dataset.ts';
import { filterRows } from '../data/filter-rows.ts';
import type { Filter, View } from '../view.ts';
import { isLookedAt, runsByCell, type Study } from './study.ts';
import * as words from './wording.ts';

const LEAST_RUNS = 3;
/** Cells that are tried until filters tell one from all others. */
const MAX_TRIED = 16;

export interface ClearestCell {
  readonly cell: number;
  /** A regression over the cause, of that cell alone. */
  readonly view: Partial<View>;
}

/**
 * @param sign of the slope that is to be seen
 * @returns null where no cell shows it, or none can be filtered out
 */
export function clearestCell(study: Study, { name, values }: MetricColumn, cause: string, sign: number) {
  const causes = study.dataset.metrics.find((metric) => metric.name === cause)!.values;
  const fitted = runsByCell(study).flatMap((runs, cell) => {
    const rows = Array.from(runs, (run) => study.rows[run]!).filter(
      (row) => !Number.isNaN(values[row]! + causes[row]!),
    );
    if (rows.length < LEAST_RUNS) return [];
    const fit = fitLine(
      Float64Array.from(rows, (row) => causes[row]!),
      Float64Array.from(rows, (row) => values[row]!),
    );
    return fit !== null && Math.sign(fit.slope) === sign ? [{ cell, p: fit.p }] : [];
  });
  for (const { cell } of fitted.toSorted((a, b) => a.p - b.p).slice(0, MAX_TRIED)) {
    const filters = filtersOf(study, cell);
    if (filterRows(study.dataset, filters).rows.some((row) => study.dataset.cells[row] !== cellNumber(study, cell)))
      continue;
    const view = {
      filters,
      placed: words.placed(null),
      stats: [name],
      plot: 'regression',
      options: { against: cause },
    };
    return { cell, view } as ClearestCell;
  }
  return null;
}

function cellNumber({ dataset, firstRow }: Study, cell: number): number {
  return dataset.cells[firstRow[cell]!]!;
}

/** The values of a cell of all that differs between cells. */
function filtersOf({ dataset, firstRow }: Study, cell: number): Filter[] {
  const row = firstRow[cell]!;
  return dataset.properties.flatMap((property): Filter[] => {
    const code = property.codes[row]!;
    const differs = isLookedAt(property) && property.codes.some((other) => other !== code);
    return code < 0 || !differs ? [] : [{ kind: 'values', property: property.name, values: [property.values[code]!] }];
  });
}
