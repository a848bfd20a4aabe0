// A Pareto front over two metrics: every cell a point, the ones that no other beats joined by a staircase and named.

import type { Direction, Directions } from '#analysis/pareto';
import type { MetricColumn, Property } from '../data/dataset.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import { rateAxis } from '../scene/plot-axis.ts';
import type { Look, Mark } from '../scene/scene.ts';
import { arrange, groupsByPanel, lazily, nothingMeasured } from './arranged.ts';
import { differing, settingsText, tellingProperties } from './cell-names.ts';
import { metricOption, partner } from './companions.ts';
import { layFacets } from './facet-layout.ts';
import { plainLook } from './looks.ts';
import { isUnsure, paretoCells, type Front } from './pareto-cells.ts';
import { frontMarks } from './pareto-marks.ts';
import { cellCount, frontCount, namelessNote, paretoNotes, paretoTable } from './pareto-words.ts';
import type { MakePlot, PlotOption } from './plot.ts';

/** Looks of the grid, of the front and of what is not sure, in the order of FRONT_LOOK and UNSURE_LOOK; those of the series follow. */
const UNSURE: Look = { ink: 'muted', shape: 'ring', dash: [] };
const LOOKS: readonly Look[] = [plainLook('line'), plainLook('text'), UNSURE];

export const pareto: MakePlot = (input) => {
  const { dataset, metrics, metric: y, options } = input;
  if (input.rows.length === 0) return nothingMeasured(input);
  const x = partner(
    metrics.filter(({ name }) => name !== y.name),
    options['against'],
    y,
    input.rows,
  );
  if (x === null)
    return {
      ok: false,
      why: 'There is no second metric that differs among these runs.',
      todo: 'Take a filter away, or choose another plot.',
    };
  const better: Directions = { x: directionOf(x, options['better-x']), y: directionOf(y, options['better-y']) };
  const rows = input.rows.filter((row) => Number.isFinite(x.values[row]!) && Number.isFinite(y.values[row]!));
  if (rows.length === 0)
    return { ok: false, why: `No run has both ${x.name} and ${y.name}.`, todo: 'Choose another metric.' };
  const arranged = arrange({ ...input, rows }, { x: 'cells', from: input.rows });
  if (!arranged.ok) return arranged;

  const { groups, series } = arranged;
  const [x0, x1] = rangeOf(x.values, rows);
  const [y0, y1] = rangeOf(y.values, rows);
  const isLog = (options['x'] ?? (x.unit === 'bit/s' ? 'log' : 'linear')) === 'log' && x0 > 0;
  const facets = layFacets({
    columns: arranged.column,
    rows: arranged.row,
    width: input.width,
    height: input.height,
    xAxis: isLog
      ? rateAxis(x.name, x.unit, x0, x1)
      : measureAxis({ name: x.name, unit: x.unit, low: x0, high: x1, lengthPx: input.width, fromZero: false }),
    yAxis: (lengthPx) => measureAxis({ name: y.name, unit: y.unit, low: y0, high: y1, lengthPx, fromZero: false }),
    xMetric: x.name,
    yMetric: y.name,
  });
  const seriesOfRow = new Uint16Array(dataset.count);
  for (let group = 0; group < groups.count; group++)
    for (let i = groups.first[group]!; i < groups.first[group + 1]!; i++)
      seriesOfRow[groups.rows[i]!] = series.ids[group]!;
  const properties = tellingProperties(dataset, rows);
  const { column, row, color, shape, legend } = input.placed;
  const untitled = properties.filter(({ name }) => name !== column && name !== row);
  const untold = untitled.filter(({ name }) => ![color, shape, ...legend].includes(name));
  const sharedNotes: string[] = [];
  const nameless: string[] = [];
  const fronts: Front[] = [];
  const marks: Mark[] = [...facets.marks];
  for (const [panel, chosen] of groupsByPanel(arranged, facets).entries()) {
    if (chosen.length === 0) continue;
    const cells = paretoCells(groups, chosen, x.values, y.values, better);
    const front: Front = { cells, title: facets.panels[panel]!.title ?? '', from: 0 };
    fronts.push({ ...front, from: fronts.reduce((sum, one) => sum + one.cells.front.length, 0) });
    const [named, shared] = frontProperties(front, untitled);
    if (shared.length > 0 && facets.panels.length === 1)
      sharedNotes.push(`all cells on the front are ${settingsText(shared, input.names, firstRow(front))}`);
    const drawn = frontMarks(
      panel,
      facets.panels[panel]!,
      fronts.at(-1)!,
      better,
      input,
      { named, untold },
      (row) => LOOKS.length + seriesOfRow[row]!,
    );
    marks.push(...drawn.marks);
    nameless.push(...drawn.nameless);
  }
  const unsure = fronts.some(({ cells }) => [...cells.shares].some(isUnsure));
  const table = lazily(() => paretoTable(fronts, input, properties, x));
  return {
    ok: true,
    scene: {
      width: facets.width,
      height: facets.height,
      panels: facets.panels,
      looks: [...LOOKS, ...series.looks],
      marks,
      legendTitle: series.legendTitle,
      legend: [
        ...series.legend,
        ...(unsure ? [{ title: 'not sure to be on the front', look: UNSURE, property: null, value: null }] : []),
      ],
      description: `${y.name} against ${x.name}: ${frontCount(fronts)} of ${cellCount(fronts)} cells are on the Pareto front.`,
    },
    get table() {
      return table();
    },
    notes: [...paretoNotes(fronts, input, better, x, rows.length, arranged), ...sharedNotes, ...namelessNote(nameless)],
    options: [
      metricOption(
        'against',
        'against',
        metrics.filter(({ name }) => name !== y.name),
        x.name,
      ),
      ...directionOption(x, 'better-x', better.x),
      ...directionOption(y, 'better-y', better.y),
      {
        name: 'x',
        title: 'x axis',
        values: [
          { value: 'linear', title: 'linear' },
          { value: 'log', title: 'logarithmic' },
        ],
        chosen: isLog ? 'log' : 'linear',
      },
    ],
  };
};

/** What tells the cells of a front apart, and what they have in common: a name is short where the rest is said once. */
function frontProperties(
  front: Front,
  untitled: readonly Property[],
): [named: readonly Property[], shared: Property[]] {
  const { cells } = front;
  const named = differing(
    untitled,
    Array.from(cells.front, (cell) => cells.behind.rows[cells.behind.first[cell]!]!),
  );
  return named.length === 0 ? [untitled, []] : [named, untitled.filter((one) => !named.includes(one))];
}

function firstRow({ cells }: Front): number {
  return cells.behind.rows[cells.behind.first[cells.front[0]!]!]!;
}

/** Less is better where a metric does not say: a bitrate, a number of cores. */
function directionOf({ better }: MetricColumn, asked: string | undefined): Direction {
  return better ?? (asked === 'higher' ? 'higher' : 'lower');
}

function directionOption({ name, better }: MetricColumn, option: string, chosen: Direction): PlotOption[] {
  if (better !== null) return [];
  const values = [
    { value: 'lower', title: 'lower' },
    { value: 'higher', title: 'higher' },
  ];
  return [{ name: option, title: `better ${name}`, values, chosen }];
}

function rangeOf(values: Float64Array, rows: Uint32Array): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const row of rows) {
    const value = values[row]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
