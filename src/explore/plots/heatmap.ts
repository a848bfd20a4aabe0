// Heatmap: the median of each pair of values as a colour, from little to much; where no run counts it is hatched, not low.

import { displayUnit, formatNumber } from '#core/format-quantity';
import { RAMP_COLORS } from '../scene/palette.ts';
import type { Ink, LegendEntry, Look, Mark, Panel, RectsMark, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { arrange, describe, groupsByPanel, isBrushed, lazily, PALE, scaleOption, type Arranged } from './arranged.ts';
import { layFacets, TICK_SIZE } from './facet-layout.ts';
import { behindGroups } from './grouping.ts';
import { groupTable } from './group-table.ts';
import { plainLook } from './looks.ts';
import { groupMedians, rangeOf, type Medians } from './median-intervals.ts';
import type { NoPlot, Plot, PlotInput } from './plot.ts';

/** Hatched cells at the most: beyond, what is empty is just empty. */
const MOST_HATCHED = 20_000;
/** Steps of the ramp that the legend shows. */
const LEGEND_STEPS = [0, 3, 6, 9, 12, 15];
/** From this step on the ramp is nearer to the ink of texts than to the ground. */
const TURN = 8;

export function heatmap(input: PlotInput): Plot | NoPlot {
  const arranged = arrange(input);
  if (!arranged.ok) return arranged;
  const { column, row, x, series, notes } = arranged;
  const medians = groupMedians(arranged.groups);
  const [low, high] = rangeOf({ ...medians, low: medians.median, high: medians.median });
  const scale = scaleOption(input);
  const isLog = scale.chosen === 'log' && low > 0;
  const names = series.legend.length === 0 ? [''] : series.titles;
  const lines = row.titles.length * names.length;
  const facets = layFacets({
    columns: column,
    rows: row,
    width: input.width,
    height: Math.max(input.height, lines * (lines <= MOST_NAMED ? NAMED_CELL : LOWEST_CELL)),
    xAxis: { kind: 'names', label: x.title, names: x.titles },
    yAxis: () => ({ kind: 'names', label: series.legendTitle, names }),
    xMetric: null,
    yMetric: null,
  });
  const ramp = rampOf(low, high, isLog);
  const unit = displayUnit(input.metric.unit, Math.max(Math.abs(low), Math.abs(high)));
  const marks: Mark[] = [...facets.marks];
  for (const [at, own] of groupsByPanel(arranged, facets).entries())
    marks.push(
      ...cellMarks(
        {
          at,
          panel: facets.panels[at]!,
          arranged,
          medians,
          input,
          names,
          ramp,
          divisor: unit.divisor,
        },
        own,
      ),
    );
  const table = lazily(() => groupTable(arranged, input, medians));
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks: [plainLook('line'), plainLook('muted'), ...RAMP_LOOKS],
      marks,
      legendTitle: `median of ${input.metric.name}${unit.name === '' ? '' : `, ${unit.name}`}`,
      legend: rampLegend(low, high, ramp, unit.divisor),
      description: describe('Heatmap', arranged, input, facets.panels),
    },
    get table() {
      return table();
    },
    notes: [
      ...notes,
      ...(scale.chosen === 'log' && !isLog ? ['values of zero or less have no logarithm: the colours are linear'] : []),
      ...(marks.some((mark) => mark.kind === 'rects' && mark.hatched === true)
        ? [`hatched cells have no run with ${input.metric.name}`]
        : []),
    ],
    options: [scale],
  };
}

const HATCH_LOOK = 1;
const FIRST_RAMP = 2;
const LOWEST_CELL = 9;
/** So many lines have a name each, and the room for it. */
const MOST_NAMED = 48;
const NAMED_CELL = 16;
const RAMP_LOOKS: readonly Look[] = Array.from({ length: RAMP_COLORS }, (_, i) => plainLook(`ramp-${i}` satisfies Ink));

interface Ramp {
  /** Step of a value. */
  readonly stepOf: (value: number) => number;
  /** Value in the middle of a step. */
  readonly valueOf: (step: number) => number;
}

/** Of values that are all the same every cell is in the middle. */
function rampOf(low: number, high: number, isLog: boolean): Ramp {
  const [from, to] = isLog ? [Math.log(low), Math.log(high)] : [low, high];
  const share = (value: number) => (to > from ? ((isLog ? Math.log(value) : value) - from) / (to - from) : 0.5);
  return {
    stepOf: (value) => Math.max(0, Math.min(RAMP_COLORS - 1, Math.floor(share(value) * RAMP_COLORS))),
    valueOf: (step) => {
      // The ends say the ends: they are what one reads.
      const at = from + (step / (RAMP_COLORS - 1)) * (to - from);
      return isLog ? Math.exp(at) : at;
    },
  };
}

/** Numbers in the unit that the title says. */
function rampLegend(low: number, high: number, ramp: Ramp, divisor: number): LegendEntry[] {
  const steps = high > low ? LEGEND_STEPS : [RAMP_COLORS / 2];
  return steps.map((step) => ({
    title: formatNumber((high > low ? ramp.valueOf(step) : low) / divisor),
    look: RAMP_LOOKS[step]!,
    property: null,
    value: null,
    isArea: true,
  }));
}

interface CellsOfPanel {
  readonly at: number;
  readonly panel: Panel;
  readonly arranged: Arranged;
  readonly medians: Medians;
  readonly input: PlotInput;
  readonly names: readonly string[];
  readonly ramp: Ramp;
  readonly divisor: number;
}

function cellMarks(draw: CellsOfPanel, own: readonly number[]): Mark[] {
  const { at, panel, arranged, medians, input, names, ramp } = draw;
  const { groups, series, x } = arranged;
  const slotX = panel.width / x.titles.length;
  const slotY = panel.height / names.length;
  const gap = Math.min(slotX, slotY) >= 8 ? 1 : 0;
  const rects = (count: number) => ({
    x: new Float32Array(count),
    y: new Float32Array(count),
    width: new Float32Array(count).fill(slotX - gap),
    height: new Float32Array(count).fill(slotY - gap),
    looks: new Uint16Array(count),
  });
  const place = (into: ReturnType<typeof rects>, i: number, column: number, line: number) => {
    into.x[i] = panel.x + column * slotX + gap / 2;
    into.y[i] = panel.y + line * slotY + gap / 2;
  };
  const cells = (chosen: readonly number[], opacity: number): RectsMark => {
    const into = rects(chosen.length);
    const values = new Float64Array(chosen.length);
    for (const [i, group] of chosen.entries()) {
      place(into, i, groups.digits[2]![group]!, series.ids[group]!);
      into.looks[i] = FIRST_RAMP + ramp.stepOf(medians.median[group]!);
      values[i] = medians.median[group]!;
    }
    return {
      kind: 'rects',
      panel: at,
      behind: behindGroups(groups, chosen),
      read: { title: `median of ${input.metric.name}`, unit: input.metric.unit, values },
      ...into,
      outlined: false,
      opacity,
    };
  };
  const marks: Mark[] = [];
  const empty = x.titles.length * names.length - own.length;
  if (empty > 0 && empty <= MOST_HATCHED) {
    const known = new Uint8Array(x.titles.length * names.length);
    for (const group of own) known[series.ids[group]! * x.titles.length + groups.digits[2]![group]!] = 1;
    const into = rects(empty);
    let next = 0;
    for (const [cell, isKnown] of known.entries())
      if (isKnown === 0) place(into, next++, cell % x.titles.length, Math.floor(cell / x.titles.length));
    into.looks.fill(HATCH_LOOK);
    marks.push({ kind: 'rects', panel: at, behind: null, ...into, outlined: false, hatched: true, opacity: 0.55 });
  }
  const full = input.brushed === null ? own : own.filter((group) => isBrushed(input.brushed, groups, group));
  if (full.length < own.length)
    marks.push(
      cells(
        own.filter((group) => !isBrushed(input.brushed, groups, group)),
        PALE,
      ),
    );
  marks.push(cells(full, 1));
  const texts = cellTexts(draw, full, slotX - gap, slotY - gap);
  if (texts.length > 0) marks.push({ kind: 'texts', panel: at, texts });
  return marks;
}

/** Numbers in the cells, where every one of them has room. */
function cellTexts(draw: CellsOfPanel, own: readonly number[], width: number, height: number): SceneText[] {
  const { panel, arranged, medians, names, ramp, divisor } = draw;
  if (height < TICK_SIZE + 3 || width < 16) return [];
  const numbers = own.map((group) => formatNumber(medians.median[group]! / divisor));
  if (numbers.some((text) => widthOfText(text, TICK_SIZE) + 4 > width)) return [];
  const { groups, series, x } = arranged;
  return own.map((group, i) => ({
    x: panel.x + ((groups.digits[2]![group]! + 0.5) * panel.width) / x.titles.length,
    y: panel.y + ((series.ids[group]! + 0.5) * panel.height) / names.length + 4,
    text: numbers[i]!,
    anchor: 'middle',
    size: TICK_SIZE,
    ink: ramp.stepOf(medians.median[group]!) >= TURN ? 'surface' : 'text',
  }));
}
