// How much of a metric's variance each setting explains, and whether chance would give as much.

import { constantColumn, dot, explained, orthonormalBeyond, subtractAlong } from '#analysis/orthonormal';
import { balanceFamilies, normalOfF, stepDownP } from '#analysis/max-statistic';
import { seededRandom } from '#analysis/random';
import { choicesOf, decides } from './nesting.ts';
import type { Factor, Study, StudyMetric } from './study.ts';
import { additiveColumns, indicators, isUnsure, LEAST_FREEDOM, unitsOf, type Units } from './units.ts';
import { listText } from './wording.ts';

/** What one setting explains of one metric. */
export interface Effect {
  readonly factor: Factor;
  readonly metric: StudyMetric;
  /** Of the variance, 0 to 1. */
  readonly share: number;
  /** Corrected for all settings and metrics. */
  readonly p: number;
  /** Coarser settings that this one decides, as a preset does the codec, and the one whose option it is: its share is beyond theirs. */
  readonly within: readonly Factor[];
}

/** What a setting does must be so many times what its cells do beyond the sum of all settings, where that is known from so many of them. */
const LEAST_OVER_MISFIT = 6;
const LEAST_MISFIT_FREEDOM = 4;
/** Metrics that a note names. */
const NAMED = 3;
/** Multiplications for all permutations of a search: about a quarter of a second. */
const MAX_WORK = 2e8;
const MAX_PERMUTATIONS = 999;
const LEAST_PERMUTATIONS = 199;
/** Metrics that are absent in different cells are looked at apart, in so many groups. */
const MAX_GROUPS = 3;

/**
 * Sums of squares of each setting beyond all others (type II: of a setting that another one decides, that one is left out of the others), on the
 * medians of cells; p by permuting them, corrected over settings and metrics by the step-down maximum. With few cells single runs are permuted and held
 * against the differences of repeats: what two settings do together is no noise then.
 */
export function findEffects(study: Study): Effect[] {
  const effects: Effect[] = [];
  const groups = groupByAbsence(study);
  for (const { metrics, units } of groups) effects.push(...effectsOf(study, metrics, units, groups.length));
  return effects;
}

interface Group {
  readonly metrics: readonly StudyMetric[];
  readonly units: Units;
}

function groupByAbsence(study: Study): Group[] {
  const groups = new Map<string, StudyMetric[]>();
  for (const metric of study.metrics) {
    const key = metric.middles.map((value) => (Number.isNaN(value) ? 0 : 1)).join('');
    groups.set(key, [...(groups.get(key) ?? []), metric]);
  }
  const largest = [...groups.values()].toSorted((a, b) => b.length - a.length);
  for (const { column } of largest.slice(MAX_GROUPS).flat())
    study.notes.add(`${column.name} is absent in some cells: what decides it was not looked at`);
  if (study.factors.length === 0) return [];
  const known = largest.slice(0, MAX_GROUPS).map((metrics) => ({ metrics, units: unitsOf(study, metrics[0]!) }));
  const hidden = known.flatMap(({ metrics, units }) => (units === null ? metrics : []));
  if (hidden.length > 0)
    study.notes.add(`there are too few runs to tell what decides ${namesOf(hidden)}: chance alone would look the same`);
  const unsure = known.flatMap(({ metrics, units }) => (units !== null && isUnsure(study, units) ? metrics : []));
  if (unsure.length > 0)
    study.notes.add(
      `with so few cells, and so few repeats or repeats one after the other, only very large effects on ${namesOf(unsure)} are told from chance: measure more of them in random order`,
    );
  return known.flatMap(({ metrics, units }) => (units === null ? [] : [{ metrics, units }]));
}

function namesOf(metrics: readonly StudyMetric[]): string {
  const names = metrics.slice(0, NAMED).map(({ column }) => column.name);
  return listText(metrics.length > NAMED ? [...names, `${metrics.length - NAMED} more`] : names);
}

function effectsOf(
  study: Study,
  metrics: readonly StudyMetric[],
  { cells, runs, valuesOf }: Units,
  groups: number,
): Effect[] {
  const constant = [constantColumn(cells.length)];
  const terms = study.factors.flatMap((factor) => {
    const others = study.factors.filter((other) => other !== factor && !decides(other, factor));
    const basis = [...constant, ...otherColumns(others, cells, constant)];
    const columns = orthonormalBeyond(basis, indicators(factor, cells));
    if (columns.length === 0 && varies(factor, cells))
      study.notes.add(`what ${factor.name} does can't be told from what other settings do: its values go with theirs`);
    return columns.length === 0 ? [] : [{ factor, columns }];
  });
  const additive = additiveColumns(study.factors, cells);
  const repeats = runs === null ? null : repeatsOf(cells, study.cellCount);
  const freedom = repeats?.freedom ?? cells.length - 1 - additive.length;
  const separate = areOrthogonal(terms.map(({ columns }) => columns)) && sum(terms) === additive.length;
  const all = [...terms.flatMap(({ columns }) => columns), ...(separate ? [] : additive)];
  const centred = metrics.map((metric) => centre(valuesOf(metric)));
  const count = metrics.length * terms.length;
  const totals = centred.map((values) => dot(values, values));

  const wide = interleave(all);
  const along = new Float64Array(all.length);
  const widening = memoryWidening(study, { cells, runs }, terms, centred, additive);
  const statistics = (into: Float64Array, offset: number, order: Int32Array | null) => {
    for (const [m, values] of centred.entries()) {
      project(wide, values, order, along);
      const rest =
        repeats === null
          ? restOf(along, totals[m]!, separate ? 0 : all.length - additive.length)
          : Math.max(repeats.squaresWithin(values, order), totals[m]! * 1e-15);
      let from = 0;
      for (const [t, { columns }] of terms.entries()) {
        const squares = squaresOf(along, from, columns.length);
        from += columns.length;
        into[offset + m * terms.length + t] = normalOfF(
          squares / columns.length / (rest / freedom) / (order === null ? widening[m]![t]! : 1),
          columns.length,
          freedom,
        );
      }
    }
  };
  const observed = new Float64Array(count);
  statistics(observed, 0, null);

  const work = cells.length * all.length * metrics.length;
  const least = LEAST_PERMUTATIONS * groups;
  const permutations = Math.max(least, Math.min(MAX_PERMUTATIONS, Math.floor(MAX_WORK / work)));
  const permuted = new Float64Array(permutations * count);
  const order = Int32Array.from(cells.keys());
  const random = seededRandom(study.seed);
  for (let k = 0; k < permutations; k++) {
    shuffle(order, random);
    statistics(permuted, k * count, order);
  }
  balanceFamilies(observed, permuted, metrics.length);
  const p = stepDownP(observed, permuted);
  return metrics.flatMap((metric, m) => {
    const misfit = repeats === null ? 0 : misfitOf(repeats, centred[m]!, totals[m]!, additive);
    return terms.map(({ factor, columns }, t) => {
      const squares = explained(columns, centred[m]!);
      const isLost = squares / columns.length < LEAST_OVER_MISFIT * misfit;
      return {
        factor,
        metric,
        share: squares / totals[m]!,
        p: isLost ? 1 : Math.min(1, p[m * terms.length + t]! * groups),
        within: study.factors.filter(
          (other) => other !== factor && (other.name === factor.inside || decides(factor, other)),
        ),
      };
    });
  });
}

function varies(factor: Factor, cells: Int32Array): boolean {
  const choices = new Set(choicesOf(factor));
  const known = Array.from(cells, (cell) => factor.codes[cell]!).filter((code) => choices.has(code));
  return known.some((code) => code !== known[0]);
}

interface Repeats {
  /** Runs beyond their cells. */
  readonly freedom: number;
  readonly cellCount: number;
  /** Squares of single runs around the means of their cells, with the values in another order. */
  readonly squaresWithin: (values: Float64Array, order: Int32Array | null) => number;
}

/** Null where repeats are too few to tell the noise. */
function repeatsOf(cells: Int32Array, cellCount: number): Repeats | null {
  const sizes = new Float64Array(cellCount);
  for (const cell of cells) sizes[cell]!++;
  const used = sizes.filter((size) => size > 0).length;
  if (cells.length - used < LEAST_FREEDOM) return null;
  const means = new Float64Array(cellCount);
  return {
    freedom: cells.length - used,
    cellCount: used,
    squaresWithin: (values, order) => {
      means.fill(0);
      for (let i = 0; i < cells.length; i++)
        means[cells[i]!]! += values[order === null ? i : order[i]!]! / sizes[cells[i]!]!;
      let squares = 0;
      for (let i = 0; i < cells.length; i++)
        squares += (values[order === null ? i : order[i]!]! - means[cells[i]!]!) ** 2;
      return squares;
    },
  };
}

/** Mean square of what cells do beyond the sum of all settings; 0 where too few cells tell it. */
function misfitOf(repeats: Repeats, values: Float64Array, total: number, additive: readonly Float64Array[]): number {
  const freedom = repeats.cellCount - 1 - additive.length;
  if (freedom < LEAST_MISFIT_FREEDOM) return 0;
  return Math.max(0, total - repeats.squaresWithin(values, null) - explained(additive, values)) / freedom;
}

function otherColumns(others: readonly Factor[], cells: Int32Array, constant: readonly Float64Array[]): Float64Array[] {
  const columns: Float64Array[] = [];
  for (const other of others) columns.push(...orthonormalBeyond([...constant, ...columns], indicators(other, cells)));
  return columns;
}

function areOrthogonal(groups: readonly (readonly Float64Array[])[]): boolean {
  for (const [i, a] of groups.entries())
    for (const b of groups.slice(i + 1))
      for (const column of a) for (const other of b) if (Math.abs(dot(column, other)) > 1e-9) return false;
  return true;
}

function sum(terms: readonly { readonly columns: readonly Float64Array[] }[]): number {
  return terms.reduce((all, { columns }) => all + columns.length, 0);
}

/**
 * By how much noise with a memory widens what a setting seems to explain, where its values were measured one after the other: (1 + a r) / (1 - a r), squared because as
 * many fewer units are independent, with a the
 * likeness of the setting to itself from one unit to the next in time, and r that of what the model leaves. 1 in random order, where a is about 0.
 * @returns by metric, by term
 */
export function memoryWidening(
  study: Study,
  units: Pick<Units, 'cells' | 'runs'>,
  terms: readonly { readonly columns: readonly Float64Array[] }[],
  centred: readonly Float64Array[],
  additive: readonly Float64Array[],
): number[][] {
  const order = inTime(study, units);
  const likeness = terms.map(({ columns }) => Math.max(0, ...columns.map((column) => next(column, order))));
  return centred.map((values) => {
    const rest = values.slice();
    for (const column of additive) subtractAlong(rest, column);
    // A fitted model makes its rest look less alike than the noise was.
    const bias = (1 + additive.length / 2) / rest.length;
    const memory = Math.min(
      MOST_MEMORY,
      Math.max(0, next(rest, order) / Math.max(dot(rest, rest), Number.MIN_VALUE) + bias),
    );
    return likeness.map((alike) => ((1 + alike * memory) / (1 - alike * memory)) ** 2);
  });
}

const MOST_MEMORY = 0.9;

/** Units by when they were measured, cells by the middle of their runs. */
function inTime({ dataset, rows, cellOf, cellCount, sizes }: Study, { cells, runs }: Pick<Units, 'cells' | 'runs'>) {
  const times = new Float64Array(cellCount);
  for (let i = 0; i < rows.length; i++) times[cellOf[i]!]! += dataset.startedAtMs[rows[i]!]! / sizes[cellOf[i]!]!;
  const at = (unit: number) => (runs === null ? times[cells[unit]!]! : dataset.startedAtMs[rows[runs[unit]!]!]!);
  return Int32Array.from(cells.keys()).sort((a, b) => at(a) - at(b));
}

/** Sum of the products of neighbours in that order: of a column of length 1 its likeness to itself. */
function next(values: Float64Array, order: Int32Array): number {
  let sum = 0;
  for (let i = 1; i < order.length; i++) sum += values[order[i]!]! * values[order[i - 1]!]!;
  return sum;
}

export function centre(values: Float64Array): Float64Array {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  return values.map((value) => value - mean);
}

interface Wide {
  readonly width: number;
  /** Unit by unit the numbers of all columns. */
  readonly numbers: Float64Array;
}

export function interleave(columns: readonly Float64Array[]): Wide {
  const width = columns.length;
  const numbers = new Float64Array(width * (columns[0]?.length ?? 0));
  for (const [c, column] of columns.entries())
    for (let i = 0; i < column.length; i++) numbers[i * width + c] = column[i]!;
  return { width, numbers };
}

/** Of each column how far the values, in another order, lie along it. */
export function project(
  { width, numbers }: Wide,
  values: Float64Array,
  order: Int32Array | null,
  into: Float64Array,
): void {
  into.fill(0);
  for (let i = 0, at = 0; i < values.length; i++) {
    const value = values[order === null ? i : order[i]!]!;
    for (let c = 0; c < width; c++, at++) into[c]! += numbers[at]! * value;
  }
}

/** What all columns from `from` on leave of a total; never below 0. */
function restOf(along: Float64Array, total: number, from: number): number {
  return Math.max(total - squaresOf(along, from, along.length - from), total * 1e-15);
}

export function squaresOf(along: Float64Array, from: number, count: number): number {
  let squares = 0;
  for (let c = from; c < from + count; c++) squares += along[c]! * along[c]!;
  return squares;
}

/** Fisher and Yates, in place. */
export function shuffle(order: Int32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    // Of 2^32 numbers: what this favours is far below what any test can see.
    const j = Math.floor((random() / 2 ** 32) * (i + 1));
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
}
