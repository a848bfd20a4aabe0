// Changes as a forest plot: a row each, its ratio and interval beside the line of no change.

import { pixelScale } from '../scene/axis-scale.ts';
import { roomyTicks, type PlotAxis } from '../scene/plot-axis.ts';
import type { Look, Mark, Scene, SceneText } from '../scene/scene.ts';
import { segmentsMark } from '../scene/segments.ts';
import { fitText, widthOfText } from '../scene/text-width.ts';
import type { ChangeRow, ChangeVerdict } from './compare-sides.ts';
import { formatEffect } from './format-change.ts';

export interface ForestInput {
  readonly rows: readonly ChangeRow[];
  /** What a row is called. */
  readonly label: (row: ChangeRow) => string;
  /** Rows of the dataset behind a row of the plot. */
  readonly behind: (row: ChangeRow) => readonly number[];
  /** Pixels. */
  readonly width: number;
}

const ROW_PX = 22;
const TOP_PX = 22;
const BOTTOM_PX = 34;
/** Of what is beside the values of the changes. */
const VALUE_GAP_PX = 8;
const LEAST_PANEL_PX = 60;
const LEAST_LABEL_PX = 40;
/** Bold letters are wider. */
const BOLD = 1.1;
const MOST_LABEL_SHARE = 0.45;
const TEXT_PX = 12;
/** Beyond these ratios an interval is cut off: what is so far away is told as a number. */
const WIDEST = 20;
const LEAST_RANGE = 1.05;
/** Share of half the axis that the name of the line of no change takes. */
const NEAR_SAME = 0.17;

const LOOKS: readonly Look[] = [
  { ink: 'line', shape: 'circle', dash: [] },
  { ink: 'muted', shape: 'circle', dash: [4, 3] },
  { ink: 'good', shape: 'triangle', dash: [] },
  { ink: 'bad', shape: 'down', dash: [] },
  { ink: 'accent', shape: 'diamond', dash: [] },
  { ink: 'muted', shape: 'ring', dash: [] },
  { ink: 'muted', shape: 'cross', dash: [] },
];
const LOOK_OF: Readonly<Record<ChangeVerdict, number>> = {
  better: 2,
  worse: 3,
  changed: 4,
  small: 5,
  same: 5,
  unknown: 6,
};
const LEGEND: readonly (readonly [title: string, verdict: ChangeVerdict])[] = [
  ['better', 'better'],
  ['worse', 'worse'],
  ['changed', 'changed'],
  ['no change seen', 'same'],
  ['too few repeats', 'unknown'],
];

/** A difference stands where its share of the old value does, so that all rows share one axis. */
export function forestScene({ rows, label, behind, width }: ForestInput): Scene {
  const labels = rows.map(label);
  const widest = Math.max(0, ...labels.map((text) => widthOfText(text, TEXT_PX)));
  const values = rows.map(formatEffect);
  // The values are never cut: names are shortened first.
  const right = 2 * VALUE_GAP_PX + Math.max(0, ...values.map((text) => widthOfText(text, TEXT_PX) * BOLD));
  const room = Math.max(LEAST_LABEL_PX, Math.min(width * MOST_LABEL_SHARE, width - right - LEAST_PANEL_PX));
  const left = Math.min(widest + 14, room);
  const panelWidth = Math.max(LEAST_PANEL_PX, width - left - right);
  const height = TOP_PX + rows.length * ROW_PX + BOTTOM_PX;
  const xAxis = ratioAxis(rows);
  const across = pixelScale(xAxis, left, left + panelWidth);
  const place = (ratio: number) => across(Math.min(xAxis.high, Math.max(xAxis.low, ratio)));
  const middle = (i: number) => TOP_PX + (i + 0.5) * ROW_PX;
  const bottom = TOP_PX + rows.length * ROW_PX;
  const ticks = roomyTicks(xAxis, panelWidth);
  const known = rows.flatMap((row, i) => (Number.isNaN(row.share) ? [] : [i]));
  const sure = known.filter((i) => rows[i]!.interval !== null);
  const ends = sure.map((i) => intervalRatios(rows[i]!));
  const first = new Uint32Array(known.length + 1);
  const all = known.map((i) => behind(rows[i]!));
  for (const [at, some] of all.entries()) first[at + 1] = first[at]! + some.length;
  const texts: SceneText[] = [
    ...labels.map((text, i): SceneText => ({
      x: left - 8,
      y: middle(i) + 4,
      text: fitText(text, TEXT_PX, left - 12),
      anchor: 'end',
      size: TEXT_PX,
      ink: 'text',
    })),
    ...rows.map((row, i): SceneText => ({
      x: left + panelWidth + VALUE_GAP_PX,
      y: middle(i) + 4,
      text: values[i]!,
      anchor: 'start',
      size: TEXT_PX,
      ink: 'text',
      bold: row.verdict === 'worse' || row.verdict === 'better' || row.verdict === 'changed',
    })),
    ...ticks.map(({ at, text }): SceneText => ({
      x: across(at),
      y: bottom + 16,
      text,
      anchor: 'middle',
      size: 11,
      ink: 'muted',
    })),
  ];
  const marks: Mark[] = [
    segmentsMark(
      ticks.map(({ at }) => [across(at), TOP_PX, across(at), bottom]),
      ticks.map(() => 0),
      1,
    ),
    segmentsMark([[place(1), TOP_PX, place(1), bottom]], [1], 1.5),
    segmentsMark(
      sure.map((i, at) => [place(ends[at]![0]), middle(i), place(ends[at]![1]), middle(i)]),
      sure.map((i) => LOOK_OF[rows[i]!.verdict]),
      2,
    ),
    {
      kind: 'points',
      panel: 0,
      behind: { first, rows: Uint32Array.from(all.flat()) },
      x: Float32Array.from(known, (i) => place(1 + rows[i]!.share)),
      y: Float32Array.from(known, middle),
      looks: Uint16Array.from(known, (i) => LOOK_OF[rows[i]!.verdict]),
      radius: 4.5,
    },
    { kind: 'texts', panel: -1, texts },
  ];
  const seen = new Set(rows.map(({ verdict }) => LOOK_OF[verdict]));
  return {
    width,
    height,
    panels: [
      {
        x: left,
        y: TOP_PX,
        width: panelWidth,
        height: rows.length * ROW_PX,
        xAxis,
        yAxis: { kind: 'names', label: 'change of', names: labels },
        xMetric: null,
        yMetric: null,
      },
    ],
    looks: LOOKS,
    marks,
    legendTitle: '',
    legend: LEGEND.filter(([, verdict]) => seen.has(LOOK_OF[verdict])).map(([title, verdict]) => ({
      title,
      look: LOOKS[LOOK_OF[verdict]]!,
      property: null,
      value: null,
    })),
    description: `Forest plot of ${rows.length} changes, each with its 95 % interval, beside the line of no change.`,
  };
}

type RatioAxis = Exclude<PlotAxis, { kind: 'names' }>;

const TICKS = [0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1, 1.01, 1.02, 1.05, 1.1, 1.25, 1.5, 2, 5, 10, 20];

function ratioAxis(rows: readonly ChangeRow[]): RatioAxis {
  let far = LEAST_RANGE;
  for (const row of rows)
    for (const ratio of [1 + row.share, ...intervalRatios(row)])
      if (ratio > 0) far = Math.max(far, ratio, 1 / ratio);
      else if (!Number.isNaN(ratio)) far = WIDEST;
  const high = Math.min(WIDEST, far * 1.03);
  // The line of no change is always named: what would stand in its way is not.
  const isFree = (at: number) => at === 1 || Math.abs(Math.log(at)) > NEAR_SAME * Math.log(high);
  const ticks = TICKS.filter((at) => at <= high && at >= 1 / high && isFree(at)).map((at) => ({
    at,
    text: at === 1 ? 'same' : formatEffect({ effect: at, scale: 'ratio', unit: '1' }),
  }));
  return { kind: 'log', label: 'ratio', low: 1 / high, high, ticks };
}

/** Both ends as ratios to the old value. */
function intervalRatios({ interval, scale, effect, share }: ChangeRow): readonly [number, number] {
  if (interval === null) return [NaN, NaN];
  if (scale === 'ratio') return interval;
  if (effect === 0 || Number.isNaN(share)) return [1, 1];
  const reference = effect / share;
  return [1 + interval[0] / reference, 1 + interval[1] / reference];
}
