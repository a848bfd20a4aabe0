// Scatter: every cell as a point, in the order of its value. Of five properties and more it shows how far the values reach, where they
// gather, and by colour what the best and the worst have in common; with text it names as many cells as have room.

import { NOTHING_PLACED } from '../arrange.ts';
import { propertyTitle, valueTitle } from '../data/dataset.ts';
import { pixelScale } from '../scene/axis-scale.ts';
import { niceTicks, tickTexts } from '../scene/nice-ticks.ts';
import type { PlotAxis } from '../scene/plot-axis.ts';
import type { Mark } from '../scene/scene.ts';
import type { Placed } from '../view.ts';
import {
  arrange,
  describe,
  groupsByPanel,
  isBrushed,
  lazily,
  LINEAR_NOTE,
  PALE,
  scaleOption,
  type Arranged,
} from './arranged.ts';
import { settingsText } from './cell-names.ts';
import type { Facets } from './facet-layout.ts';
import { plainLook } from './looks.ts';
import { groupMedians, intervalColumns, intervalNotes, rangeOf, type Medians } from './median-intervals.ts';
import { layMetricFacets } from './metric-facets.ts';
import type { NoPlot, Plot, PlotInput, PlotOption, TableColumn } from './plot.ts';
import { labelPoints, type Places } from './point-labels.ts';
import { pooledProperties } from './splits.ts';
import { groupPoints, Strokes } from './value-marks.ts';

/** Whiskers of more cells than this would be a grey area. */
const MOST_WHISKERS = 120;
const PX_A_TICK = 90;

export function scatter(input: PlotInput): Plot | NoPlot {
  const arranged = arrange(input, { x: 'cells' });
  if (!arranged.ok) return arranged;
  const { column, series, groups, notes } = arranged;
  const medians = groupMedians(groups);
  const widest = largestPanel(arranged);
  const scale = scaleOption(input);
  const text = textOption(input);
  // Names take the room that whiskers would have.
  const hasWhiskers = widest <= MOST_WHISKERS && text.chosen === 'off';
  const [low, high] = hasWhiskers
    ? rangeOf(medians)
    : rangeOf({ ...medians, low: medians.median, high: medians.median });
  const facets = layMetricFacets(input, arranged, {
    xAxis: orderAxis(widest, input.width / column.titles.length),
    low,
    high,
  });
  const marks: Mark[] = [...facets.marks];
  const ownNotes: string[] = [];
  const draw: ScatterDraw = { facets, arranged, medians, input, hasWhiskers };
  const label = text.chosen === 'on' ? cellLabels(input, arranged) : null;
  let named = 0;
  const order = Uint32Array.from(medians.median.keys()).sort((a, b) => medians.median[a]! - medians.median[b]!);
  for (const [at, cells] of groupsByPanel(arranged, facets, order).entries()) {
    marks.push(...cellMarks(draw, at, cells));
    if (label === null) continue;
    const texts = labelPoints(facets.panels[at]!, cellPlaces(draw, at, cells), (i) => label(cells[i]!));
    named += texts.length;
    marks.push({ kind: 'texts', panel: at, texts });
  }
  if (label !== null && named < groups.count)
    ownNotes.push(`${named} of ${groups.count} cells have room for their name`);
  if (scale.chosen === 'log' && facets.yAxis.kind !== 'log') ownNotes.push(LINEAR_NOTE);
  if (hasWhiskers) ownNotes.push(...intervalNotes(medians));
  const table = lazily(() => cellTable(input, arranged, medians));
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks: [plainLook('line'), plainLook('muted'), ...series.looks],
      marks,
      legendTitle: series.legendTitle,
      legend: series.legend,
      description: describe('Every cell, sorted by its median', arranged, input, facets.panels),
    },
    get table() {
      return table();
    },
    notes: [...notes, ...ownNotes],
    options: [text, scale],
  };
}

const WHISKER_LOOK = 1;
const FIRST_SERIES = 2;

interface ScatterDraw {
  readonly facets: Facets;
  readonly arranged: Arranged;
  readonly medians: Medians;
  readonly input: PlotInput;
  readonly hasWhiskers: boolean;
}

/** Cells of the fullest panel. */
function largestPanel({ groups, row }: Arranged): number {
  const counts = new Map<number, number>();
  const [columns, rows] = groups.digits;
  for (let group = 0; group < groups.count; group++) {
    const panel = columns![group]! * row.titles.length + rows![group]!;
    counts.set(panel, (counts.get(panel) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

/** Positions in the order: 1 is the cell with the smallest value. */
function orderAxis(cells: number, widthPx: number): PlotAxis {
  const room = Math.max(0.6, cells * 0.02);
  const at = niceTicks(1, cells, Math.max(1, widthPx / PX_A_TICK)).filter((tick) => Number.isInteger(tick) && tick > 0);
  const texts = tickTexts(at);
  return {
    kind: 'linear',
    label: 'cells in the order of their values',
    low: 1 - room,
    high: cells + room,
    ticks: at.map((tick, i) => ({ at: tick, text: texts[i]! })),
  };
}

/** Places of a panel's cells, in their order. */
function cellPlaces({ facets, medians }: ScatterDraw, at: number, cells: readonly number[]): Places {
  const panel = facets.panels[at]!;
  const xScale = pixelScale(panel.xAxis, panel.x, panel.x + panel.width);
  const yScale = pixelScale(panel.yAxis, panel.y + panel.height, panel.y);
  return {
    x: Float32Array.from(cells, (_, i) => xScale(i + 1)),
    y: Float32Array.from(cells, (group) => yScale(medians.median[group]!)),
  };
}

function cellMarks(draw: ScatterDraw, at: number, cells: readonly number[]): Mark[] {
  if (cells.length === 0) return [];
  const { arranged, medians, input } = draw;
  const { groups, series } = arranged;
  const { x, y } = cellPlaces(draw, at, cells);
  const marks: Mark[] = [];
  if (draw.hasWhiskers) {
    const { yAxis, y: top, height } = draw.facets.panels[at]!;
    const yScale = pixelScale(yAxis, top + height, top);
    const strokes = new Strokes();
    for (const [i, group] of cells.entries())
      strokes.add(x[i]!, yScale(medians.low[group]!), x[i]!, yScale(medians.high[group]!), WHISKER_LOOK);
    marks.push(strokes.mark(at, 1.2));
  }
  const ranks = new Map(cells.map((group, i) => [group, i]));
  const points = (chosen: readonly number[], opacity: number) =>
    groupPoints(groups, chosen, {
      panel: at,
      x: (group) => x[ranks.get(group)!]!,
      y: (group) => y[ranks.get(group)!]!,
      look: (group) => FIRST_SERIES + series.ids[group]!,
      read: { title: `median of ${input.metric.name}`, unit: input.metric.unit, of: medians.median },
      radius: cells.length > 2_000 ? 2.2 : cells.length > 300 ? 3 : 4,
      opacity,
    });
  if (input.brushed === null) return [...marks, points(cells, 1)];
  const full = cells.filter((group) => isBrushed(input.brushed, groups, group));
  const pale = cells.filter((group) => !isBrushed(input.brushed, groups, group));
  return [...marks, points(pale, PALE), points(full, 1)];
}

function textOption({ options }: PlotInput): PlotOption {
  return {
    name: 'text',
    title: 'Names of cells',
    values: [
      { value: 'off', title: 'hidden' },
      { value: 'on', title: 'shown' },
    ],
    chosen: options['text'] === 'on' ? 'on' : 'off',
  };
}

/** Settings in which the rows differ, and that are not said by those that stand somewhere. */
function varying({ dataset, rows }: PlotInput, said: Placed = NOTHING_PLACED) {
  const names = new Set(pooledProperties(dataset, rows, said));
  return dataset.properties.filter(({ name }) => names.has(name));
}

/** What a cell is called: its values of the settings that vary and that no colour, shape or panel says already. */
function cellLabels(input: PlotInput, { groups }: Arranged): (group: number) => string {
  const unsaid = varying(input, { ...input.placed, x: null });
  const properties = unsaid.length > 0 ? unsaid : varying(input);
  return (group) => settingsText(properties, input.names, groups.rows[groups.first[group]!]!);
}

function cellTable(input: PlotInput, { groups }: Arranged, medians: Medians): TableColumn[] {
  const { median } = medians;
  const { unit, name: metric } = input.metric;
  const order = Array.from(median.keys()).sort((a, b) => median[a]! - median[b]!);
  return [
    ...varying(input).map(({ name, values, codes }) => ({
      title: propertyTitle(input.names, name),
      unit: null,
      values: order.map((group) => {
        const value = values[codes[groups.rows[groups.first[group]!]!]!];
        return value === undefined ? null : valueTitle(input.names, name, value);
      }),
    })),
    { title: 'runs', unit: '1', values: order.map((group) => groups.first[group + 1]! - groups.first[group]!) },
    { title: `median of ${metric}`, unit, values: order.map((group) => median[group]!) },
    ...intervalColumns(medians, unit, order),
  ];
}
