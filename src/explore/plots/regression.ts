// Regression: every run a point, a line with its confidence band through each series.

import { pixelScale } from '../scene/axis-scale.ts';
import { measureAxis } from '../scene/measure-axis.ts';
import type { Mark } from '../scene/scene.ts';
import { arrange, type Arranged, nothingMeasured } from './arranged.ts';
import { layFacets } from './facet-layout.ts';
import { rankKeys } from './grouping.ts';
import { plainLook } from './looks.ts';
import type { MakePlot } from './plot.ts';
import { againstOption, axisAtX, measureAtX } from './regression-axis.ts';
import { fitCells, FIT_FORMS, type FitForm } from './regression-fits.ts';
import { fitMarks, fitTexts, runMarks } from './regression-marks.ts';
import { regressionNotes, regressionTable } from './regression-words.ts';

/** Fits whose numbers are written into a panel; notes and table have more. */
const MOST_WRITTEN = 4;
const FIRST_SERIES = 1;

export const regression: MakePlot = (input) => {
  const { metric: y } = input;
  if (input.rows.length === 0) return nothingMeasured(input);
  const form = FIT_FORMS.find((one) => one === input.options['fit']) ?? 'linear';
  const x = measureAtX(input);
  if (x === null)
    return {
      ok: false,
      why: 'Nothing with numbers stands at x.',
      todo: 'Put a number there, or choose a metric to draw against.',
    };
  const rows = input.rows.filter(
    (row) => isUsable(x.values[row]!, form !== 'linear') && isUsable(y.values[row]!, form === 'power'),
  );
  if (rows.length === 0)
    return {
      ok: false,
      why: `No run has both ${x.title} and ${y.name}${form === 'linear' ? '' : ' above 0'}.`,
      todo: 'Choose another metric, or another fit.',
    };
  const arranged = arrange({ ...input, rows }, { x: 'cells', from: input.rows });
  if (!arranged.ok) return arranged;

  const { groups, series } = arranged;
  const fits = seriesCells(arranged).map(({ members, column, row, position }) => ({
    ...fitCells(groups, members, x.values, y.values, form),
    members,
    column,
    row,
    cell: members[0]!,
    look: FIRST_SERIES + position,
    title: series.titles[position]!,
    fullTitle: [facetTitle(arranged, column, row), series.titles[position]!].filter((part) => part !== '').join(', '),
  }));
  const [low, high] = rangeOf(y.values, groups.rows);
  const facets = layFacets({
    columns: arranged.column,
    rows: arranged.row,
    width: input.width,
    height: input.height,
    xAxis: axisAtX(input, x, ...rangeOf(x.values, groups.rows), form !== 'linear'),
    yAxis: (lengthPx) =>
      measureAxis({ name: y.name, unit: y.unit, low, high, lengthPx, fromZero: false, log: form === 'power' }),
    xMetric: x.property === null ? x.title : null,
    yMetric: y.name,
  });
  const marks: Mark[] = [...facets.marks];
  for (const [at, panel] of facets.panels.entries()) {
    const own = fits.filter(({ column, row }) => facets.panelOf(column, row) === at);
    if (own.length === 0) continue;
    const scales = {
      x: pixelScale(panel.xAxis, panel.x, panel.x + panel.width),
      y: pixelScale(panel.yAxis, panel.y + panel.height, panel.y),
    };
    const points = runMarks(at, own, groups, x.values, y.values, input.brushed, scales);
    marks.push(...points, ...fitMarks(at, own, form, scales));
    if (own.length <= MOST_WRITTEN) marks.push({ kind: 'texts', panel: at, texts: fitTexts(own, panel, points) });
  }
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
      description: `${y.name} against ${x.title}: ${rows.length} runs, ${fits.length} ${FORM_TITLES[form]} ${fits.length === 1 ? 'fit' : 'fits'}.`,
    },
    table: regressionTable(arranged, fits, form, x, input),
    notes: regressionNotes(input, arranged, fits, form, x),
    options: [
      {
        name: 'fit',
        title: 'fit',
        values: FIT_FORMS.map((value) => ({ value, title: FORM_TITLES[value] })),
        chosen: form,
      },
      againstOption(input, x),
    ],
  };
};

const FORM_TITLES: Readonly<Record<FitForm, string>> = {
  linear: 'linear',
  log: 'logarithmic (over log x)',
  power: 'power (log over log x)',
};

function isUsable(value: number, mustBePositive: boolean): boolean {
  return Number.isFinite(value) && (!mustBePositive || value > 0);
}

/** Cells of each series in each facet. */
function seriesCells({ groups, column, row, series }: Arranged) {
  const [columns, rows] = groups.digits as [Int32Array, Int32Array];
  const keys = rankKeys(
    [columns, rows, Int32Array.from(series.ids)],
    [column.titles.length, row.titles.length, series.count],
    groups.count,
  );
  const members: number[][] = Array.from({ length: keys.count }, () => []);
  for (let cell = 0; cell < groups.count; cell++) members[keys.ids[cell]!]!.push(cell);
  return members.map((own, key) => ({
    members: own,
    column: keys.digits[0]![key]!,
    row: keys.digits[1]![key]!,
    position: keys.digits[2]![key]!,
  }));
}

function facetTitle({ column, row }: Arranged, atColumn: number, atRow: number): string {
  return [column.titles[atColumn]!, row.titles[atRow]!].filter((title) => title !== '').join(', ');
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
