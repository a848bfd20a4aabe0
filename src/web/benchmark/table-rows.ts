// The rows of the results table and their order. A row is a cell or a run; a sort key is a column.

import type { CellState, Results } from './results.ts';

export type RowKind = 'cells' | 'runs';

export interface RowOrder {
  readonly key: string;
  readonly descending: boolean;
}

/** `-m:encode.fps` in the address: descending by that metric. */
export function parseOrder(text: string | null): RowOrder | null {
  if (text === null || text === '') return null;
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false };
}

export function formatOrder(order: RowOrder | null): string | null {
  return order === null ? null : `${order.descending ? '-' : ''}${order.key}`;
}

/** A click on a column: ascending, descending, and back to the plan's order. */
export function nextOrder(order: RowOrder | null, key: string): RowOrder | null {
  if (order?.key !== key) return { key, descending: false };
  return order.descending ? null : { key, descending: true };
}

/** Rows of the cells that a filter left: the cells themselves, or their runs. */
export function rowsOf(kind: RowKind, cells: readonly number[], results: Results): number[] {
  return kind === 'cells' ? [...cells] : cells.flatMap((cell) => results.rowsOfCell[cell]!);
}

export interface SortContext {
  readonly kind: RowKind;
  readonly results: Results;
  readonly states: readonly CellState[];
  readonly propertyNames: readonly string[];
  readonly properties: readonly (readonly (string | null)[])[];
}

const STATE_ORDER: readonly CellState[] = ['running', 'failed', 'partial', 'done', 'waiting'];

/** Sorts rows; what is absent comes last in both directions, and equal rows keep the plan's order. */
export function sortRows(rows: readonly number[], order: RowOrder | null, context: SortContext): number[] {
  if (order === null) return [...rows];
  const valueOf = sortValue(order.key, context);
  const direction = order.descending ? -1 : 1;
  const values = rows.map(valueOf);
  return rows
    .map((_, position) => position)
    .toSorted((a, b) => compare(values[a]!, values[b]!, direction) || a - b)
    .map((position) => rows[position]!);
}

type SortValue = number | string;

function sortValue(
  key: string,
  { kind, results, states, propertyNames, properties }: SortContext,
): (row: number) => SortValue {
  const cellOf = kind === 'cells' ? (row: number) => row : (row: number) => results.cell[row]!;
  if (key.startsWith('m:')) {
    const name = key.slice(2);
    const values = kind === 'cells' ? results.medians(name) : results.values(name);
    return (row) => values[row] ?? NaN;
  }
  if (key.startsWith('p:')) {
    const property = properties[propertyNames.indexOf(key.slice(2))];
    return (row) => property?.[cellOf(row)] ?? '';
  }
  switch (key) {
    case 'state':
      return kind === 'cells' ? (row) => STATE_ORDER.indexOf(states[row]!) : (row) => results.outcome[row] ?? 'running';
    case 'repeats':
      return kind === 'cells' ? (row) => results.ended(row) : (row) => results.repeatOf[row]!;
    case 'started':
      return (row) => results.startedAtMs[row] ?? NaN;
    case 'duration':
      return (row) => results.durationS[row] ?? NaN;
    default:
      return () => 0;
  }
}

function compare(a: SortValue, b: SortValue, direction: 1 | -1): number {
  const absentA = a === '' || Number.isNaN(a);
  const absentB = b === '' || Number.isNaN(b);
  if (absentA || absentB) return Number(absentA) - Number(absentB);
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction;
  // "10M" after "4M": people sort the numbers in a name as numbers.
  return NAMES.compare(String(a), String(b)) * direction;
}

const NAMES = new Intl.Collator('en', { numeric: true });
