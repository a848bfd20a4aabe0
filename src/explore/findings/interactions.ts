// Settings that act together: what two of them do is not the sum of what each does.

import { constantColumn, dot, explained, orthonormalBeyond, subtractAlong } from '#analysis/orthonormal';
import { balanceFamilies, normalOfF, stepDownP } from '#analysis/max-statistic';
import { seededRandom } from '#analysis/random';
import { mean } from '#analysis/quantile';
import { centre, interleave, memoryWidening, project, shuffle, squaresOf, type Effect } from './effects.ts';
import { propertyTitle } from '../data/dataset.ts';
import type { Finding } from './finding.ts';
import { importanceOf, leastDifference } from './headline-metrics.ts';
import { choicesOf, decides } from './nesting.ts';
import type { Factor, Study, StudyMetric } from './study.ts';
import { additiveColumns, cellsWith, cellUnits, indicators, LEAST_FREEDOM, type Units } from './units.ts';
import * as words from './wording.ts';

/** Settings that are looked at in pairs: those that explain most of any metric. */
const MAX_FACTORS = 4;
const MAX_METRICS = 8;
/** Combinations of two settings beyond the first values of both. */
const MAX_COLUMNS = 64;
const LEAST_SHARE = 0.02;
/** A pair whose coarser form (codec in the place of preset) explains as much of what it does says nothing more. */
const MOST_OF_FINER = 0.8;
const MAX_WORK = 1.5e8;
const MAX_PERMUTATIONS = 999;
const LEAST_PERMUTATIONS = 199;

export interface Interaction {
  readonly pair: readonly [Factor, Factor];
  readonly metric: StudyMetric;
  readonly share: number;
  readonly p: number;
}

/**
 * Pairs of the settings that explain most, by permuting what the sum of all settings leaves (Freedman and Lane 1983), corrected over pairs and
 * metrics by the step-down maximum. Cells are compared; where a model of the pairs leaves too few of them, single runs are.
 */
export function findInteractions(study: Study, effects: readonly Effect[]): Interaction[] {
  const metrics = study.headlines
    .filter(({ middles }) => middles.every((value) => !Number.isNaN(value)))
    .slice(0, MAX_METRICS);
  const largest = Map.groupBy(effects, ({ factor }) => factor);
  const factors = [...largest]
    .map(([factor, own]) => ({ factor, share: Math.max(...own.map(({ share }) => share)) }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MAX_FACTORS)
    .map(({ factor }) => factor);
  if (metrics.length === 0 || factors.length < 2) return [];
  const first = cellUnits(cellsWith(study, metrics[0]!));
  const runs = runUnits(study);
  const pairs = factors.flatMap((a, i) => factors.slice(i + 1).map((b) => [a, b] as const));
  const found = test(study, metrics, pairs, first);
  return found ?? (runs.cells.length > study.cellCount ? test(study, metrics, pairs, runs) : null) ?? [];
}

function runUnits({ cellOf }: Study): Units {
  return { kind: 'run', cells: cellOf, runs: Int32Array.from(cellOf.keys()), valuesOf: ({ values }) => values };
}

/** Null where these units are too few for any pair. */
function test(
  study: Study,
  metrics: readonly StudyMetric[],
  pairs: readonly (readonly [Factor, Factor])[],
  { cells, runs, valuesOf }: Units,
): Interaction[] | null {
  const additive = [constantColumn(cells.length), ...additiveColumns(study.factors, cells)];
  const terms = pairs.flatMap((pair) => {
    const columns = pairColumns(pair, cells, additive);
    const freedom = cells.length - additive.length - columns.length;
    return columns.length === 0 || freedom < LEAST_FREEDOM ? [] : [{ pair, columns, freedom }];
  });
  if (terms.length === 0) return null;
  const all = [...additive, ...terms.flatMap(({ columns }) => columns)];
  const wide = interleave(all);
  const along = new Float64Array(all.length);
  const totals = metrics.map((metric) => squaresAround(valuesOf(metric)));
  const rests = metrics.map((metric) => {
    const rest = centre(valuesOf(metric));
    for (const column of additive) subtractAlong(rest, column);
    return rest;
  });
  const lengths = rests.map((rest) => dot(rest, rest));
  const count = metrics.length * terms.length;
  const widening = memoryWidening(study, { cells, runs }, terms, rests, additive);
  const statistics = (into: Float64Array, offset: number, order: Int32Array | null) => {
    for (const [m, rest] of rests.entries()) {
      project(wide, rest, order, along);
      const left = lengths[m]! - squaresOf(along, 0, additive.length);
      let from = additive.length;
      for (const [t, { columns, freedom }] of terms.entries()) {
        const squares = squaresOf(along, from, columns.length);
        from += columns.length;
        const noise = Math.max(left - squares, totals[m]! * 1e-15) / freedom;
        const ratio = squares / columns.length / noise / (order === null ? widening[m]![t]! : 1);
        into[offset + m * terms.length + t] = normalOfF(ratio, columns.length, freedom);
      }
    }
  };
  const observed = new Float64Array(count);
  statistics(observed, 0, null);
  const work = cells.length * all.length * metrics.length;
  const permutations = Math.max(LEAST_PERMUTATIONS, Math.min(MAX_PERMUTATIONS, Math.floor(MAX_WORK / work)));
  const permuted = new Float64Array(permutations * count);
  const order = Int32Array.from(cells.keys());
  const random = seededRandom(study.seed);
  for (let k = 0; k < permutations; k++) {
    shuffle(order, random);
    statistics(permuted, k * count, order);
  }
  balanceFamilies(observed, permuted, metrics.length);
  const p = stepDownP(observed, permuted);
  return metrics.flatMap((metric, m) =>
    terms.map(({ pair, columns }, t) => ({
      pair,
      metric,
      share: explained(columns, rests[m]!) / totals[m]!,
      p: p[m * terms.length + t]!,
    })),
  );
}

function pairColumns([a, b]: readonly [Factor, Factor], cells: Int32Array, additive: readonly Float64Array[]) {
  if ((a.levels.length - 1) * (b.levels.length - 1) > MAX_COLUMNS) return [];
  const ofB = indicators(b, cells);
  const products = indicators(a, cells).flatMap((one) => ofB.map((other) => one.map((value, i) => value * other[i]!)));
  return orthonormalBeyond(additive, products);
}

function squaresAround(values: Float64Array): number {
  const centred = centre(values);
  return dot(centred, centred);
}

/** False where a pair with a coarser setting in the place of one of them, or both, explains nearly as much of the same metric. */
function saysMore({ pair, metric, share }: Interaction, telling: readonly Interaction[]): boolean {
  return !telling.some(
    (other) =>
      other.metric === metric &&
      other.pair !== pair &&
      other.share >= MOST_OF_FINER * share &&
      (isCoarser(other.pair, pair[0], pair[1]) || isCoarser(other.pair, pair[1], pair[0])),
  );
}

function isCoarser([a, b]: readonly [Factor, Factor], first: Factor, second: Factor): boolean {
  return (a === first || decides(first, a)) && (b === second || decides(second, b));
}

/** One finding a pair: for the metric of which it explains most. */
export function interactionFindings(study: Study, interactions: readonly Interaction[]): Finding[] {
  const certain = interactions.filter(({ share, p }) => share >= LEAST_SHARE && p < words.ALPHA);
  const telling = certain.filter((interaction) => saysMore(interaction, certain));
  return [...Map.groupBy(telling, ({ pair }) => pair)].flatMap(([pair, own]) => {
    const best = own.toSorted((a, b) => b.share - a.share)[0]!;
    const spread = widestSpread(pair, best.metric);
    if (spread === null || spread.most - spread.least < leastDifference(best.metric.column, best.metric.isRatio))
      return [];
    const [held, moved] = spread.pair;
    const step = `from ${words.levelText(study, moved, spread.from)} to ${words.levelText(study, moved, spread.to)}`;
    const most = `${words.differenceText(best.metric, spread.most)} at ${words.levelText(study, held, spread.mostAt)}`;
    const least = `${words.differenceText(best.metric, spread.least)} at ${words.levelText(study, held, spread.leastAt)}`;
    return {
      kind: 'interaction',
      id: `interaction:${pair[0].name}:${pair[1].name}`,
      title: `what ${titleOf(study, moved)} does to ${best.metric.column.name} depends on ${titleOf(study, held)}: ${step} ${most}, ${least}`,
      advice: 'Choose both together: the best value of one is not the same for every value of the other.',
      evidence: [
        ...own.map(({ metric, share }) => ({
          label: `share of the variance of ${metric.column.name} that neither explains alone`,
          value: share,
          unit: '1',
        })),
        words.chanceEvidence(best.p),
      ],
      p: best.p,
      weight: best.share * importanceOf(best.metric.column),
      view: { placed: words.placed(moved.name, held.name), stats: [best.metric.column.name] },
      runs: [],
    };
  });
}

function titleOf({ names }: Study, { name }: Factor): string {
  return propertyTitle(names, name);
}

interface Spread {
  /** The setting that is held, and the one that is moved. */
  readonly pair: readonly [Factor, Factor];
  readonly from: number;
  readonly to: number;
  readonly most: number;
  readonly mostAt: number;
  readonly least: number;
  readonly leastAt: number;
}

/** Where the same step of one setting does most and least, over the values of the other. */
function widestSpread([a, b]: readonly [Factor, Factor], metric: StudyMetric): Spread | null {
  const both = [spreadOf(a, b, metric), spreadOf(b, a, metric)].filter((spread) => spread !== null);
  return both.toSorted((one, other) => other.most - other.least - (one.most - one.least))[0] ?? null;
}

function spreadOf(held: Factor, moved: Factor, metric: StudyMetric): Spread | null {
  const known = Array.from(words.levelMiddles(moved, metric.middles), (value, level) => ({ value, level }))
    .filter(({ value }) => !Number.isNaN(value))
    .toSorted((x, y) => x.value - y.value);
  const from = known[0]?.level;
  const to = known.at(-1)?.level;
  if (from === undefined || to === undefined || from === to) return null;
  const steps = choicesOf(held).flatMap((level) => {
    const at = (other: number) =>
      mean(metric.middles.filter((_value, cell) => held.codes[cell] === level && moved.codes[cell] === other));
    const step = at(to) - at(from);
    return Number.isNaN(step) ? [] : [{ level, step }];
  });
  if (steps.length < 2) return null;
  const sorted = steps.toSorted((x, y) => x.step - y.step);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  return {
    pair: [held, moved],
    from,
    to,
    most: most.step,
    mostAt: most.level,
    least: least.step,
    leastAt: least.level,
  };
}
