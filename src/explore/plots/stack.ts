// The encoding stack: times per frame of each step on top of each other, with the time that there is for a frame.

import { formatNumber } from '#core/format-quantity';
import { pixelScale } from '../scene/axis-scale.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import type { Look, Mark, RectsMark, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { arrange, describe, groupsByPanel, isBrushed, PALE } from './arranged.ts';
import { layFacets, TICK_SIZE } from './facet-layout.ts';
import { actualRates, requestedRates, stations } from './frame-rates.ts';
import { mediansOf } from './group-medians.ts';
import { placeColumns } from './group-table.ts';
import { behindGroups } from './grouping.ts';
import { plainLook } from './looks.ts';
import type { MakePlot, PlotInput, PlotOption, TableColumn } from './plot.ts';
import { slotsOf } from './slots.ts';
import { highStackNotes, periodMarks } from './stack-periods.ts';
import { anyStep, stackOf, STEP_TIMES, WAITING, type Stack, type StepTime } from './stack-steps.ts';

const WIDEST_BAR = 96;
const SHARE_OF_SLOT = 0.72;
/** Periods longer than this many times the highest stack are told, and not drawn: the stack would be a line. */
const MOST_ABOVE = 6;
const TARGET_LOOK: Look = { ink: 'text', shape: 'cross', dash: [6, 3] };
const ACTUAL_LOOK: Look = { ink: 'bad', shape: 'ring', dash: [2, 2] };
const [TARGET, ACTUAL, GROUND, EDGE, FIRST_STEP] = [1, 2, 3, 4, 5] as const;

export const stack: MakePlot = (input) => {
  const time = STEP_TIMES.find((one) => one === input.options['time']) ?? 'mean';
  const any = anyStep(input.metrics, input.dataset.count, time);
  const name = time === 'mean' ? 'time per frame' : `time per frame, ${time}`;
  const stepInput: PlotInput = {
    ...input,
    metric: { name, unit: 'ms', better: 'lower', values: any },
  };
  const arranged = arrange(stepInput);
  if (!arranged.ok)
    return input.rows.length === 0
      ? arranged
      : {
          ok: false,
          why: 'None of these runs tells the times of its steps.',
          todo: 'Encodes and streams do; commands and runs of others mostly do not. Choose another plot.',
        };
  const { groups, column, row } = arranged;
  const slots = slotsOf(arranged);
  const stacked = stackOf(groups, input.metrics, time);
  const requested = periods(mediansOf(groups, requestedRates(input.dataset, input.metrics)));
  const measured = actualRates(groups, stations(input.metrics, groups.rows));
  const actual = periods(measured.rates);

  const highestSum = highest(stacked.totalMs);
  const drawnHeight = highest(
    [requested, actual].map((all) => highest(all.filter((ms) => ms <= MOST_ABOVE * highestSum))).concat(highestSum),
  );
  const facets = layFacets({
    columns: column,
    rows: row,
    width: input.width,
    height: input.height,
    xAxis: slots.titles.map((names) => ({ kind: 'names' as const, label: slots.title, names })),
    yAxis: (lengthPx) => measureAxis({ name, unit: 'ms', low: 0, high: drawnHeight, lengthPx, fromZero: true }),
    xMetric: null,
    yMetric: null,
  });
  const looks: Look[] = [
    plainLook('line'),
    TARGET_LOOK,
    ACTUAL_LOOK,
    plainLook('surface'),
    plainLook('muted'),
    ...stacked.steps.map(({ look }) => look),
  ];
  const marks: Mark[] = [...facets.marks];
  for (const [panelAt, chosen] of groupsByPanel(arranged, facets).entries()) {
    const panel = facets.panels[panelAt]!;
    const slot = panel.width / (panel.xAxis.kind === 'names' ? panel.xAxis.names.length : 1);
    const bar = Math.min(WIDEST_BAR, slot * SHARE_OF_SLOT);
    const yScale = pixelScale(facets.yAxis, panel.y + panel.height, panel.y);
    const middle = (group: number) => panel.x + (slots.ids[group]! + 0.5) * slot;
    for (const isPale of [true, false]) {
      const shown = chosen.filter((group) => isBrushed(input.brushed, groups, group) !== isPale);
      if (shown.length === 0) continue;
      const { rects, texts } = stepRects(stacked, shown, middle, bar, yScale);
      marks.push({
        kind: 'rects',
        panel: panelAt,
        ...rects,
        behind: behindGroups(groups, rects.groups),
        outlined: false,
        opacity: isPale ? PALE : 1,
      } satisfies RectsMark & { groups: readonly number[] });
      marks.push({ ...waitingEdges(panelAt, stacked, rects), opacity: isPale ? PALE : 1 });
      if (!isPale && texts.length > 0) marks.push({ kind: 'texts', panel: panelAt, texts });
    }
    const lines = [
      { ms: requested, look: TARGET, title: 'target' },
      { ms: actual, look: ACTUAL, title: 'actual' },
    ];
    marks.push(
      ...periodMarks(lines, chosen, { panel, at: panelAt, middle, half: slot * 0.46, yScale, ground: GROUND }),
    );
  }
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks,
      marks,
      legendTitle: 'step, from the top',
      legend: [
        ...stacked.steps
          .map(({ title, look }) => ({ title, look, property: null, value: null, isArea: true }))
          .toReversed(),
        ...(requested.every(Number.isNaN)
          ? []
          : [{ title: 'frame period, target', look: TARGET_LOOK, property: null, value: null }]),
        ...(actual.every(Number.isNaN)
          ? []
          : [{ title: 'frame period, actual', look: ACTUAL_LOOK, property: null, value: null }]),
      ],
      description: `${describe('Encoding stacks', arranged, stepInput, facets.panels).split(';')[0]!}; sums up to ${formatNumber(highestSum)} ms.`,
    },
    table: [
      ...placeColumns(arranged),
      ...stacked.steps.map(({ title, ms }): TableColumn => ({ title, unit: 'ms', values: Array.from(ms, absent) })),
      { title: 'sum', unit: 'ms', values: Array.from(stacked.totalMs) },
      { title: 'frame period, target', unit: 'ms', values: Array.from(requested, absent) },
      { title: 'frame period, actual', unit: 'ms', values: Array.from(actual, absent) },
      ...latencyColumn(mediansOf(groups, latencyOf(input))),
    ],
    notes: [
      ...arranged.notes,
      ...stepNotes(stacked),
      ...stackNotes(time, stacked, requested, actual, measured.names, drawnHeight),
    ],
    options: [timeOption(time)],
  };
};

/** Steps of groups as rectangles on each other, with their numbers where there is room. */
function stepRects(
  { steps }: Stack,
  shown: readonly number[],
  middle: (group: number) => number,
  bar: number,
  yScale: (ms: number) => number,
) {
  const most = shown.length * steps.length;
  const rects = {
    x: new Float32Array(most),
    y: new Float32Array(most),
    width: new Float32Array(most).fill(bar),
    height: new Float32Array(most),
    looks: new Uint16Array(most),
  };
  const values = new Float64Array(most);
  const groups: number[] = [];
  const texts: SceneText[] = [];
  for (const group of shown) {
    let below = 0;
    for (const [k, { title, look, ms }] of steps.entries()) {
      if (Number.isNaN(ms[group]!)) continue;
      const i = groups.push(group) - 1;
      const [low, high] = [yScale(below), yScale(below + ms[group]!)];
      rects.x[i] = middle(group) - bar / 2;
      rects.y[i] = high;
      // A thin edge between steps: neighbours are told apart without their colours.
      rects.height[i] = Math.max(0, low - high - (low - high > 3 ? 1 : 0));
      rects.looks[i] = FIRST_STEP + k;
      values[i] = ms[group]!;
      below += ms[group]!;
      // With its name where that has room: colours alone tell no step in grey.
      const number = formatNumber(ms[group]!);
      const text = [`${title} ${number}`, number].find((one) => widthOfText(one, TICK_SIZE) + 4 <= bar);
      if (low - high >= TICK_SIZE + 4 && text !== undefined)
        texts.push({
          x: middle(group),
          y: (low + high) / 2 + 4,
          text,
          anchor: 'middle',
          size: TICK_SIZE,
          ink: look === WAITING ? 'text' : 'surface',
        });
    }
  }
  const count = groups.length;
  return {
    rects: {
      x: rects.x.subarray(0, count),
      y: rects.y.subarray(0, count),
      width: rects.width.subarray(0, count),
      height: rects.height.subarray(0, count),
      looks: rects.looks.subarray(0, count),
      read: { title: 'time per frame', unit: 'ms', values: values.subarray(0, count) },
      groups,
    },
    texts,
  };
}

type StepRects = Pick<RectsMark, 'x' | 'y' | 'width' | 'height' | 'looks'>;

/** Round what is pale; within its rectangles, so that nothing is higher than it lasts. */
function waitingEdges(panel: number, { steps }: Stack, rects: StepRects): RectsMark {
  const waiting = FIRST_STEP + steps.findIndex(({ look }) => look === WAITING);
  const chosen = [...rects.looks.keys()].filter((i) => rects.looks[i] === waiting);
  const column = (of: (i: number) => number) => Float32Array.from(chosen, of);
  return {
    kind: 'rects',
    panel,
    behind: null,
    x: column((i) => rects.x[i]! + EDGE_PX / 2),
    y: column((i) => rects.y[i]! + EDGE_PX / 2),
    width: column((i) => rects.width[i]! - EDGE_PX),
    height: column((i) => Math.max(0, rects.height[i]! - EDGE_PX)),
    looks: new Uint16Array(chosen.length).fill(EDGE),
    outlined: true,
  };
}

/** As wide as outlines are drawn. */
const EDGE_PX = 1.5;

/** A stream's encoder that nobody timed apart: its time is not nothing. */
function stepNotes({ steps, isStream }: Stack): string[] {
  const has = (title: string) => steps.some((step) => step.title === title);
  return isStream && has('capture') && !has('encode')
    ? [
        'encode was not timed by itself: where the encoder works within the capturing, as in records of 2020, capture holds its time',
      ]
    : [];
}

function stackNotes(
  time: StepTime,
  { overfull, totalMs }: Stack,
  requested: Float64Array,
  actual: Float64Array,
  rates: readonly string[],
  drawnHeight: number,
): string[] {
  const hidden = [requested, actual].reduce((sum, all) => sum + all.filter((ms) => ms > drawnHeight).length, 0);
  return [
    'steps of different frames overlap: the stack is a sum of times per frame, and no latency',
    time === 'mean'
      ? 'each step is the median over the runs of its mean time per frame'
      : `each step is the median over the runs of its own ${time}: the sum is that of no frame`,
    ...highStackNotes(totalMs, requested, actual),
    ...(rates.length > 0 ? [`the actual period is that of ${rates.join(', ')}`] : []),
    ...(hidden > 0 ? [`${hidden} frame periods lie far above the stacks and are not drawn: see the table`] : []),
    ...(overfull > 0
      ? [
          `in ${overfull} stacks sending and relaying took longer than the whole way, by the error of the clocks: receive is 0 there`,
        ]
      : []),
  ];
}

function timeOption(chosen: StepTime): PlotOption {
  return {
    name: 'time',
    title: 'time per frame',
    values: STEP_TIMES.map((value) => ({ value, title: value === 'mean' ? 'mean' : `${value.slice(1)} %` })),
    chosen,
  };
}

function latencyOf({ metrics, dataset }: PlotInput): Float64Array {
  return metrics.find(({ name }) => name === 'latency')?.values ?? new Float64Array(dataset.count).fill(NaN);
}

/** Beside the sum, where it was measured: it holds the waiting between steps as well. */
function latencyColumn(latency: Float64Array): TableColumn[] {
  return latency.every(Number.isNaN) ? [] : [{ title: 'latency', unit: 'ms', values: Array.from(latency, absent) }];
}

/** Milliseconds from one frame to the next. */
function periods(rates: Float64Array): Float64Array {
  return rates.map((rate) => (rate > 0 ? 1000 / rate : NaN));
}

function highest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}

const absent = (value: number) => (Number.isNaN(value) ? null : value);
