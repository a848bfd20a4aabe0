// Settings that were varied and changed nothing: shown by an interval that is narrow, and not by a test that found nothing.

import { studentTwoSided, studentBound } from '#analysis/student-t';
import { mean } from '#analysis/quantile';
import { ABSENT_TITLE } from '../data/dataset.ts';
import { blocksWithout } from './blocks.ts';
import type { Effect } from './effects.ts';
import type { Interaction } from './interactions.ts';
import type { Evidence, Finding } from './finding.ts';
import { leastDifference } from './headline-metrics.ts';
import { runsByCell, type Factor, type Study, type StudyMetric } from './study.ts';
import { choicesOf } from './nesting.ts';
import * as words from './wording.ts';

/** Cells that differ in this setting only: with fewer such pairs the spread of repeats tells how sure a difference is. */
const LEAST_PAIRS = 4;
/** Degrees of freedom of that spread. */
const LEAST_FREEDOM = 4;
/** Numbers must span so much for a setting to have been varied. */
const LEAST_SPAN = 1.5;
/** Pairs of values that are compared at the most. */
const MAX_LEVELS = 12;
/** Named in the title. */
const NAMED = 3;

/** What is known of the largest difference that a setting makes to a metric. */
interface Bound {
  readonly metric: StudyMetric;
  /** On the metric's scale; with 99 % confidence no pair of values differs by more. */
  readonly upper: number;
  /** Of the hypothesis that some pair differs by more than is worth telling. */
  readonly p: number;
}

/**
 * Settings of which every pair of values is equivalent in most headline metrics (two one-sided t tests each, Schuirmann 1987; all of them must hold,
 * so that they need no correction, Berger 1982), and none is known to matter.
 */
export function findNoEffects(
  study: Study,
  effects: readonly Effect[],
  interactions: readonly Interaction[],
): Finding[] {
  const metrics = study.headlines;
  const candidates = study.factors.filter(
    (factor) =>
      factor.origin === 'setting' &&
      wasVaried(factor) &&
      !effects.some((effect) => effect.factor === factor && effect.p < words.ALPHA && effect.share >= LEAST_SHARE) &&
      !interactions.some(({ pair, p }) => pair.includes(factor) && p < words.ALPHA),
  );
  return candidates.flatMap((factor) => {
    const bounds = metrics.flatMap((metric) => boundOf(study, factor, metric) ?? []);
    const shown = bounds.filter(({ p }) => p * candidates.length < words.ALPHA);
    return shown.length > 0 && shown.length * 2 > metrics.length ? [finding(study, factor, shown, bounds)] : [];
  });
}

/** A share of the variance below this may be certain, and is still next to nothing. */
const LEAST_SHARE = 0.005;

function wasVaried(factor: Factor): boolean {
  const choices = choicesOf(factor);
  if (choices.length > MAX_LEVELS) return false;
  const known = factor.numbers?.filter((value) => !Number.isNaN(value)) ?? [];
  if (known.length < choices.length) return true;
  const lowest = Math.min(...known);
  return !(lowest > 0) || Math.max(...known) / lowest >= LEAST_SPAN;
}

function boundOf(study: Study, factor: Factor, metric: StudyMetric): Bound | null {
  const least = leastDifference(metric.column, metric.isRatio);
  const byBlock = cellsByBlock(study, factor, metric);
  const spread = repeatSpread(study, metric);
  let upper = 0;
  let p = 0;
  const choices = choicesOf(factor);
  for (const [i, a] of choices.entries())
    for (const b of choices.slice(i + 1)) {
      const difference = compare(study, byBlock, a, b, metric, spread);
      if (difference === null) return null;
      upper = Math.max(upper, Math.abs(difference.middle) + difference.error * studentBound(0.98, difference.freedom));
      const room = least - Math.abs(difference.middle);
      const tail =
        difference.error === 0 ? 0 : studentTwoSided(Math.abs(room) / difference.error, difference.freedom) / 2;
      p = Math.max(p, room > 0 ? tail : 1 - tail);
    }
  return { metric, upper, p };
}

interface Difference {
  readonly middle: number;
  /** Standard error of it. */
  readonly error: number;
  readonly freedom: number;
}

/** Of each block, by level the cell. */
function cellsByBlock(study: Study, factor: Factor, { middles }: StudyMetric): Map<number, Int32Array> {
  const blocks = blocksWithout(study, factor);
  const byBlock = new Map<number, Int32Array>();
  for (let cell = 0; cell < study.cellCount; cell++) {
    if (Number.isNaN(middles[cell]!)) continue;
    const block = blocks.of[cell]!;
    let cells = byBlock.get(block);
    if (cells === undefined) byBlock.set(block, (cells = new Int32Array(factor.levels.length).fill(-1)));
    cells[factor.codes[cell]!] = cell;
  }
  return byBlock;
}

function compare(
  { sizes }: Study,
  byBlock: ReadonlyMap<number, Int32Array>,
  a: number,
  b: number,
  { middles }: StudyMetric,
  spread: { readonly variance: number; readonly freedom: number },
): Difference | null {
  const differences: number[] = [];
  let weight = 0;
  for (const cells of byBlock.values()) {
    const [one, other] = [cells[a]!, cells[b]!];
    if (one < 0 || other < 0) continue;
    differences.push(middles[other]! - middles[one]!);
    weight += 1 / sizes[one]! + 1 / sizes[other]!;
  }
  const count = differences.length;
  if (count === 0) return null;
  const middle = mean(differences);
  if (count >= LEAST_PAIRS) {
    const squares = differences.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    return { middle, error: Math.sqrt(squares / (count - 1) / count), freedom: count - 1 };
  }
  if (spread.freedom < LEAST_FREEDOM) return null;
  // The median of few repeats varies by half as much again as their mean would.
  return { middle, error: Math.sqrt((MEDIAN_LOSS * spread.variance * weight) / count ** 2), freedom: spread.freedom };
}

/** Variance of the median of a normal sample against that of its mean: pi / 2. */
const MEDIAN_LOSS = Math.PI / 2;

/** Variance of single runs around their cell's mean. */
function repeatSpread(study: Study, { values }: StudyMetric): { variance: number; freedom: number } {
  let squares = 0;
  let freedom = 0;
  for (const runs of runsByCell(study)) {
    const own = Array.from(runs, (run) => values[run]!).filter((value) => !Number.isNaN(value));
    if (own.length < 2) continue;
    const middle = mean(own);
    for (const value of own) squares += (value - middle) ** 2;
    freedom += own.length - 1;
  }
  return { variance: freedom === 0 ? NaN : squares / freedom, freedom };
}

function finding(study: Study, factor: Factor, shown: readonly Bound[], all: readonly Bound[]): Finding {
  const name = words.factorText(study, factor);
  const parts = shown
    .slice(0, NAMED)
    .map(({ metric, upper }) => `${metric.column.name} by less than ${widthText(metric, upper)}`);
  const more = shown.length > NAMED ? `, and ${shown.length - NAMED} more` : '';
  const values = choicesOf(factor).map((level) => factor.levels[level] ?? ABSENT_TITLE);
  const range = values.length > NAMED ? `${values[0]!} to ${values.at(-1)!}` : words.listText(values);
  const unsure = all.filter((bound) => !shown.includes(bound));
  const hidden =
    unsure.length === 0
      ? ''
      : `; of ${unsure[0]!.metric.column.name}${unsure.length > 1 ? ` and ${unsure.length - 1} more` : ''} the noise hides as much`;
  const p = Math.max(...shown.map((bound) => bound.p));
  return {
    kind: 'no-effect',
    id: `no-effect:${factor.name}`,
    title: `${name} (${range}) changes nothing: ${words.listText(parts)}${more}${hidden}`,
    advice:
      unsure.length === 0
        ? 'Leave it at its default and take it out of the matrix: that saves runs.'
        : 'Take it out of the matrix, unless the metrics that are not known so well are what it is for: those want more repeats on a quieter machine.',
    evidence: [
      ...shown.map(({ metric, upper }): Evidence => ({
        label: `largest difference of ${metric.column.name}, 99 % bound`,
        value: widthText(metric, upper),
        unit: null,
      })),
      ...unsure.map(({ metric, upper }): Evidence => ({
        label: `${metric.column.name}: not known so well, 99 % bound`,
        value: widthText(metric, upper),
        unit: null,
      })),
    ],
    p,
    weight: 0.4,
    view: { placed: words.placed(factor.name), stats: shown.slice(0, NAMED).map(({ metric }) => metric.column.name) },
    runs: [],
  };
}

/** A smaller bound is written as this. */
const LEAST_WIDTH = 0.001;

/** `0.8 %`, `0.05 dB`. */
function widthText(metric: StudyMetric, upper: number): string {
  return metric.isRatio
    ? words.percent(Math.max(LEAST_WIDTH, Math.exp(upper) - 1))
    : words.differenceText(metric, upper).replace('+', '');
}
