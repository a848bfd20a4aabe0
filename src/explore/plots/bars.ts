// Bars: the median of each group from zero up, with its interval. For one or two properties, where every group can be named.

import { displayUnit, formatNumber } from '#core/format-quantity';
import { pixelScale } from '../scene/axis-scale.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import type { Look, Mark, Panel, SceneText } from '../scene/scene.ts';
import { widthOfText } from '../scene/text-width.ts';
import { absentTexts } from './absent-slots.ts';
import { arrange, describe, groupsByPanel, isBrushed, lazily, PALE, type Arranged } from './arranged.ts';
import { layFacets, TICK_SIZE } from './facet-layout.ts';
import { behindGroups } from './grouping.ts';
import { groupTable } from './group-table.ts';
import { lanesOf, type Lanes } from './lanes.ts';
import { plainLook } from './looks.ts';
import { groupMedians, intervalNotes, rangeOf, type Medians } from './median-intervals.ts';
import type { NoPlot, Plot, PlotInput } from './plot.ts';

/** A bar may be this wide, and the bars of a slot take this share of it. */
const WIDEST_BAR = 56;
const SHARE_OF_SLOT = 0.8;
/** Room for a number above the highest bar. */
const HEAD_PX = 18;
/** Bars narrower or lower than this have no sign in them. */
const SIGN_WIDTH = 8;
const SIGN_HEIGHT = 18;

export function bars(input: PlotInput): Plot | NoPlot {
  const arranged = arrange(input);
  if (!arranged.ok) return arranged;
  const { column, row, x, series, notes } = arranged;
  const { metric } = input;
  const medians = groupMedians(arranged.groups);
  const [low, high] = rangeOf(medians);
  const facets = layFacets({
    columns: column,
    rows: row,
    width: input.width,
    height: input.height,
    xAxis: { kind: 'names', label: x.title, names: x.titles },
    yAxis: (lengthPx) =>
      measureAxis({ name: metric.name, unit: metric.unit, low, high, lengthPx, fromZero: true, headPx: HEAD_PX }),
    xMetric: null,
    yMetric: metric.name,
  });
  const marks: Mark[] = [...facets.marks];
  const lanes = lanesOf(arranged);
  const unit = displayUnit(metric.unit, Math.max(Math.abs(low), Math.abs(high)));
  for (const [at, groups] of groupsByPanel(arranged, facets).entries()) {
    const draw = { at, panel: facets.panels[at]!, arranged, lanes, medians, input, divisor: unit.divisor };
    const pale = groups.filter((group) => !isBrushed(input.brushed, arranged.groups, group));
    const full =
      pale.length === 0 ? groups : groups.filter((group) => isBrushed(input.brushed, arranged.groups, group));
    marks.push(...barMarks(draw, pale, PALE), ...barMarks(draw, full, 1), zeroLine(draw));
    const absent = absentTexts(arranged.groups, x.titles.length, facets.panels[at]!);
    if (absent.length > 0) marks.push({ kind: 'texts', panel: at, texts: absent });
  }
  const table = lazily(() => groupTable(arranged, input, medians));
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      // Lines of the grid, whiskers, the bars, and the signs in their feet.
      looks: [
        plainLook('line'),
        plainLook('text'),
        ...series.looks,
        ...series.looks.map((look): Look => ({ ...look, ink: 'surface' })),
      ],
      marks,
      legendTitle: series.legendTitle,
      legend: series.legend,
      description: describe('Bars', arranged, input, facets.panels),
    },
    get table() {
      return table();
    },
    notes: [...notes, ...intervalNotes(medians)],
    options: [],
  };
}

const TEXT_LOOK = 1;
const FIRST_SERIES = 2;

interface BarsOfPanel {
  readonly at: number;
  readonly panel: Panel;
  readonly arranged: Arranged;
  readonly lanes: Lanes;
  readonly medians: Medians;
  readonly input: PlotInput;
  readonly divisor: number;
}

function barMarks(draw: BarsOfPanel, chosen: readonly number[], opacity: number): Mark[] {
  const { at, panel, arranged, lanes, medians, input } = draw;
  const { groups, series, x } = arranged;
  const count = chosen.length;
  if (count === 0) return [];
  const yScale = pixelScale(panel.yAxis, panel.y + panel.height, panel.y);
  const zero = yScale(0);
  const slot = panel.width / x.titles.length;
  const barWidth = Math.min(WIDEST_BAR, (slot * SHARE_OF_SLOT) / lanes.count);
  const gap = barWidth >= 6 ? 1 : 0;
  const column = () => new Float32Array(count);
  const rect = { x: column(), y: column(), width: column().fill(barWidth - gap), height: column() };
  const whisker = { x1: column(), y1: column(), x2: column(), y2: column() };
  const looks = new Uint16Array(count);
  const values = new Float64Array(count);
  const signs: { x: number; y: number; look: number }[] = [];
  const texts: SceneText[] = [];
  for (const [i, group] of chosen.entries()) {
    const id = series.ids[group]!;
    const left = panel.x + (groups.digits[2]![group]! + 0.5) * slot + lanes.left[group]! * barWidth;
    const middle = left + barWidth / 2;
    const median = medians.median[group]!;
    const value = yScale(median);
    values[i] = median;
    looks[i] = FIRST_SERIES + id;
    rect.x[i] = left + gap / 2;
    rect.y[i] = Math.min(value, zero);
    // A median of zero is a line, not nothing.
    rect.height[i] = Math.max(1, Math.abs(zero - value));
    whisker.x1[i] = whisker.x2[i] = middle;
    whisker.y1[i] = yScale(medians.low[group]!);
    whisker.y2[i] = yScale(medians.high[group]!);
    if (series.count > 1 && barWidth >= SIGN_WIDTH && rect.height[i]! >= SIGN_HEIGHT)
      signs.push({ x: middle, y: median >= 0 ? zero - 8 : zero + 8, look: FIRST_SERIES + series.count + id });
    const text = formatNumber(median / draw.divisor);
    const top = Math.min(value, Number.isNaN(whisker.y2[i]!) ? value : whisker.y2[i]!);
    const hasRoom = widthOfText(text, TICK_SIZE) + 2 <= barWidth && top - panel.y > 13;
    if (hasRoom && median >= 0)
      texts.push({ x: middle, y: top - 4, text, anchor: 'middle', size: TICK_SIZE, ink: 'text' });
  }
  const marks: Mark[] = [
    {
      kind: 'rects',
      panel: at,
      behind: behindGroups(groups, chosen),
      read: { title: `median of ${input.metric.name}`, unit: input.metric.unit, values },
      ...rect,
      looks,
      outlined: false,
      opacity,
    },
    {
      kind: 'segments',
      panel: at,
      behind: null,
      ...whisker,
      looks: new Uint16Array(count).fill(TEXT_LOOK),
      width: Math.min(1.5, barWidth / 2),
      opacity,
    },
  ];
  if (signs.length > 0)
    marks.push({
      kind: 'points',
      panel: at,
      behind: null,
      x: Float32Array.from(signs, (sign) => sign.x),
      y: Float32Array.from(signs, (sign) => sign.y),
      looks: Uint16Array.from(signs, (sign) => sign.look),
      radius: Math.min(3.2, barWidth * 0.32),
      opacity,
    });
  if (opacity === 1 && texts.length > 0) marks.push({ kind: 'texts', panel: at, texts });
  return marks;
}

/** Where bars begin. */
function zeroLine({ at, panel }: BarsOfPanel): Mark {
  const zero = pixelScale(panel.yAxis, panel.y + panel.height, panel.y)(0);
  return {
    kind: 'segments',
    panel: at,
    behind: null,
    x1: Float32Array.of(panel.x),
    y1: Float32Array.of(zero),
    x2: Float32Array.of(panel.x + panel.width),
    y2: Float32Array.of(zero),
    looks: Uint16Array.of(TEXT_LOOK),
    width: 1,
    opacity: 0.6,
  };
}
