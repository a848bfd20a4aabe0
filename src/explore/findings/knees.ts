// Where a metric stops gaining along a setting: a line with one bend against a straight one, all else held fixed.

import { stepDownP } from '#analysis/max-statistic';
import { seededRandom } from '#analysis/random';
import { MAX_STATS } from '../view.ts';
import { isItsMeaning } from './asked.ts';
import { blocksWithout } from './blocks.ts';
import { shuffle, type Effect } from './effects.ts';
import type { Finding } from './finding.ts';
import { leastDifference } from './headline-metrics.ts';
import { levelPlaces } from './level-places.ts';
import type { Factor, Study, StudyMetric } from './study.ts';
import * as words from './wording.ts';

const LEAST_LEVELS = 3;
const LEAST_FREEDOM = 5;
const PERMUTATIONS = 999;
/** Rows of permuted sums for one setting: about a tenth of a second. */
const MAX_POINTS = 4_000;
/** Before the bend there must be a gain of at least 10 % (or five times the least difference worth telling). */
const LEAST_GAIN = 5;
/** A plateau gains no more than this share of what was gained before; a knee's slope falls to less than that share. */
const PLATEAU_SHARE = 0.1;
const KNEE_SLOPE = 0.4;

interface Points {
  /** Of each point its place along the setting, and its value. */
  readonly level: Int32Array;
  readonly block: Int32Array;
  readonly blocks: number;
  readonly valuesOf: (metric: StudyMetric) => Float64Array;
}

/** Looks at settings that matter for a headline metric, or that a metric is the very meaning of. */
export function findKnees(study: Study, telling: readonly Effect[]): Finding[] {
  const wanted = telling.filter(({ metric }) => study.headlines.includes(metric));
  const byFactor = [...Map.groupBy(wanted, ({ factor }) => factor)].flatMap(([factor, own]) => {
    const places = levelPlaces(factor);
    return places === null ? [] : [{ factor, places, metrics: own.map(({ metric }) => metric) }];
  });
  return byFactor.flatMap(({ factor, places, metrics }) => kneesOf(study, factor, places, metrics, byFactor.length));
}

interface Bend {
  readonly metric: StudyMetric;
  /** Position of its level among the ordered ones. */
  readonly at: number;
  /** Value a unit of place before the bend, and behind it. */
  readonly before: number;
  readonly behind: number;
}

function kneesOf(
  study: Study,
  factor: Factor,
  { order, places }: { readonly order: Int32Array; readonly places: Float64Array },
  all: readonly StudyMetric[],
  tests: number,
): Finding[] {
  if (order.length < LEAST_LEVELS) return [];
  const metrics = all.filter(({ middles }) => middles.every((value) => !Number.isNaN(value)));
  const points = pointsOf(study, factor, order);
  if (points === null || metrics.length === 0) return [];
  const line = unitOf(
    centreInBlocks(
      Float64Array.from(points.level, (level) => places[level]!),
      points,
    ),
  );
  const bends = Array.from({ length: order.length - 2 }, (_, i) => bendColumn(places, i + 1, line, points));
  const freedom = points.level.length - points.blocks - 2;
  if (line === null || freedom < LEAST_FREEDOM) return [];

  const rests = metrics.map((metric) => {
    const values = centreInBlocks(points.valuesOf(metric), points);
    const slope = product(line, values);
    return values.map((value, i) => value - slope * line[i]!);
  });
  const observed = new Float64Array(metrics.length);
  const best = rests.map((rest, m) => {
    const found = strongest(rest, line, bends);
    observed[m] = found.statistic;
    return found.bend;
  });
  const permuted = new Float64Array(PERMUTATIONS * metrics.length);
  const order2 = Int32Array.from(points.level.keys());
  const random = seededRandom(study.seed);
  const mixed = new Float64Array(order2.length);
  for (let k = 0; k < PERMUTATIONS; k++) {
    shuffle(order2, random);
    for (const [m, rest] of rests.entries()) {
      for (let i = 0; i < mixed.length; i++) mixed[i] = rest[order2[i]!]!;
      permuted[k * metrics.length + m] = strongest(centreInBlocks(mixed, points), line, bends).statistic;
    }
  }
  const p = stepDownP(observed, permuted);
  const shapes = metrics.flatMap((metric, m) => {
    const adjusted = Math.min(1, p[m]! * tests);
    if (!(adjusted < words.ALPHA)) return [];
    const shape = shapeOf(slopes(metric, best[m]! + 1, places, points), places, adjusted);
    // That what was asked for came more slowly is told by what came.
    return shape === null || (shape.way !== 'flat' && isItsMeaning(factor.name, metric.column.name)) ? [] : [shape];
  });
  const alike = Map.groupBy(shapes, ({ way, at, gained }) => `${way} ${at} ${Math.sign(gained)}`);
  return [...alike.values()].map((same) => finding(study, factor, order, same));
}

/** The other settings held fixed: cells, or runs where there are too few cells. */
function pointsOf(study: Study, factor: Factor, order: Int32Array): Points | null {
  const place = new Int32Array(factor.levels.length).fill(-1);
  for (const [at, level] of order.entries()) place[level] = at;
  const blocks = blocksWithout(study, factor);
  const inOrder = (cell: number) => place[factor.codes[cell]!]! >= 0;
  const cells = Int32Array.from(study.firstRow.keys()).filter(inOrder);
  const used = new Set(cells.map((cell) => blocks.of[cell]!)).size;
  if (cells.length - used - 2 >= LEAST_FREEDOM && cells.length <= MAX_POINTS)
    return {
      level: cells.map((cell) => place[factor.codes[cell]!]!),
      block: cells.map((cell) => blocks.of[cell]!),
      blocks: used,
      valuesOf: ({ middles }) => Float64Array.from(cells, (cell) => middles[cell]!),
    };
  const runs = Int32Array.from(study.cellOf.keys()).filter((run) => inOrder(study.cellOf[run]!));
  if (runs.length > MAX_POINTS) {
    study.notes.add(`${factor.name} has more than ${MAX_POINTS} cells: knees were not looked for`);
    return null;
  }
  return {
    level: runs.map((run) => place[factor.codes[study.cellOf[run]!]!]!),
    block: runs.map((run) => blocks.of[study.cellOf[run]!]!),
    blocks: used,
    valuesOf: ({ values }) => Float64Array.from(runs, (run) => values[run]!),
  };
}

function centreInBlocks(values: Float64Array, { block }: Points): Float64Array {
  let last = 0;
  for (const one of block) last = Math.max(last, one);
  const sums = new Float64Array(last + 1);
  const counts = new Float64Array(last + 1);
  for (let i = 0; i < values.length; i++) {
    sums[block[i]!]! += values[i]!;
    counts[block[i]!]!++;
  }
  return values.map((value, i) => value - sums[block[i]!]! / counts[block[i]!]!);
}

/** Null where nothing is left. */
function unitOf(values: Float64Array): Float64Array | null {
  const length = Math.sqrt(product(values, values));
  return length < 1e-9 ? null : values.map((value) => value / length);
}

function bendColumn(places: Float64Array, at: number, line: Float64Array | null, points: Points): Float64Array | null {
  if (line === null) return null;
  const bent = centreInBlocks(
    Float64Array.from(points.level, (level) => Math.min(places[level]!, places[at]!)),
    points,
  );
  const along = product(line, bent);
  return unitOf(bent.map((value, i) => value - along * line[i]!));
}

/** The bend that explains most of what a line leaves: its position, and the ratio of what it explains to what is left then. */
function strongest(rest: Float64Array, line: Float64Array, bends: readonly (Float64Array | null)[]) {
  const left = product(rest, rest) - product(line, rest) ** 2;
  let bend = 0;
  let most = 0;
  for (let i = 0; i < bends.length; i++) {
    const column = bends[i]!;
    const squares = column === null ? 0 : product(column, rest) ** 2;
    if (squares > most) {
      most = squares;
      bend = i;
    }
  }
  return { bend, statistic: most / Math.max(left - most, product(rest, rest) * 1e-12, Number.MIN_VALUE) };
}

/** Slopes of both sides of a bend, by least squares. */
function slopes(metric: StudyMetric, at: number, places: Float64Array, points: Points): Bend {
  const y = centreInBlocks(points.valuesOf(metric), points);
  const bend = places[at]!;
  const low = centreInBlocks(
    Float64Array.from(points.level, (level) => Math.min(places[level]!, bend)),
    points,
  );
  const high = centreInBlocks(
    Float64Array.from(points.level, (level) => Math.max(places[level]!, bend)),
    points,
  );
  const [a, b, c] = [product(low, low), product(low, high), product(high, high)];
  const [p, q] = [product(low, y), product(high, y)];
  const determinant = a * c - b * b;
  return { metric, at, before: (p * c - q * b) / determinant, behind: (a * q - b * p) / determinant };
}

interface Shape {
  readonly metric: StudyMetric;
  readonly at: number;
  /** What happens behind the bend: next to nothing, the other way, or the same way and much less. */
  readonly way: 'flat' | 'turns' | 'slower';
  /** Differences up to the bend, and from there to the end; on the metric's scale. */
  readonly gained: number;
  readonly rest: number;
  readonly p: number;
}

/** Null where a bend is no knee: too little was gained before it, or as much is gained behind it. */
function shapeOf({ metric, at, before, behind }: Bend, places: Float64Array, p: number): Shape | null {
  const least = leastDifference(metric.column, metric.isRatio);
  const gained = before * (places[at]! - places[0]!);
  const rest = behind * (places.at(-1)! - places[at]!);
  if (!(Math.abs(gained) >= LEAST_GAIN * least)) return null;
  if (Math.abs(rest) <= Math.max(2 * least, PLATEAU_SHARE * Math.abs(gained)))
    return { metric, at, way: 'flat', gained, rest, p };
  if (Math.sign(rest) !== Math.sign(gained)) return { metric, at, way: 'turns', gained, rest, p };
  return Math.abs(behind) < KNEE_SLOPE * Math.abs(before) ? { metric, at, way: 'slower', gained, rest, p } : null;
}

/** Metrics that bend alike at the same value are one finding. */
function finding(study: Study, factor: Factor, order: Int32Array, shapes: readonly Shape[]): Finding {
  const { metric, at, way, gained, rest } = shapes[0]!;
  const text = (place: number) => words.levelText(study, factor, order[place]!);
  const [first, bend, last] = [text(0), text(at), text(order.length - 1)];
  const { name } = metric.column;
  const steps = `${words.differenceText(metric, gained)} from ${first} to there, ${words.differenceText(metric, rest)} from there to ${last}`;
  const what = {
    flat: 'stops changing',
    turns: 'turns round',
    slower: `${gained > 0 ? 'grows' : 'falls'} much more slowly`,
  }[way];
  const others = shapes.slice(1).map((shape) => shape.metric.column.name);
  const p = Math.max(...shapes.map((shape) => shape.p));
  const kind = way === 'flat' ? 'plateau' : 'knee';
  return {
    kind,
    id: `${kind}:${factor.name}:${name}`,
    title: `${name} ${what} from ${bend} on: ${steps}${others.length === 0 ? '' : `; so ${others.length === 1 ? 'does' : 'do'} ${words.listText(others)}`}`,
    advice: {
      flat: `Beyond ${bend} this setting buys no more ${name}: stay there unless another metric wants more.`,
      turns: `${bend} is where it is ${gained > 0 ? 'highest' : 'lowest'}: going on loses what was gained.`,
      slower: `Beyond ${bend} each further step is worth less than before: look whether it pays for what it costs.`,
    }[way],
    evidence: [
      ...shapes.flatMap((shape) => [
        {
          label: `${shape.metric.column.name} from ${first} to ${bend}`,
          value: words.differenceText(shape.metric, shape.gained),
          unit: null,
        },
        {
          label: `${shape.metric.column.name} from ${bend} to ${last}`,
          value: words.differenceText(shape.metric, shape.rest),
          unit: null,
        },
      ]),
      words.chanceEvidence(p),
    ],
    p,
    weight: isItsMeaning(factor.name, name) ? 0.3 : 0.6,
    view: {
      placed: words.placed(factor.name),
      stats: shapes.slice(0, MAX_STATS).map((shape) => shape.metric.column.name),
      plot: 'lines',
    },
    runs: [],
  };
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
