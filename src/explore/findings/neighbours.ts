// What the machine did meanwhile, as the cause of differences between repeats: its clock, other programs, its host.

import { lagged, rankValues } from '#analysis/ranks';
import { stepDownP } from '#analysis/max-statistic';
import { seededRandom } from '#analysis/random';
import { mean } from '#analysis/quantile';
import { clearestCell } from './clearest-cell.ts';
import type { Evidence, Finding } from './finding.ts';
import { CAUSES, leastDifference } from './headline-metrics.ts';
import { residuals } from './residuals.ts';
import type { Study, StudyMetric } from './study.ts';
import * as words from './wording.ts';

const LEAST_RUNS = 12;
/** Share of what repeats differ by that must be explained. */
const LEAST_SHARE = 0.1;
/** The newest runs are looked at. */
const MAX_RUNS = 4_000;
const MAX_WORK = 5e7;
const MAX_PERMUTATIONS = 999;
const LEAST_PERMUTATIONS = 199;
/** Neighbours in time whose likeness is taken into account. */
const MOST_LAGS = 20;
const MAX_NAMED = 5;

/** Which way each cause hurts: more of others and of what was stolen, less of the clock. */
const HURTS: Readonly<Record<(typeof CAUSES)[number], 1 | -1>> = {
  'host.frequency': -1,
  'host.others': 1,
  'host.steal': 1,
};

const WHAT: Readonly<Record<(typeof CAUSES)[number], string>> = {
  'host.frequency': 'the clock of the cores',
  'host.others': 'other programs on the machine',
  'host.steal': 'the hypervisor',
};

interface Link {
  readonly cause: (typeof CAUSES)[number];
  readonly metric: StudyMetric;
  readonly rank: number;
  /** Mean of the metric in the quarter where the cause was worst less that where it was best. */
  readonly difference: number;
  readonly statistic: number;
  /** Positions of the runs, the most affected first. */
  readonly hurt: readonly number[];
}

/**
 * Rank correlation of what the settings do not explain of metric and cause (both less their cell's mean), by permuting within cells; corrected for the memory
 * of both series (Bartlett 1946, as Clifford, Richardson and Hémon 1989 use it) and over metrics and causes by the step-down maximum. Only links in the
 * direction in which a cause can hurt.
 */
export function findNeighbours(study: Study): Finding[] {
  const metrics = study.headlines.filter(({ column }) => column.better !== null);
  const causes = CAUSES.flatMap((name) => {
    const column = study.dataset.metrics.find((metric) => metric.name === name);
    return column === undefined
      ? []
      : [
          {
            name,
            rest: residuals(
              study,
              Float64Array.from(study.rows, (row) => column.values[row]!),
            ),
          },
        ];
  });
  if (causes.length === 0 || metrics.length === 0) return [];
  const rests = metrics.map((metric) => residuals(study, metric.values));
  const needed = [...rests, ...causes.map(({ rest }) => rest)];
  const known = inTime(study).filter((run) => needed.every((rest) => !Number.isNaN(rest[run]!)));
  const used = known.slice(Math.max(0, known.length - MAX_RUNS));
  if (known.length > MAX_RUNS)
    study.notes.add(`whether a neighbour explains a result was looked for in the newest ${MAX_RUNS} runs`);
  if (used.length < LEAST_RUNS) {
    study.notes.add('whether a neighbour explains a result is seen from repeats only: there are too few');
    return [];
  }
  const ranked = rests.map((rest) => rankValues(pick(rest, used)));
  const causeRanks = causes.map(({ rest }) => rankValues(pick(rest, used)));
  const shrink = ranked.flatMap((metric) => causeRanks.map((cause) => 1 / Math.sqrt(widening(metric, cause))));
  const correlate = (
    orders: readonly Float64Array[],
    into: Float64Array,
    offset: number,
    scale: readonly number[] | null,
  ) => {
    let at = 0;
    for (const [m, metric] of ranked.entries())
      for (const [c, cause] of orders.entries()) {
        const sign = direction(metrics[m]!, causes[c]!.name);
        into[offset + at] = sign * dotted(metric, cause) * (scale?.[at] ?? 1);
        at++;
      }
  };
  const count = ranked.length * causes.length;
  const observed = new Float64Array(count);
  correlate(causeRanks, observed, 0, shrink);
  const permutations = Math.max(
    LEAST_PERMUTATIONS,
    Math.min(MAX_PERMUTATIONS, Math.floor(MAX_WORK / (used.length * count))),
  );
  const permuted = new Float64Array(permutations * count);
  const random = seededRandom(study.seed);
  const groups = groupsOf(study, used);
  const order = Int32Array.from(used.keys());
  const mixed = causeRanks.map((rank) => rank.slice());
  for (let k = 0; k < permutations; k++) {
    shuffleWithin(groups, order, random);
    for (const [c, rank] of causeRanks.entries())
      for (let i = 0; i < order.length; i++) mixed[c]![i] = rank[order[i]!]!;
    correlate(mixed, permuted, k * count, null);
  }
  const p = stepDownP(observed, permuted);
  const links = metrics.flatMap((metric, m) =>
    causes.flatMap(({ name, rest }, c) => {
      const at = m * causes.length + c;
      const rank = dotted(ranked[m]!, causeRanks[c]!);
      if (!(p[at]! < words.ALPHA) || rank * rank < LEAST_SHARE || Math.sign(rank) !== direction(metric, name))
        return [];
      const link = linkOf(metric, rests[m]!, name, rest, used, rank, p[at]!);
      return Math.abs(link.difference) >= leastDifference(metric.column, metric.isRatio)
        ? [{ ...link, p: p[at]! }]
        : [];
    }),
  );
  return [...Map.groupBy(links, ({ cause }) => cause).values()].map((own) => finding(study, own));
}

/** The sign that a correlation has where the cause hurts. */
function direction({ column }: StudyMetric, cause: (typeof CAUSES)[number]): 1 | -1 {
  return (HURTS[cause] * (column.better === 'higher' ? -1 : 1)) as 1 | -1;
}

function inTime({ dataset, rows }: Study): Int32Array {
  return Int32Array.from(rows.keys()).sort((a, b) => dataset.startedAtMs[rows[a]!]! - dataset.startedAtMs[rows[b]!]!);
}

/** By how much the memory of two series widens the variance of their correlation. */
function widening(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let sum = 1;
  for (let lag = 1; lag <= Math.min(MOST_LAGS, Math.floor(n / 5)); lag++)
    sum += 2 * (1 - lag / n) * lagged(a, lag) * lagged(b, lag);
  return Math.max(1, sum);
}

function pick(values: Float64Array, runs: Int32Array): Float64Array {
  return Float64Array.from(runs, (run) => values[run]!);
}

/** Both have mean 0 and length 1. */
function dotted(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function groupsOf({ cellOf }: Study, used: Int32Array): Int32Array[] {
  return [...Map.groupBy(used.keys(), (i) => cellOf[used[i]!]!).values()].map((list) => Int32Array.from(list));
}

function shuffleWithin(groups: readonly Int32Array[], order: Int32Array, random: () => number): void {
  for (const group of groups)
    for (let i = group.length - 1; i > 0; i--) {
      const j = Math.floor((random() / 2 ** 32) * (i + 1));
      const [a, b] = [group[i]!, group[j]!];
      const held = order[a]!;
      order[a] = order[b]!;
      order[b] = held;
    }
}

function linkOf(
  metric: StudyMetric,
  rest: Float64Array,
  cause: (typeof CAUSES)[number],
  causeRest: Float64Array,
  used: Int32Array,
  rank: number,
  p: number,
): Link & { readonly p: number } {
  const worstFirst = used.toSorted((a, b) => (causeRest[b]! - causeRest[a]!) * HURTS[cause]);
  const quarter = Math.max(1, Math.floor(used.length / 4));
  const worst = worstFirst.slice(0, quarter);
  const best = worstFirst.slice(-quarter);
  const difference = mean(pick(rest, worst)) - mean(pick(rest, best));
  const hurt = [...worst].toSorted((a, b) => (rest[b]! - rest[a]!) * Math.sign(difference));
  return { metric, cause, rank, difference, statistic: rank, hurt, p };
}

function finding(study: Study, own: readonly (Link & { readonly p: number })[]): Finding {
  const best = own.toSorted((a, b) => b.rank ** 2 - a.rank ** 2)[0]!;
  const { name } = best.metric.column;
  const clearest = clearestCell(study, best.metric.column, best.cause, Math.sign(best.rank));
  const cells = [...new Set(best.hurt.map((run) => study.cellOf[run]!))].slice(0, MAX_NAMED);
  return {
    kind: 'neighbour',
    id: `neighbour:${best.cause}`,
    title: `${WHAT[best.cause]} (${best.cause}) explains ${words.percent(best.rank ** 2)} of how repeats differ in ${name}: ${words.differenceText(best.metric, best.difference)} in the quarter of the runs where it was worst, against the best`,
    advice: 'Measure the runs named here again on a quieter machine before you believe them.',
    evidence: [
      ...own.map(({ metric, rank }): Evidence => ({
        label: `rank correlation of ${best.cause} and ${metric.column.name}, cells taken away`,
        value: rank,
        unit: '1',
      })),
      ...cells.map((cell): Evidence => ({ label: 'hurt most', value: words.cellText(study, cell), unit: null })),
      ...(clearest === null
        ? []
        : [{ label: 'seen best in', value: words.cellText(study, clearest.cell), unit: null }]),
      words.chanceEvidence(best.p),
    ],
    p: best.p,
    weight: best.rank ** 2,
    view: clearest === null ? { stats: [name, best.cause] } : clearest.view,
    runs: words.runIds(study, best.hurt.slice(0, words.MAX_RUNS)),
  };
}
