// Which runs the filters leave: a byte a run counts the filters that reject it, so that one pass also tells what each filter alone takes away.

import { OUTCOMES } from '#core/run';
import type { Brush, Filter } from '../view.ts';
import type { Dataset, MetricColumn, Property } from './dataset.ts';

export interface FilteredRows {
  /** Rows that count: every filter takes them, they ended well and nobody left them out. Ascending. */
  readonly rows: Uint32Array;
  /** Rows that every filter takes and that do not count. Ascending. */
  readonly invalid: Uint32Array;
  /** Of each row how many filters reject it; 255 stands for that and more. */
  readonly misses: Uint8Array;
  /** Of each filter how many rows that count it alone rejects: what taking it away would bring. */
  readonly rejectedAlone: readonly number[];
}

/** Of each row 1 where it counts: a run that did not end well or was left out is in no statistic, nor is a warm-up or a visit of the drift sentinel. */
function validRows(dataset: Dataset): Uint8Array {
  const known = VALID.get(dataset);
  if (known !== undefined) return known;
  const valid = new Uint8Array(dataset.count);
  for (let row = 0; row < valid.length; row++)
    if (dataset.outcomes[row] === OK && dataset.repeats[row]! > 0) valid[row] = 1;
  for (const row of dataset.excluded.keys()) valid[row] = 0;
  VALID.set(dataset, valid);
  return valid;
}

/** Asked for by every control at every filter, and never other for the same dataset. */
const VALID = new WeakMap<Dataset, Uint8Array>();
const OK = OUTCOMES.indexOf('ok');

/** A filter of a property that no run has rejects every run, unless it takes those that do not have it. */
export function filterRows(dataset: Dataset, filters: readonly Filter[]): FilteredRows {
  const misses = new Uint8Array(dataset.count);
  const properties = new Map(dataset.properties.map((property) => [property.name, property]));
  const taken = filters.map((filter) => takenCodes(properties.get(filter.property), filter));
  for (const [position, filter] of filters.entries()) {
    const codes = properties.get(filter.property)?.codes;
    const takes = taken[position]!;
    for (let row = 0; row < misses.length; row++)
      if (takes[codes === undefined ? 0 : codes[row]! + 1] === 0 && misses[row]! < 255) misses[row]!++;
  }
  const valid = validRows(dataset);
  const rejectedAlone = filters.map(() => 0);
  const rows = new Uint32Array(dataset.count);
  const invalid = new Uint32Array(dataset.count);
  let [good, bad] = [0, 0];
  for (let row = 0; row < misses.length; row++) {
    if (misses[row]! > 1) continue;
    const counts = valid[row] === 1;
    if (misses[row] === 0) {
      if (counts) rows[good++] = row;
      else invalid[bad++] = row;
    } else if (counts) {
      const rejecting = filters.findIndex((filter, position) => {
        const codes = properties.get(filter.property)?.codes;
        return taken[position]![codes === undefined ? 0 : codes[row]! + 1] === 0;
      });
      rejectedAlone[rejecting]!++;
    }
  }
  return { rows: rows.slice(0, good), invalid: invalid.slice(0, bad), misses, rejectedAlone };
}

/** Of each code plus one (0 is "has no such property") whether the filter takes it. */
function takenCodes(property: Property | undefined, filter: Filter): Uint8Array {
  const taken = new Uint8Array((property?.values.length ?? 0) + 1);
  if (filter.kind === 'values' && filter.absent === true) taken[0] = 1;
  if (property === undefined) return taken;
  if (filter.kind === 'values') {
    const wanted = new Set(filter.values);
    for (const [code, value] of property.values.entries()) if (wanted.has(value)) taken[code + 1] = 1;
    return taken;
  }
  const { low, high } = filter;
  for (const [code, value] of (property.numbers ?? []).entries())
    if (value >= (low ?? -Infinity) && value <= (high ?? Infinity)) taken[code + 1] = 1;
  return taken;
}

/**
 * Of each value of a property how many rows that count it would have, were the property itself not filtered; the last number is of
 * those that have no such property.
 * @param filtered by all filters, that of the property included
 * @param withInvalid rows that do not count are listed, and so counted here, too
 */
export function countValues(
  dataset: Dataset,
  property: Property,
  filters: readonly Filter[],
  filtered: FilteredRows,
  withInvalid = false,
): Uint32Array {
  const absent = property.values.length;
  const counts = new Uint32Array(absent + 1);
  const own = filters.filter((filter) => filter.property === property.name);
  const taken = own.map((filter) => takenCodes(property, filter));
  const ownMisses = new Uint8Array(property.values.length + 1);
  for (const takes of taken)
    for (let code = 0; code < ownMisses.length; code++) if (takes[code] === 0) ownMisses[code]!++;
  const { codes } = property;
  const { misses } = filtered;
  const valid = validRows(dataset);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if ((withInvalid || valid[row] === 1) && misses[row] === ownMisses[code + 1]) counts[code < 0 ? absent : code]!++;
  }
  return counts;
}

/** What brushes hold: runs, each by its own numbers, and ranges, for what stands for several runs. */
export interface Brushed {
  /** Of each row of the dataset 1 where it lies within every brush. A run without the metric lies outside. */
  readonly rows: Uint8Array;
  readonly ranges: readonly { readonly values: Float64Array; readonly low: number; readonly high: number }[];
}

/** Null where nothing is brushed. */
export function brushedRuns(
  count: number,
  metrics: readonly MetricColumn[],
  brushes: readonly Brush[],
): Brushed | null {
  if (brushes.length === 0) return null;
  const none = new Float64Array(count).fill(NaN);
  const ranges = brushes.map(({ metric, low, high }) => ({
    values: metrics.find(({ name }) => name === metric)?.values ?? none,
    low,
    high,
  }));
  const rows = new Uint8Array(count).fill(1);
  for (const { values, low, high } of ranges)
    for (let row = 0; row < count; row++) if (!(values[row]! >= low && values[row]! <= high)) rows[row] = 0;
  return { rows, ranges };
}
