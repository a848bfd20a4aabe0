// Lines: the median of each series along a property, in the band of its interval. For three or four properties.

import { pixelScale } from '../scene/axis-scale.ts';
import { propertyAxis, type PlotAxis } from '../scene/plot-axis.ts';
import type { BandsMark, LinesMark, Mark } from '../scene/scene.ts';
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
import type { Facets } from './facet-layout.ts';
import { groupTable } from './group-table.ts';
import { plainLook } from './looks.ts';
import { groupMedians, intervalNotes, rangeOf, type Medians } from './median-intervals.ts';
import { layMetricFacets } from './metric-facets.ts';
import type { NoPlot, Plot, PlotInput } from './plot.ts';
import type { Split } from './splits.ts';
import { groupPoints } from './value-marks.ts';

const BAND_OPACITY = 0.16;
/** Between names a line only leads the eye. */
const NAMES_OPACITY = 0.55;
/** With more points than this a panel's are small. */
const MANY_POINTS = 300;

export function lines(input: PlotInput): Plot | NoPlot {
  if (input.placed.x === null)
    return { ok: false, why: 'Lines need a property along x.', todo: 'Put one at x, or choose bars.' };
  const arranged = arrange(input);
  if (!arranged.ok) return arranged;
  const { x, series, groups, notes } = arranged;
  const medians = groupMedians(groups);
  const [low, high] = rangeOf(medians);
  const scale = scaleOption(input);
  const xAxis = axisOfSplit(x);
  const facets = layMetricFacets(input, arranged, { xAxis, low, high });
  const marks: Mark[] = [...facets.marks];
  const byPanel = groupsByPanel(arranged, facets);
  for (const [at, own] of byPanel.entries()) marks.push(...panelMarks({ at, facets, arranged, medians, input }, own));
  const table = lazily(() => groupTable(arranged, input, medians));
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks: [plainLook('line'), ...series.looks],
      marks,
      legendTitle: series.legendTitle,
      legend: series.legend,
      description: describe('Lines', arranged, input, facets.panels),
    },
    get table() {
      return table();
    },
    notes: [
      ...notes,
      ...(scale.chosen === 'log' && facets.yAxis.kind !== 'log' ? [LINEAR_NOTE] : []),
      ...(xAxis.kind === 'names' ? [] : missingNote(arranged, byPanel)),
      ...intervalNotes(medians),
    ],
    options: [scale],
  };
}

const FIRST_SERIES = 1;

/** The axis of a property at its place, under the names that people gave; of names where a run has none of its values. */
function axisOfSplit(split: Split): PlotAxis {
  if (split.values.includes(null)) return { kind: 'names', label: split.title, names: split.titles };
  const axis = propertyAxis(
    split.title,
    split.values.map((value) => value!),
  );
  if (axis.kind === 'names') return { ...axis, names: split.titles };
  const titles = new Map(split.values.map((value, i) => [value, split.titles[i]!]));
  return { ...axis, ticks: axis.ticks.map(({ at, text }) => ({ at, text: titles.get(text) ?? text })) };
}

/** Of each position of a split its value along the axis. */
function alongAxis(split: Split, axis: PlotAxis): Float64Array {
  return axis.kind === 'names' ? Float64Array.from(split.titles.keys()) : split.numbers;
}

/** Points within a line that no run has. A series that a panel has no run of misses nothing there, nor does one that ends earlier. */
function missingNote({ groups, x, series }: Arranged, byPanel: readonly (readonly number[])[]): string[] {
  let [whole, missing] = [0, 0];
  const along = rankOf(x.numbers);
  for (const own of byPanel) {
    for (const ofSeries of Map.groupBy(own, (group) => series.ids[group]!).values()) {
      const ranks = ofSeries.map((group) => along[groups.digits[2]![group]!]!);
      const reach = Math.max(...ranks) - Math.min(...ranks) + 1;
      whole += reach;
      missing += reach - ranks.length;
    }
  }
  return missing > 0 ? [`${missing} of ${whole} points have no run: lines go on across them`] : [];
}

/** Of each position its place in the order of its numbers. */
function rankOf(numbers: Float64Array): Uint32Array {
  const ranks = new Uint32Array(numbers.length);
  for (const [rank, position] of [...numbers.keys()].sort((a, b) => numbers[a]! - numbers[b]!).entries())
    ranks[position] = rank;
  return ranks;
}

interface LinesOfPanel {
  readonly at: number;
  readonly facets: Facets;
  readonly arranged: Arranged;
  readonly medians: Medians;
  readonly input: PlotInput;
}

function panelMarks({ at, facets, arranged, medians, input }: LinesOfPanel, own: readonly number[]): Mark[] {
  if (own.length === 0) return [];
  const panel = facets.panels[at]!;
  const { groups, series, x } = arranged;
  const xScale = pixelScale(panel.xAxis, panel.x, panel.x + panel.width);
  const yScale = pixelScale(panel.yAxis, panel.y + panel.height, panel.y);
  const along = alongAxis(x, panel.xAxis);
  const positions = groups.digits[2]!;
  const isNames = panel.xAxis.kind === 'names';
  const sorted = own.toSorted(
    (a, b) => series.ids[a]! - series.ids[b]! || along[positions[a]!]! - along[positions[b]!]!,
  );
  const count = sorted.length;
  const [xs, ys, lows, highs] = [0, 1, 2, 3].map(() => new Float32Array(count)) as [
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
  ];
  const first: number[] = [];
  const looks: number[] = [];
  for (const [i, group] of sorted.entries()) {
    const before = sorted[i - 1];
    const isNew = before === undefined || series.ids[before] !== series.ids[group];
    // A name that no run has is a gap; between numbers a line leads across.
    const isGap = isNames && before !== undefined && positions[group]! > positions[before]! + 1;
    if (isNew || isGap) {
      first.push(i);
      looks.push(FIRST_SERIES + series.ids[group]!);
    }
    xs[i] = xScale(along[positions[group]!]!);
    ys[i] = yScale(medians.median[group]!);
    lows[i] = Number.isNaN(medians.low[group]!) ? ys[i]! : yScale(medians.low[group]!);
    highs[i] = Number.isNaN(medians.high[group]!) ? ys[i]! : yScale(medians.high[group]!);
  }
  const cut = { first: Uint32Array.from([...first, count]), looks: Uint16Array.from(looks), panel: at, behind: null };
  const isPale = input.brushed !== null;
  const strength = (opacity: number) => (isPale ? opacity * PALE * 2 : opacity);
  const bands: BandsMark = { kind: 'bands', ...cut, x: xs, low: lows, high: highs, opacity: strength(BAND_OPACITY) };
  const curves: LinesMark = {
    kind: 'lines',
    ...cut,
    x: xs,
    y: ys,
    width: isNames ? 1.4 : 2,
    opacity: strength(isNames ? NAMES_OPACITY : 1),
  };
  const points = (chosen: readonly number[], opacity: number) =>
    groupPoints(groups, chosen, {
      panel: at,
      x: (group) => xScale(along[positions[group]!]!),
      y: (group) => yScale(medians.median[group]!),
      look: (group) => FIRST_SERIES + series.ids[group]!,
      read: { title: `median of ${input.metric.name}`, unit: input.metric.unit, of: medians.median },
      radius: count > MANY_POINTS ? 2.4 : 3.6,
      opacity,
    });
  const full = isPale ? sorted.filter((group) => isBrushed(input.brushed, groups, group)) : sorted;
  const pale = isPale ? sorted.filter((group) => !isBrushed(input.brushed, groups, group)) : [];
  return [bands, curves, ...(pale.length > 0 ? [points(pale, PALE)] : []), points(full, 1)];
}
