// A metric of a cell over time: a point a run, the mean between changes as a line, changes as marks.

import { pixelScale } from '../scene/axis-scale.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import type { PlotAxis } from '../scene/plot-axis.ts';
import type { Look, Mark, Scene, SceneText } from '../scene/scene.ts';
import type { History } from './history.ts';
import { segmentsMark } from '../scene/segments.ts';

const LEFT_PX = 62;
const RIGHT_PX = 14;
const TOP_PX = 24;
const BOTTOM_PX = 30;

const LOOKS: readonly Look[] = [
  { ink: 'line', shape: 'circle', dash: [] },
  { ink: 'series-0', shape: 'circle', dash: [] },
  { ink: 'text', shape: 'circle', dash: [] },
  { ink: 'good', shape: 'triangle', dash: [5, 3] },
  { ink: 'bad', shape: 'down', dash: [5, 3] },
  { ink: 'accent', shape: 'diamond', dash: [5, 3] },
];
const LOOK_OF = { better: 3, worse: 4, changed: 5 } as const;
const DAY_LENGTH = '2026-01-31'.length;

/**
 * Runs stand one beside the other in the order of their start, not by the clock: benchmarks run in bursts.
 * @param startedAtMs of each row of the dataset
 */
export function historyScene(history: History, startedAtMs: Float64Array, width: number, height: number): Scene {
  const { values, rows, changes, metric, unit } = history;
  const panel = { x: LEFT_PX, y: TOP_PX, width: width - LEFT_PX - RIGHT_PX, height: height - TOP_PX - BOTTOM_PX };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const yAxis = measureAxis({ name: metric, unit, low, high, lengthPx: panel.height, fromZero: false });
  const xAxis: PlotAxis = { kind: 'linear', label: 'run', low: -0.5, high: values.length - 0.5, ticks: [] };
  const across = pixelScale(xAxis, panel.x, panel.x + panel.width);
  const up = pixelScale(yAxis, panel.y + panel.height, panel.y);
  const ticks = yAxis.kind === 'names' ? [] : yAxis.ticks;
  const cuts = [0, ...changes.map(({ at }) => at), values.length];
  const means = cuts.slice(0, -1).map((begin, i) => {
    const part = values.slice(begin, cuts[i + 1]);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const day = (i: number) => new Date(startedAtMs[rows[i]!]!).toISOString().slice(0, DAY_LENGTH);
  const texts: SceneText[] = [
    ...ticks.map(({ at, text }): SceneText => ({
      x: panel.x - 8,
      y: up(at) + 4,
      text,
      anchor: 'end',
      size: 11,
      ink: 'muted',
    })),
    { x: 4, y: 13, text: yAxis.label, anchor: 'start', size: 12, ink: 'text' },
    { x: panel.x, y: height - 8, text: day(0), anchor: 'start', size: 11, ink: 'muted' },
    {
      x: panel.x + panel.width,
      y: height - 8,
      text: day(values.length - 1),
      anchor: 'end',
      size: 11,
      ink: 'muted',
    },
  ];
  const line = (x1: number, y1: number, x2: number, y2: number) => [x1, y1, x2, y2] as const;
  const marks: Mark[] = [
    segmentsMark(
      ticks.map(({ at }) => line(panel.x, up(at), panel.x + panel.width, up(at))),
      ticks.map(() => 0),
      1,
    ),
    segmentsMark(
      changes.map(({ at }) => line(across(at - 0.5), panel.y, across(at - 0.5), panel.y + panel.height)),
      changes.map(({ verdict }) => LOOK_OF[verdict]),
      1.5,
    ),
    {
      kind: 'points',
      panel: 0,
      behind: { first: Uint32Array.from({ length: rows.length + 1 }, (_, i) => i), rows: Uint32Array.from(rows) },
      x: Float32Array.from(values, (_, i) => across(i)),
      y: Float32Array.from(values, up),
      looks: new Uint16Array(values.length).fill(1),
      radius: values.length > 300 ? 2 : 3.5,
      opacity: 0.7,
    },
    segmentsMark(
      means.map((mean, i) => line(across(cuts[i]! - 0.5), up(mean), across(cuts[i + 1]! - 0.5), up(mean))),
      means.map(() => 2),
      2,
    ),
    {
      kind: 'points',
      panel: -1,
      behind: null,
      x: Float32Array.from(changes, ({ at }) => across(at - 0.5)),
      y: new Float32Array(changes.length).fill(panel.y - 2),
      looks: Uint16Array.from(changes, ({ verdict }) => LOOK_OF[verdict]),
      radius: 5,
    },
    { kind: 'texts', panel: -1, texts },
  ];
  return {
    width,
    height,
    panels: [{ ...panel, xAxis, yAxis, xMetric: null, yMetric: metric }],
    looks: LOOKS,
    marks,
    legendTitle: '',
    legend: [],
    description: `${metric} of ${history.cell} over ${values.length} runs, with ${changes.length} changes.`,
  };
}
