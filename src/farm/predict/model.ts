// The model of the shapes of work: trained from the table of shapes, three quantities as calibrated intervals, its accuracy on held-out titles within.

import { seededRandom } from '#analysis/random';
import { type Interval, type Prediction, type ShapeRow, type Used, WHOLE, type WorkFeatures } from '#core/shape';
import { columnsOf, knownWord, learnRow, logMemoryWork, logWork, NUMBER_NAMES } from './features.ts';
import { COVERAGE, LEAST_TITLES } from './held-out.ts';
import { fitIntervals, type IntervalModel, IntervalPredictor, type LogInterval } from './interval-model.ts';
import { MAX_SIBLINGS } from './title-offset.ts';

/** Of the stored form. */
export const SHAPE_MODEL_VERSION = 2;

/** More are thinned out, title by title: rows of a title say much the same, and training takes as long as it does. */
const MAX_ROWS = 40_000;

/** A model is trained anew once there is so many times the work that it was trained from. */
const GROWTH = 1.5;

/** What is predicted, and what each grows with. */
const TARGETS = { durationS: logWork, cpuS: logWork, memoryPeak: logMemoryWork } as const;
export type Target = keyof typeof TARGETS;
export const TARGET_NAMES = Object.keys(TARGETS) as readonly Target[];

export interface ShapeModel {
  readonly version: typeof SHAPE_MODEL_VERSION;
  /** Its place among the lab's models, from 1; 0 while it is not stored. */
  readonly number: number;
  /** UTC, milliseconds. */
  readonly trainedAt: number;
  /** Rows that could have been learned from; and their titles. */
  readonly rows: number;
  readonly titles: number;
  readonly numberNames: readonly string[];
  /** Kinds of work that it has seen, see {@link knownWord}. */
  readonly known: readonly string[];
  /** Null where too few titles had the quantity measured. */
  readonly targets: Readonly<Record<Target, IntervalModel | null>>;
}

/** A finished piece of the same title; a `ShapeRow` is one. Those of another kind than the piece to predict are passed over. */
export type Sibling = WorkFeatures & Pick<Used, Target>;

/**
 * Learns from the rows of whole pieces that went well; the same rows and seed give the same model. Takes seconds, on the thread that calls it.
 * @param options `trainedAt`: UTC, milliseconds
 * @returns the reason why not, where there are too few titles
 */
export function trainModel(
  rows: readonly ShapeRow[],
  options: { readonly seed: number; readonly trainedAt: number },
): ShapeModel | string {
  const good = rows.filter(isLearned);
  const titles = new Set(good.map(titleOf)).size;
  if (titles < LEAST_TITLES) {
    return `There is work of ${titles} ${titles === 1 ? 'title' : 'titles'}; a bound that holds on new ones takes ${LEAST_TITLES}.`;
  }
  const kept = thinned(good, options.seed);
  const targets = Object.fromEntries(TARGET_NAMES.map((target) => [target, fitTarget(kept, target, options.seed)]));
  return {
    version: SHAPE_MODEL_VERSION,
    number: 0,
    trainedAt: options.trainedAt,
    rows: good.length,
    titles,
    numberNames: NUMBER_NAMES,
    known: [...new Set(kept.map(knownWord))].sort(),
    targets: targets as Record<Target, IntervalModel | null>,
  };
}

/** Of all rows of the table, those that a model learns from. */
export function isLearned(row: ShapeRow): boolean {
  return row.phase === WHOLE && row.outcome === 'ok' && row.durationS > 0;
}

/** Whether there is so much more work than the model was trained from that it should be trained anew. @param rowsNow rows that {@link isLearned} */
export function needsRetraining(model: ShapeModel, rowsNow: number): boolean {
  return rowsNow >= GROWTH * model.rows;
}

/**
 * What a piece of work will take. @param siblings finished pieces of its title, the latest last
 * @returns null where the model has seen no work of that kind by that encoder on that machine
 */
export function predict(model: ShapeModel, work: WorkFeatures, siblings: readonly Sibling[] = []): Prediction | null {
  if (!model.known.includes(knownWord(work))) return null;
  const known = siblings
    .filter((sibling) => sibling.kind === work.kind && model.known.includes(knownWord(sibling)))
    .slice(-MAX_SIBLINGS);
  return {
    durationS: predictTarget(model, 'durationS', work, known),
    cpuS: predictTarget(model, 'cpuS', work, known),
    memoryBytes: predictTarget(model, 'memoryPeak', work, known),
    coverage: COVERAGE,
    basis: `model ${model.number}`,
  };
}

/** Stored models that are ready to predict. */
const ready = new WeakMap<IntervalModel, IntervalPredictor>();

function predictTarget(model: ShapeModel, target: Target, work: WorkFeatures, siblings: readonly Sibling[]) {
  const stored = model.targets[target];
  if (stored === null) return null;
  const predictor = ready.get(stored) ?? new IntervalPredictor(stored);
  ready.set(stored, predictor);
  const logSize = TARGETS[target];
  const residuals = siblings.flatMap((sibling) => {
    const used = sibling[target];
    if (used === null || !(used > 0)) return [];
    return [Math.log(used) - logSize(sibling) - predictor.value(learnRow(sibling))];
  });
  return exponential(predictor.interval(learnRow(work), residuals), logSize(work));
}

function exponential({ value, low, high }: LogInterval, size: number): Interval {
  return { value: Math.exp(size + value), low: Math.exp(size + low), high: Math.exp(size + high) };
}

function fitTarget(rows: readonly ShapeRow[], target: Target, seed: number): IntervalModel | null {
  const measured = rows.filter((row) => (row[target] ?? 0) > 0);
  const titles = numbered(measured.map(titleOf));
  if (titles.count < LEAST_TITLES) return null;
  const siblings = numbered(measured.map((row) => `${row.kind}|${titleOf(row)}`));
  const logSize = TARGETS[target];
  const logTarget = Float64Array.from(measured, (row) => Math.log(row[target]!) - logSize(row));
  const columns = columnsOf(measured.map(learnRow));
  return fitIntervals({ ...columns, target: logTarget, groups: titles.numbers, siblings: siblings.numbers }, seed);
}

/** Names as numbers from 0, in the order in which they come. */
function numbered(names: readonly string[]): { numbers: Int32Array; count: number } {
  const found = new Map<string, number>();
  for (const name of names) if (!found.has(name)) found.set(name, found.size);
  return { numbers: Int32Array.from(names, (name) => found.get(name)!), count: found.size };
}

/** What a row's resemblance to others comes from: its title, else its source, else nothing. */
function titleOf(row: ShapeRow): string {
  return row.title ?? row.source ?? row.id;
}

/** At most {@link MAX_ROWS}: each title gives up to the same number, at random. */
function thinned(rows: readonly ShapeRow[], seed: number): readonly ShapeRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const byTitle = Map.groupBy(rows, titleOf);
  const sizes = [...byTitle.values()].map((each) => each.length).sort((a, b) => a - b);
  let left = MAX_ROWS;
  let each = 0;
  for (const [index, size] of sizes.entries()) {
    each = Math.max(1, Math.floor(left / (sizes.length - index)));
    if (size > each) break;
    left -= size;
  }
  const random = seededRandom(seed);
  return [...byTitle.values()].flatMap((all) => {
    if (all.length <= each) return all;
    // The first rows of a random order, without ordering the rest.
    const pool = [...all];
    for (let i = 0; i < each; i++) {
      const j = i + (random() % (pool.length - i));
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
    }
    return pool.slice(0, each);
  });
}
