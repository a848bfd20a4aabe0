// What a custom stat reads of a run: columns of equal length that belong together, and numbers of the run itself.

import type { Unit } from '#core/metric';

export interface StatColumn {
  /** Its table: only columns of one table can be combined. */
  readonly table: string;
  readonly unit: Unit;
  /** NaN where absent. */
  readonly values: Float64Array;
  /** Of a column of texts what each value stands for; null for numbers. */
  readonly texts: readonly string[] | null;
}

export interface StatRun {
  /** A column by its name; within a table also by the name without it (`key` beside `frames.bytes`). Null where the run has none. */
  column(name: string): StatColumn | null;
  /** One of the run's own numbers; null where there is none of that name. */
  number(name: string): { readonly value: number; readonly unit: Unit } | null;
}
