// Rows on their way into a table: copies of the columns as they were handed in, without an object for each row.

/** A value as DuckDB takes it: a bigint for a `time` column, a number for the others. */
export type CellValue = string | number | bigint | boolean | null;
export type ColumnReader = (row: number) => CellValue;

export interface RowBatch {
  readonly rows: number;
  /** In the order of the table's columns. */
  readonly columns: readonly ColumnReader[];
}

interface Numbers {
  readonly length: number;
  readonly [row: number]: number;
  slice(): Numbers;
}

export function constant(value: CellValue): ColumnReader {
  return () => value;
}

/** Numbers as they are; `absent` (or NaN) becomes NULL. */
export function numbers(values: Numbers, absent?: number): ColumnReader {
  const copy = values.slice();
  return (row) => {
    const value = copy[row]!;
    return value === absent || Number.isNaN(value) ? null : value;
  };
}

/** Microseconds or ticks: rounded to integers, NULL where there is none. */
export function times(values: Numbers): ColumnReader {
  const copy = values.slice();
  return (row) => time(copy[row]!);
}

export function time(value: number): bigint | null {
  return Number.isFinite(value) ? BigInt(Math.round(value)) : null;
}

export function flags(values: Numbers): ColumnReader {
  const copy = values.slice();
  return (row) => copy[row] !== 0;
}

/** Codes into a list of names; a code without a name is NULL. */
export function names(codes: Numbers, list: readonly (string | null)[]): ColumnReader {
  const copy = codes.slice();
  return (row) => list[copy[row]!] ?? null;
}

/** Rows that come as objects: few of them. */
export function fromRows<Row>(rows: readonly Row[], columns: readonly ((row: Row) => CellValue)[]): RowBatch {
  const copy = [...rows];
  return { rows: copy.length, columns: columns.map((read) => (row: number) => read(copy[row]!)) };
}
