// Cells whose repeats fall into two heaps, and what tells the heaps apart.

import { dipTest } from '#analysis/dip-test';
import { mean, median } from '#analysis/quantile';
import { randomBelow, seededRandom } from '#analysis/random';
import type { Evidence, Finding } from './finding.ts';
import { CAUSES, leastDifference } from './headline-metrics.ts';
import { runsByCell, type Study, type StudyMetric } from './study.ts';
import * as words from './wording.ts';

const LEAST_REPEATS = 8;
/** Cells and metrics that are tested at the most. */
const MAX_TESTS = 2_000;
/** Ashman, Bird and Zepf (1994): two normal distributions are clearly apart beyond 2. */
const LEAST_SEPARATION = 2.5;
/** The smaller heap has at least so many runs, and such a share of them. */
const LEAST_HEAP = 3;
const LEAST_SHARE = 0.15;
/** The heaps' middles are at least so many least differences apart. */
const LEAST_GAP = 1.5;
/** Share of the values that must differ from all others. */
const LEAST_DIFFERENT = 0.7;
const MAX_FINDINGS = 6;
const PERMUTATIONS = 999;

interface Heaps {
  readonly metric: StudyMetric;
  readonly cell: number;
  readonly p: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly separation: number;
}

/** Hartigans' dip test in each cell of 8 repeats or more, for each headline metric; p by Holm's method. */
export function findBimodal(study: Study): Finding[] {
  const metrics = study.headlines;
  const cells = runsByCell(study).flatMap((runs, cell) => (runs.length >= LEAST_REPEATS ? [{ runs, cell }] : []));
  const allowed = Math.floor(MAX_TESTS / Math.max(1, metrics.length));
  if (cells.length > allowed) study.notes.add(`two heaps were looked for in the first ${allowed} cells`);
  const tests = cells.slice(0, allowed).flatMap(({ runs, cell }) =>
    metrics.flatMap((metric) => {
      const known = runs.filter((run) => !Number.isNaN(metric.values[run]!));
      return known.length < LEAST_REPEATS || isCount(pick(metric, known))
        ? []
        : [{ metric, cell, runs: known, p: dipTest(pick(metric, known)).p }];
    }),
  );
  const sorted = tests.toSorted((a, b) => a.p - b.p);
  const found: Heaps[] = [];
  let before = 0;
  for (const [at, { metric, cell, runs, p }] of sorted.entries()) {
    before = Math.max(before, Math.min(1, p * (sorted.length - at)));
    if (!(before < words.ALPHA)) break;
    const heaps = split(metric, runs);
    if (heaps !== null) found.push({ metric, cell, p: before, ...heaps });
  }
  return [...Map.groupBy(found, ({ cell }) => cell).values()].slice(0, MAX_FINDINGS).map((own) => finding(study, own));
}

/** Many equal values: the dip test takes each of them for a heap. Two values alone are two heaps indeed. */
function isCount(values: Float64Array): boolean {
  const different = new Set(values).size;
  return different > 2 && different < LEAST_DIFFERENT * values.length;
}

/** Two heaps at the split with the least variance inside of them; null where they are not apart. */
function split(metric: StudyMetric, runs: Int32Array): Pick<Heaps, 'low' | 'high' | 'separation'> | null {
  const sorted = runs.slice().sort((a, b) => metric.values[a]! - metric.values[b]!);
  const values = pick(metric, sorted);
  const least = Math.max(LEAST_HEAP, Math.ceil(LEAST_SHARE * values.length));
  let best = -1;
  let smallest = Infinity;
  for (let at = least; at <= values.length - least; at++) {
    const inside = squares(values.subarray(0, at)) + squares(values.subarray(at));
    if (inside >= smallest) continue;
    smallest = inside;
    best = at;
  }
  if (best < 0) return null;
  const [a, b] = [values.subarray(0, best), values.subarray(best)];
  const gap = mean(b) - mean(a);
  const deviation = Math.sqrt((squares(a) / (a.length - 1) + squares(b) / (b.length - 1)) / 2);
  const separation = gap / Math.max(deviation, gap * 1e-6);
  if (separation < LEAST_SEPARATION || gap < LEAST_GAP * leastDifference(metric.column, metric.isRatio)) return null;
  return { low: sorted.slice(0, best), high: sorted.slice(best), separation };
}

function finding(study: Study, all: readonly Heaps[]): Finding {
  const { metric, cell, low, high, separation, p } = all[0]!;
  const name = metric.column.name;
  const middles = [low, high].map((runs) => words.valueText(metric, median(pick(metric, runs))));
  const reasons = differences(study, low, high);
  const why = reasons[0] === undefined ? '' : `; ${reasons[0].text}`;
  return {
    kind: 'bimodal',
    id: `bimodal:${name}:${words.cellText(study, cell)}`,
    title: `${words.cellText(study, cell)} has two kinds of runs: ${name} is ${middles[0]!} in ${low.length} and ${middles[1]!} in ${high.length} of them${why}`,
    advice:
      reasons.length > 0
        ? 'Neither an average nor a median describes such a cell: hold fast what tells the two kinds apart, and measure again.'
        : 'Neither an average nor a median describes such a cell, and nothing that was recorded tells the two kinds apart: compare one run of each.',
    evidence: [
      { label: "Ashman's D, how far the two are apart", value: separation, unit: '1' },
      ...reasons.map(({ text }): Evidence => ({ label: 'told apart by', value: text, unit: null })),
      ...all
        .slice(1)
        .map((other): Evidence => ({ label: 'also in two kinds', value: other.metric.column.name, unit: null })),
      words.chanceEvidence(p),
    ],
    p,
    weight: Math.min(low.length, high.length) / (low.length + high.length),
    view: { stats: [name], plot: 'distribution', options: { show: 'strip' } },
    runs: [...words.runIds(study, low).slice(0, 3), ...words.runIds(study, high).slice(0, 3)],
  };
}

interface Reason {
  readonly text: string;
  readonly p: number;
}

/** What differs between the two kinds: what the machine did, when they ran, where. */
function differences(study: Study, low: Int32Array, high: Int32Array): Reason[] {
  const { dataset, rows } = study;
  const random = seededRandom(study.seed);
  const numbers: readonly { readonly name: string; readonly of: (row: number) => number }[] = [
    ...CAUSES.flatMap((name) => {
      const column = dataset.metrics.find((metric) => metric.name === name);
      return column === undefined ? [] : [{ name, of: (row: number) => column.values[row]! }];
    }),
    { name: WHEN, of: (row) => dataset.startedAtMs[row]! },
    ...dataset.properties
      .filter(({ origin, values, name }) => origin === 'fact' && values.length === 2 && name !== 'outcome')
      .map(({ name, codes }) => ({ name, of: (row: number) => codes[row]! })),
  ];
  const tests = numbers.flatMap(({ name, of }) => {
    const values = (runs: Int32Array) => Float64Array.from(runs, (run) => of(rows[run]!));
    const [a, b] = [values(low), values(high)];
    if ([...a, ...b].some(Number.isNaN)) return [];
    const p = overlapP(a, b, random);
    return [{ name, a, b, p }];
  });
  return tests
    .filter(({ p }) => p * tests.length < words.ALPHA)
    .toSorted((one, other) => one.p - other.p)
    .map(({ name, a, b, p }) => ({ p, text: reasonText(study, name, a, b) }));
}

const WHEN = 'time';

function reasonText(study: Study, name: string, a: Float64Array, b: Float64Array): string {
  if (name === WHEN) return median(a) < median(b) ? 'the first kind ran earlier' : 'the first kind ran later';
  const column = study.dataset.metrics.find((metric) => metric.name === name);
  if (column === undefined) return `they differ in ${name}`;
  const text = (values: Float64Array) =>
    words.valueText({ column, isRatio: false, values, middles: values }, median(values));
  return `${name} was ${text(a)} and ${text(b)}`;
}

/** How often chance tells two groups so well apart by rank, by permutation. */
function overlapP(a: Float64Array, b: Float64Array, random: () => number): number {
  const all = Float64Array.of(...a, ...b);
  const order = Int32Array.from(all.keys()).sort((i, j) => all[i]! - all[j]!);
  const ranks = new Float64Array(all.length);
  for (let i = 0; i < order.length;) {
    let end = i;
    while (end < order.length && all[order[end]!] === all[order[i]!]) end++;
    for (let k = i; k < end; k++) ranks[order[k]!] = (i + end - 1) / 2;
    i = end;
  }
  const expected = (a.length * (all.length - 1)) / 2;
  const distance = (): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += ranks[i]!;
    return Math.abs(sum - expected);
  };
  const observed = distance();
  if (observed === 0) return 1;
  let atLeast = 1;
  for (let k = 0; k < PERMUTATIONS; k++) {
    for (let i = 0; i < a.length; i++) {
      const j = i + randomBelow(ranks.length - i, random);
      const held = ranks[i]!;
      ranks[i] = ranks[j]!;
      ranks[j] = held;
    }
    if (distance() >= observed) atLeast++;
  }
  return atLeast / (PERMUTATIONS + 1);
}

function pick({ values }: StudyMetric, runs: Int32Array): Float64Array {
  return Float64Array.from(runs, (run) => values[run]!);
}

function squares(values: Float64Array): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}
