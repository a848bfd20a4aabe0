// Runs in columns: what the explorer filters, arranges, draws, compares and looks for findings in. Row i of every column is one run.

import type { Better, Unit } from '#core/metric';

/** Something that runs may differ in: a setting, or a fact about where and how they were made. */
export interface Property {
  /** Name of the setting, `bitrate`; of a fact `benchmark`, `kind`, `outcome`, `machine`, `build`, `day` … */
  readonly name: string;
  readonly origin: 'setting' | 'fact';
  /** As written, each once: numbers ascending, names in the order of the benchmark's file, else of their first run. */
  readonly values: readonly string[];
  /** Of each value the number that it is, in the value's own base unit (`4M` is 4e6); NaN where it is a name. Null where none is a number. */
  readonly numbers: Float64Array | null;
  /** Of each run the position of its value; -1 where the run has no such property. */
  readonly codes: Int32Array;
}

/** One number a run; also what a custom stat is once it was computed. */
export interface MetricColumn {
  readonly name: string;
  readonly unit: Unit;
  readonly better: Better;
  /** NaN where absent. */
  readonly values: Float64Array;
  /** What it is, in words, where the name does not say it (the expression of a custom stat). */
  readonly about?: string | undefined;
}

export interface Dataset {
  readonly count: number;
  readonly ids: readonly string[];
  /** Position in OUTCOMES of core/run. */
  readonly outcomes: Uint8Array;
  /** UTC, milliseconds. */
  readonly startedAtMs: Float64Array;
  readonly repeats: Int32Array;
  /** Runs with the same number are repeats of one cell (the same settings, source, build and machine). */
  readonly cells: Int32Array;
  readonly cellCount: number;
  /** Why a person left a run out, by row; a run that is not in here counts. */
  readonly excluded: ReadonlyMap<number, string>;
  /** First lines of why runs failed, by row. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly properties: readonly Property[];
  readonly metrics: readonly MetricColumn[];
}

/** What a person calls things: empty where the names in the files are good. */
export interface DisplayNames {
  /** By property. */
  readonly properties: Readonly<Record<string, string>>;
  /** By property, by value as written. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const NO_NAMES: DisplayNames = { properties: {}, values: {} };

/** What the runs without a property are called beside its values, one of which may be `none`. */
export const ABSENT_TITLE = 'not set';

/** What a property is called. */
export function propertyTitle(names: DisplayNames, property: string): string {
  return own(names.properties, property) ?? property;
}

/** What a value of a property is called. */
export function valueTitle(names: DisplayNames, property: string, value: string): string {
  const titles = own(names.values, property);
  return (titles === undefined ? undefined : own(titles, value)) ?? value;
}

/** A property may have any name, that of a method of every object too. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
