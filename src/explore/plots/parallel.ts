// Parallel coordinates: properties and metrics as upright axes, each combination of settings a line across them.

import { propertyTitle } from '../data/dataset.ts';
import type { Brushed } from '../data/filter-rows.ts';
import { SERIES_COLORS } from '../scene/palette.ts';
import type { Mark } from '../scene/scene.ts';
import { isBrushed, lazily, nothingMeasured } from './arranged.ts';
import { companions, familiesFirst } from './companions.ts';
import { seriesOfGroups, plainLook } from './looks.ts';
import { parallelLines, valueName, type ParallelAxis } from './parallel-lines.ts';
import { axisFrame, axisPanels, axisStrokes, axisTexts, linesOf, textGrounds } from './parallel-marks.ts';
import type { MakePlot, PlotInput, PlotOption, TableColumn } from './plot.ts';
import { pooledProperties, splitRows, unsplit } from './splits.ts';
import { TELLING_FACTS } from './telling-facts.ts';
import type { Groups } from './grouping.ts';

/** Room that an axis with its texts needs. */
const LEAST_AXIS_PX = 92;
/** Lines drawn at the most: more is one colour, and slow. */
const MOST_LINES = 20_000;
/** Values of a property at the most: more have no room on an axis. */
const MOST_VALUES = 400;
const FEW_METRICS = 4;

export const parallel: MakePlot = (input) => {
  const { dataset, rows, metric, placed, width, height } = input;
  if (rows.length === 0) return nothingMeasured(input);
  const notes: string[] = [];
  const chosen = chosenMetrics(input);
  const names = axisProperties(input);
  // Of what has no room the last metrics go first: the properties say what a line is.
  const most = Math.max(2, Math.floor(width / LEAST_AXIS_PX));
  const properties = names.slice(0, most - 1);
  const wanted = [metric, ...companionsOf(input, chosen)];
  const metrics = wanted.slice(0, most - properties.length);
  const left = [...names.slice(properties.length), ...wanted.slice(metrics.length).map(({ name }) => name)];
  if (left.length > 0) notes.push(`no room for the axes of ${listed(left)}`);

  const splits = properties.map((name) => splitRows(input, rows, name, MOST_VALUES, notes));
  const { groups, axes } = parallelLines(input, splits, metrics, height);
  // More values than colours: the axis tells them, and lines in all colours are one grey.
  const color = splits.findIndex(
    ({ property, titles }) => property !== null && property === placed.color && titles.length <= SERIES_COLORS,
  );
  const series = seriesOfGroups(
    { ...groups, digits: [color === -1 ? new Int32Array(groups.count) : groups.digits[color]!] },
    [splits[color] ?? unsplit(rows.length)],
  );
  if (axes.length < 2)
    return {
      ok: false,
      why: 'Nothing differs among these runs: there would be one axis only.',
      todo: 'Take a filter away, or choose bars.',
    };
  const step = Math.ceil(groups.count / MOST_LINES);
  const drawn = Uint32Array.from({ length: Math.ceil(groups.count / step) }, (_, i) => i * step);
  notes.push(
    `${rows.length} runs as ${groups.count} ${groups.count === 1 ? 'line' : 'lines'}: runs of the same values are one line, at their medians`,
    ...(step > 1 ? [`of ${groups.count} lines every ${step}th is drawn`] : []),
  );
  const pooled = pooledProperties(dataset, rows, { ...placed, legend: [...placed.legend, ...properties] });
  if (pooled.length > 0)
    notes.push(`runs that differ in ${listed(pooled.map((name) => propertyTitle(input.names, name)))} count together`);

  const frame = axisFrame(axes, width, height);
  const looks = [plainLook('muted'), plainLook('surface'), ...series.looks];
  const lookOf = (group: number) => 2 + series.ids[group]!;
  const texts = axisTexts(axes, frame, width);
  const marks: Mark[] = lineMarks(input.brushed, groups, drawn).map(({ lines, opacity, lineWidth }) => ({
    kind: 'lines',
    panel: -1,
    ...linesOf(groups, axes, frame, lines, lookOf),
    width: lineWidth,
    opacity,
  }));
  const table = lazily(() => tableOf(groups, axes));
  return {
    ok: true,
    scene: {
      width,
      height,
      panels: axisPanels(axes, frame),
      looks,
      marks: [...marks, axisStrokes(axes, frame, 0), textGrounds(texts, frame, 1), { kind: 'texts', panel: -1, texts }],
      legendTitle: series.legendTitle,
      legend: series.legend,
      description: `Parallel coordinates of ${axes.map(({ title }) => title).join(', ')}: ${groups.count} lines`,
    },
    get table() {
      return table();
    },
    notes,
    options: [metricsOption(chosen)],
  };
};

type Chosen = 'one' | 'few' | 'all';

function chosenMetrics({ options }: PlotInput): Chosen {
  const { metrics } = options;
  return metrics === 'one' || metrics === 'all' ? metrics : 'few';
}

function metricsOption(chosen: Chosen): PlotOption {
  return {
    name: 'metrics',
    title: 'metrics',
    values: [
      { value: 'one', title: 'the chosen one' },
      { value: 'few', title: 'the most telling' },
      { value: 'all', title: 'as many as have room' },
    ],
    chosen,
  };
}

function companionsOf({ metrics, rows, metric }: PlotInput, chosen: Chosen) {
  if (chosen === 'one') return [];
  const others = companions(metrics, rows, metric.name);
  return chosen === 'few' ? familiesFirst(others, metric.name).slice(0, FEW_METRICS - 1) : others;
}

/** What is placed, in the order of the places, then what varies and stands nowhere: settings, then facts that tell runs apart. */
function axisProperties({ dataset, rows, placed }: PlotInput): string[] {
  const order = [placed.column, placed.row, placed.x, placed.color, placed.shape, ...placed.legend];
  const known = new Set(dataset.properties.map(({ name }) => name));
  const names = order.filter((name) => name !== null && known.has(name)) as string[];
  const facts = dataset.properties.filter(
    ({ name, origin, codes }) =>
      origin === 'fact' && TELLING_FACTS.has(name) && rows.some((row) => codes[row] !== codes[rows[0]!]),
  );
  return [...new Set([...names, ...pooledProperties(dataset, rows, placed), ...facts.map(({ name }) => name)])];
}

/** Of many lines each is pale, so that where they run together shows; brushed ones are strong above the others. */
function lineMarks(brushed: Brushed | null, groups: Groups, drawn: Uint32Array) {
  const many = drawn.length > 5000 ? 0.12 : drawn.length > 800 ? 0.25 : drawn.length > 60 ? 0.5 : 0.85;
  if (brushed === null) return [{ lines: drawn, opacity: many, lineWidth: drawn.length > 60 ? 1.1 : 1.6 }];
  const strong = drawn.filter((group) => isBrushed(brushed, groups, group));
  return [
    {
      lines: drawn.filter((group) => !isBrushed(brushed, groups, group)),
      opacity: Math.min(0.12, many / 3),
      lineWidth: 1,
    },
    { lines: strong, opacity: strong.length > 800 ? 0.4 : 0.9, lineWidth: 1.6 },
  ].filter(({ lines }) => lines.length > 0);
}

function tableOf({ count, first }: Groups, axes: readonly ParallelAxis[]): TableColumn[] {
  const columns = axes.map((axis): TableColumn => {
    const { title, metric, values } = axis;
    if (metric !== null)
      return { title, unit: metric.unit, values: Array.from(values, (value) => (Number.isNaN(value) ? null : value)) };
    return { title, unit: null, values: Array.from(values, (_, line) => valueName(axis, line)) };
  });
  const runs = Array.from({ length: count }, (_, group) => first[group + 1]! - first[group]!);
  return [...columns, { title: 'runs', unit: '1', values: runs }];
}

function listed(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
}
