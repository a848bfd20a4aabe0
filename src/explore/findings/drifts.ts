// What grows over time: over the frames of a run, and over the runs of a bench.

import { driftWithinRun, findTrend } from '#analysis/trend';
import { formatNumber } from '#core/format-quantity';
import { median } from '#analysis/quantile';
import { studentBound, studentTwoSided } from '#analysis/student-t';
import type { Unit } from '#core/metric';
import type { Evidence, Finding } from './finding.ts';
import { residuals } from './residuals.ts';
import type { Study } from './study.ts';
import * as words from './wording.ts';

/** What was measured of a run's frames: of all that are no keyframes, or of keyframes alone. */
export interface FrameColumn {
  readonly run: string;
  readonly what: FrameMeasure;
  /** Seconds, ascending. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

const FRAME_MEASURES = [
  'encode time of keyframes',
  'encode time of other frames',
  'capture time of keyframes',
  'capture time of other frames',
  'size of keyframes',
  'size of other frames',
] as const;
export type FrameMeasure = (typeof FRAME_MEASURES)[number];

const UNITS: Readonly<Record<FrameMeasure, Unit>> = {
  'encode time of keyframes': 'ms',
  'encode time of other frames': 'ms',
  'capture time of keyframes': 'ms',
  'capture time of other frames': 'ms',
  'size of keyframes': 'byte',
  'size of other frames': 'byte',
};

/** A drift within a run that is worth telling. */
const LEAST_SHARE = 0.05;
/** Runs of which a bench's drift is seen. */
const LEAST_RUNS = 20;
const LEAST_CHANGE = 0.03;
/** Runs of one setting that all drift by about the same: then it is what was encoded, or the encoder, and no accident. */
const MOST = 0.8;

/**
 * Trends within runs, a finding for each measure: where all runs that were looked at say so together (Stouffer's sum, 1949), or a single one does by itself. Half
 * of the level is for either; p by Bonferroni over measures, and over columns.
 */
export function findRunDrifts(study: Study, columns: readonly FrameColumn[]): Finding[] {
  const counted = new Map(Array.from(study.rows, (row, i) => [study.dataset.ids[row]!, i]));
  const drifts = columns.flatMap((column): Drifting[] => {
    const drift = counted.has(column.run) ? driftWithinRun(column.times, column.values) : null;
    return drift === null ? [] : [{ ...drift, column }];
  });
  const byMeasure = Map.groupBy(drifts, ({ column }) => column.what);
  return FRAME_MEASURES.flatMap((what) => {
    const own = byMeasure.get(what) ?? [];
    const together = Math.min(1, 2 * byMeasure.size * togetherP(own));
    const middle = median(own.map(({ share }) => share));
    if (together < words.ALPHA && Math.abs(middle) >= LEAST_SHARE) {
      const same = own.filter(({ share }) => Math.sign(share) === Math.sign(middle));
      return [runFinding(study, what, same, own.length, together, counted)];
    }
    const single = own.filter(({ p, share }) => 2 * p * drifts.length < words.ALPHA && Math.abs(share) >= LEAST_SHARE);
    return [...Map.groupBy(single, ({ share }) => share > 0).values()].map((same) =>
      runFinding(study, what, same, own.length, Math.min(...same.map(({ p }) => 2 * p * drifts.length)), counted),
    );
  });
}

interface Drifting {
  readonly share: number;
  readonly change: number;
  readonly p: number;
  readonly column: FrameColumn;
}

/** Two-sided, of all trends together; 1 for a single one, which speaks for itself. */
function togetherP(drifts: readonly Drifting[]): number {
  if (drifts.length < 2) return 1;
  const sum = drifts.reduce(
    (all, { p, change }) => all + Math.sign(change) * studentBound(1 - Math.min(0.999, Math.max(p, TINIEST)), MANY),
    0,
  );
  return studentTwoSided(sum / Math.sqrt(drifts.length), MANY);
}

/** Of Student's t, so many degrees of freedom are the normal distribution. */
const MANY = 1e6;
const TINIEST = 1e-12;

function runFinding(
  study: Study,
  what: FrameMeasure,
  drifting: readonly Drifting[],
  looked: number,
  p: number,
  counted: ReadonlyMap<string, number>,
): Finding {
  const strongest = drifting.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share));
  const share = median(drifting.map((drift) => drift.share));
  const seconds = median(drifting.map(({ column: { times } }) => times.at(-1)! - times[0]!));
  const all = drifting.length >= MOST * looked && looked > 2;
  const where = looked === 1 ? 'the run' : `${drifting.length} of ${looked} runs that were looked at`;
  const cellOf = (run: string) => words.cellText(study, study.cellOf[counted.get(run)!]!);
  return {
    kind: 'drift',
    id: `drift:${what}:${share > 0 ? 'up' : 'down'}`,
    title: `${what} ${share > 0 ? 'grows' : 'falls'} within ${where}: ${share > 0 ? '+' : ''}${words.percent(share)} over ${formatNumber(seconds)} s`,
    advice: all
      ? 'Nearly every run does so: it may be what was encoded that changes. Look at sizes and quantizers of the same runs, and at a source that stays alike.'
      : 'Some runs do so and others do not: look for what they share, and at the memory, the clock and the queue of the machine in these runs.',
    evidence: [
      ...strongest.slice(0, words.MAX_RUNS).map(({ share: own, change, column: { run } }): Evidence => ({
        label: `change in ${run.slice(0, SHORT_ID)}, ${cellOf(run)} (${own > 0 ? '+' : ''}${words.percent(own)})`,
        value: change,
        unit: UNITS[what],
      })),
      words.chanceEvidence(p),
    ],
    p,
    weight: Math.min(1, Math.abs(share)) * (all ? 0.5 : 1),
    view: {},
    runs: strongest.slice(0, words.MAX_RUNS).map(({ column }) => column.run),
  };
}

const SHORT_ID = 8;

/** A change of the machine over a bench: what the settings do not explain, over time; p by Bonferroni over metrics. */
export function findBenchDrift(study: Study): Finding[] {
  const { dataset, rows } = study;
  const metrics = study.headlines.filter(({ isRatio }) => isRatio);
  const inTime = Int32Array.from(rows.keys()).sort(
    (a, b) => dataset.startedAtMs[rows[a]!]! - dataset.startedAtMs[rows[b]!]!,
  );
  const times = Float64Array.from(rows, (row) => dataset.startedAtMs[row]! / 1000);
  const drifts = metrics.flatMap((metric) => {
    const rest = residuals(study, metric.values);
    const used = inTime.filter((run) => !Number.isNaN(rest[run]!));
    if (used.length < LEAST_RUNS) return [];
    const x = Float64Array.from(used, (run) => times[run]!);
    const trend = findTrend(
      x,
      Float64Array.from(used, (run) => rest[run]!),
    );
    if (trend === null) return [];
    const seconds = x.at(-1)! - x[0]!;
    const change = slopeWithinCells(rest, residuals(study, times), used) * seconds;
    const p = Math.min(1, trend.p * metrics.length);
    return p < words.ALPHA && Math.abs(change) >= LEAST_CHANGE ? [{ metric, change, seconds, p }] : [];
  });
  const best = drifts.toSorted((a, b) => a.p - b.p)[0];
  if (best === undefined) return [];
  const name = best.metric.column.name;
  const by = words.ratioText(Math.exp(best.change));
  return [
    {
      kind: 'drift',
      id: 'drift:bench',
      title: `the machine changed while it measured: ${name} of the same cells ${by} from the first run to the last (${formatNumber(best.seconds / 60)} min)`,
      advice:
        'Differences between cells may be its doing: let it cool down, close what else runs, and measure in random order.',
      evidence: [
        ...drifts.map(({ metric, change }): Evidence => ({
          label: metric.column.name,
          value: words.ratioText(Math.exp(change)),
          unit: null,
        })),
        words.chanceEvidence(best.p),
      ],
      p: best.p,
      weight: Math.min(1, 2 * Math.abs(best.change)),
      view: { stats: [name] },
      runs: words.runIds(study, [inTime[0]!, inTime.at(-1)!]),
    },
  ];
}

/** Least squares over what both differ from their cell's mean by: how a metric moves a second, whatever was measured when. */
function slopeWithinCells(rest: Float64Array, time: Float64Array, used: Int32Array): number {
  let along = 0;
  let total = 0;
  for (const run of used) {
    along += rest[run]! * time[run]!;
    total += time[run]! ** 2;
  }
  return total > 0 ? along / total : 0;
}
