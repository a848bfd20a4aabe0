// Distribution: not the median of a group but all of its values, as a box, a violin or a strip of points.

import { pixelScale } from '../scene/axis-scale.ts';
import type { Mark } from '../scene/scene.ts';
import { absentTexts } from './absent-slots.ts';
import { arrange, describe, groupsByPanel, lazily, LINEAR_NOTE, PALE, scaleOption, type Arranged } from './arranged.ts';
import { boxOf } from './density.ts';
import { placeColumns } from './group-table.ts';
import { lanesOf } from './lanes.ts';
import { plainLook } from './looks.ts';
import { layMetricFacets } from './metric-facets.ts';
import type { NoPlot, Plot, PlotInput, PlotOption, TableColumn } from './plot.ts';
import { boxMarks, SIGN_ROOM, stripMarks, violinMarks, type SpreadOfPanel } from './spread-marks.ts';

const SHOWN = ['box', 'violin', 'strip'] as const;
type Shown = (typeof SHOWN)[number];

const MAKERS: Readonly<Record<Shown, (draw: SpreadOfPanel, groups: readonly number[]) => Mark[]>> = {
  box: boxMarks,
  violin: violinMarks,
  strip: stripMarks,
};

const NOTES: Readonly<Record<Shown, string>> = {
  box: 'boxes are quartiles with the median; whiskers end at the furthest value within 1.5 heights of the box, points are further away; of fewer than 5 runs every value is a point',
  violin:
    'violins are Gaussian kernel densities with Silverman’s bandwidth, each as wide as its own densest place; the bar within is the quartiles; of fewer than 5 runs every value is a point',
  strip: 'every value is a point; where it stands across says nothing; the line is the median',
};

export function distribution(input: PlotInput): Plot | NoPlot {
  const arranged = arrange(input);
  if (!arranged.ok) return arranged;
  const { x, series, groups, notes } = arranged;
  const { metric } = input;
  let [low, high] = [Infinity, -Infinity];
  for (const value of groups.values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const shown = SHOWN.find((one) => one === input.options['show']) ?? 'box';
  const scale = scaleOption(input);
  const hasSigns = shown !== 'strip' && series.count > 1;
  const facets = layMetricFacets(input, arranged, {
    xAxis: { kind: 'names', label: x.title, names: x.titles },
    low,
    high,
    footRoom: hasSigns ? SIGN_ROOM : 0,
  });
  const marks: Mark[] = [...facets.marks];
  const lanes = lanesOf(arranged);
  for (const [at, own] of groupsByPanel(arranged, facets).entries()) {
    const panel = facets.panels[at]!;
    const slot = panel.width / x.titles.length;
    const lane = Math.min(WIDEST_LANE, (slot * SHARE_OF_SLOT) / lanes.count);
    const draw: SpreadOfPanel = {
      at,
      panel,
      groups,
      hasSigns,
      yScale: pixelScale(panel.yAxis, panel.y + panel.height, panel.y),
      isLog: panel.yAxis.kind === 'log',
      middle: (group) => panel.x + (groups.digits[2]![group]! + 0.5) * slot + (lanes.left[group]! + 0.5) * lane,
      lane,
      look: (group) => FIRST_SERIES + series.ids[group]!,
      metric,
      brushed: input.brushed,
      pale: PALE,
    };
    marks.push(...MAKERS[shown](draw, own));
    const absent = absentTexts(groups, x.titles.length, panel);
    if (absent.length > 0) marks.push({ kind: 'texts', panel: at, texts: absent });
  }
  const table = lazily(() => spreadTable(arranged, input));
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks: [plainLook('line'), plainLook('text'), ...series.looks],
      marks,
      legendTitle: series.legendTitle,
      legend: series.legend,
      description: describe('Distribution', arranged, input, facets.panels),
    },
    get table() {
      return table();
    },
    notes: [
      ...notes,
      ...(scale.chosen === 'log' && facets.yAxis.kind !== 'log' ? [LINEAR_NOTE] : []),
      NOTES[shown],
      ...(hasSigns ? ['signs below the axis are those of the legend, and no values'] : []),
    ],
    options: [showOption(shown), scale],
  };
}

const FIRST_SERIES = 2;
const WIDEST_LANE = 90;
const SHARE_OF_SLOT = 0.86;

function showOption(chosen: Shown): PlotOption {
  return { name: 'show', title: 'Shown as', values: SHOWN.map((value) => ({ value, title: value })), chosen };
}

function spreadTable(arranged: Arranged, { metric }: PlotInput): TableColumn[] {
  const { groups } = arranged;
  const values = Array.from({ length: groups.count }, (_, i) =>
    groups.values.subarray(groups.first[i], groups.first[i + 1]),
  );
  const boxes = values.map(boxOf);
  const column = (title: string, of: readonly number[]): TableColumn => ({ title, unit: metric.unit, values: of });
  return [
    ...placeColumns(arranged),
    { title: 'runs', unit: '1', values: values.map((own) => own.length) },
    column(
      'smallest',
      values.map((own) => own[0]!),
    ),
    column(
      'lower quartile',
      boxes.map(({ lower }) => lower),
    ),
    column(
      `median of ${metric.name}`,
      boxes.map(({ median }) => median),
    ),
    column(
      'upper quartile',
      boxes.map(({ upper }) => upper),
    ),
    column(
      'largest',
      values.map((own) => own.at(-1)!),
    ),
  ];
}
