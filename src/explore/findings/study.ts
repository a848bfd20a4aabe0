// What every search for findings looks at: the runs that count, their cells, and what was varied between them.

import { median } from '#analysis/quantile';
import type { Dataset, DisplayNames, MetricColumn, Property } from '../data/dataset.ts';
import { headlineMetrics, isRatioScale, MAX_METRICS, resultMetrics } from './headline-metrics.ts';
import { importedMetrics } from './imported-metrics.ts';
import { nestOptions } from './nesting.ts';

export interface Study {
  readonly dataset: Dataset;
  readonly names: DisplayNames;
  /** Rows that count: ended well, not left out. Ascending. */
  readonly rows: Uint32Array;
  /** Of each of them its cell, 0 to cellCount - 1. */
  readonly cellOf: Int32Array;
  readonly cellCount: number;
  /** Of each cell its first row. */
  readonly firstRow: Int32Array;
  /** Of each cell how many runs it has. */
  readonly sizes: Int32Array;
  /** What was varied, in the order of the dataset. Of settings that always change together only the first. */
  readonly factors: readonly Factor[];
  /** Results that vary, what people ask first in front. */
  readonly metrics: readonly StudyMetric[];
  /** Of these the few that are looked at for what costs more, in the order in which people ask. */
  readonly headlines: readonly StudyMetric[];
  readonly seed: number;
  /** What could not be looked for, and why: sentences. */
  readonly notes: Set<string>;
}

export interface Factor {
  readonly name: string;
  readonly origin: Property['origin'];
  /** Values that occur; the last is null where some runs have no such setting. */
  readonly levels: readonly (string | null)[];
  /** NaN where a level is a name. */
  readonly numbers: Float64Array | null;
  /** Of each cell the position of its level. */
  readonly codes: Int32Array;
  /** Other settings that change exactly where this one does. */
  readonly together: readonly string[];
  /** The setting that decides whether this one is set at all, as the codec does of an option that only one codec has; null where its absence is a value like others. */
  readonly inside: string | null;
}

export interface StudyMetric {
  readonly column: MetricColumn;
  /** True where its differences are ratios: its values here are logarithms. */
  readonly isRatio: boolean;
  /** Of each counted run, on its scale; NaN where absent. */
  readonly values: Float64Array;
  /** Of each cell the median of its runs. */
  readonly middles: Float64Array;
}

/** Facts that are looked at like settings. */
const FACTS = new Set(['machine', 'build']);
/** Settings, and facts that tell cells apart. */
export function isLookedAt({ origin, name }: Property): boolean {
  return origin === 'setting' || FACTS.has(name);
}

/** A setting of more values than this is a label rather than a choice. */
const MAX_LEVELS = 64;

/** @param rows of the dataset, ascending; those that failed or were left out are taken out here */
export function makeStudy(dataset: Dataset, rows: Uint32Array, names: DisplayNames, seed: number): Study {
  const counted = countedRows(dataset, rows);
  const known = new Int32Array(dataset.cellCount).fill(-1);
  const cellOf = new Int32Array(counted.length);
  const first: number[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < counted.length; i++) {
    const cell = dataset.cells[counted[i]!]!;
    if (known[cell] === -1) {
      known[cell] = first.length;
      first.push(counted[i]!);
      sizes.push(0);
    }
    cellOf[i] = known[cell]!;
    sizes[known[cell]!]!++;
  }
  const firstRow = Int32Array.from(first);
  const notes = new Set<string>();
  const study = {
    dataset,
    names,
    rows: counted,
    cellOf,
    cellCount: first.length,
    firstRow,
    sizes: Int32Array.from(sizes),
  };
  const metrics = metricsOf(dataset, study, notes);
  return {
    ...study,
    factors: factorsOf(dataset, firstRow, notes),
    metrics,
    headlines: headlinesOf(dataset, counted, metrics),
    seed,
    notes,
  };
}

/** Those that ended well and that nobody left out. */
export function countedRows({ outcomes, excluded }: Dataset, rows: Uint32Array): Uint32Array {
  return rows.filter((row) => outcomes[row] === 0 && !excluded.has(row));
}

function factorsOf(dataset: Dataset, firstRow: Int32Array, notes: Set<string>): Factor[] {
  const factors: (Factor & { together: string[] })[] = [];
  const bySignature = new Map<string, Factor & { together: string[] }>();
  for (const property of dataset.properties) {
    if (!isLookedAt(property)) continue;
    const factor = factorOf(property, firstRow);
    if (factor.levels.length < 2) continue;
    if (factor.levels.length > MAX_LEVELS) {
      notes.add(`${property.name} has ${factor.levels.length} values: more than ${MAX_LEVELS} are not looked at`);
      continue;
    }
    const signature = partition(factor.codes);
    const same = bySignature.get(signature);
    if (same === undefined) {
      bySignature.set(signature, factor);
      factors.push(factor);
    } else if (same.levels.includes(null) && !factor.levels.includes(null)) {
      // The codec, and not the option that only one codec has.
      const named = { ...factor, together: [same.name, ...same.together] };
      bySignature.set(signature, named);
      factors[factors.indexOf(same)] = named;
    } else same.together.push(property.name);
  }
  return nestOptions(factors);
}

function factorOf({ name, origin, values, numbers, codes }: Property, firstRow: Int32Array) {
  const position = new Int32Array(values.length + 1).fill(-1);
  const used = new Uint8Array(values.length + 1);
  for (const row of firstRow) used[codes[row]! < 0 ? values.length : codes[row]!] = 1;
  const levels: (string | null)[] = [];
  const levelNumbers: number[] = [];
  for (let code = 0; code <= values.length; code++) {
    if (used[code] === 0) continue;
    position[code] = levels.length;
    levels.push(code === values.length ? null : values[code]!);
    levelNumbers.push(code === values.length ? NaN : (numbers?.[code] ?? NaN));
  }
  return {
    name,
    origin,
    levels,
    numbers: numbers === null ? null : Float64Array.from(levelNumbers),
    codes: Int32Array.from(firstRow, (row) => position[codes[row]! < 0 ? values.length : codes[row]!]!),
    together: [] as string[],
    inside: null,
  };
}

/** The same for codes that tell the same cells apart, however they are numbered. */
function partition(codes: Int32Array): string {
  const renumbered = new Map<number, number>();
  return codes
    .map((code) => {
      if (!renumbered.has(code)) renumbered.set(code, renumbered.size);
      return renumbered.get(code)!;
    })
    .join();
}

function metricsOf(
  dataset: Dataset,
  study: Pick<Study, 'rows' | 'cellOf' | 'cellCount' | 'sizes'>,
  notes: Set<string>,
): StudyMetric[] {
  // Of the runs looked at: what another benchmark measured stands for none of their metrics.
  const known = dataset.metrics.filter(({ values }) => study.rows.some((row) => !Number.isNaN(values[row]!)));
  const varying = resultMetrics(known).flatMap((column) => scaledMetric(column, study) ?? []);
  if (varying.length > MAX_METRICS)
    notes.add(`${varying.length - MAX_METRICS} metrics beyond the first ${MAX_METRICS} are not looked at`);
  return varying.slice(0, MAX_METRICS);
}

function headlinesOf(dataset: Dataset, rows: Uint32Array, metrics: readonly StudyMetric[]): StudyMetric[] {
  const columns = metrics.map(({ column }) => column);
  const names = headlineMetrics(columns, importedMetrics(dataset, rows, columns));
  return names.map((column) => metrics.find((metric) => metric.column === column)!);
}

/** Null where it does not vary. */
export function scaledMetric(
  column: MetricColumn,
  study: Pick<Study, 'rows' | 'cellOf' | 'cellCount' | 'sizes'>,
): StudyMetric | null {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const row of study.rows) {
    const value = column.values[row]!;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  if (!(highest - lowest > 1e-9 * Math.max(Math.abs(highest), Math.abs(lowest)))) return null;
  const isRatio = isRatioScale(column, lowest);
  const values = Float64Array.from(study.rows, (row) => {
    const value = column.values[row]!;
    return isRatio ? Math.log(value) : value;
  });
  return { column, isRatio, values, middles: cellMiddles(study, values) };
}

/** Of each cell the median of its values; NaN where it has none. */
function cellMiddles(
  { cellOf, cellCount, sizes }: Pick<Study, 'cellOf' | 'cellCount' | 'sizes'>,
  values: Float64Array,
) {
  const begin = new Int32Array(cellCount + 1);
  for (let cell = 0; cell < cellCount; cell++) begin[cell + 1] = begin[cell]! + sizes[cell]!;
  const fill = begin.slice();
  const sorted = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) sorted[fill[cellOf[i]!]!++] = values[i]!;
  return Float64Array.from({ length: cellCount }, (_, cell) => {
    const size = sizes[cell]!;
    const from = begin[cell]!;
    if (size === 1) return sorted[from]!;
    return median(sorted.subarray(from, from + size));
  });
}

/** Positions of the counted runs of each cell. */
export function runsByCell({ cellOf, cellCount, sizes }: Study): Int32Array[] {
  const lists = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(cellCount);
  for (let i = 0; i < cellOf.length; i++) lists[cellOf[i]!]![filled[cellOf[i]!]!++] = i;
  return lists;
}
