// In which order the list of runs stands.

import type { Dataset, MetricColumn } from '#explore/data/dataset';
import type { Sorting } from '../shell/virtual-table.tsx';

/** It stands among the options of the view: it is saved with it. */
export const SORT_OPTION = 'runs';

/** `m:encode.fps`, `-p:codec`: what an option of the view says. */
export function readSorting(text: string | undefined): Sorting | null {
  if (text === undefined || text === '') return null;
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false };
}

/** The newest first where nobody chose; what is absent stands at the end either way. */
export function sortedRows(
  dataset: Dataset,
  rows: Uint32Array,
  sorting: Sorting | null,
  stats: readonly MetricColumn[],
): Uint32Array {
  if (sorting === null) return rows.toReversed();
  const values = sortValues(dataset, sorting, stats);
  const sign = sorting.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [values(a), values(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right) || a - b;
  });
}

function sortValues(dataset: Dataset, { key }: Sorting, stats: readonly MetricColumn[]): (row: number) => number {
  const [kind, name] = [key.slice(0, 2), key.slice(2)];
  if (kind === 'm:') {
    const values = stats.find((metric) => metric.name === name)?.values;
    return (row) => values?.[row] ?? NaN;
  }
  if (kind === 'p:') {
    const codes = dataset.properties.find((property) => property.name === name)?.codes;
    return (row) => (codes === undefined || codes[row]! < 0 ? NaN : codes[row]!);
  }
  if (key === 'outcome') return (row) => dataset.outcomes[row]! + (dataset.excluded.has(row) ? 0.5 : 0);
  if (key === 'repeat') return (row) => dataset.repeats[row]!;
  return (row) => dataset.startedAtMs[row]!;
}
