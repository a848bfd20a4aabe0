// Report mode: a page of small plots, a line for each family of metrics (CPU, GPU, decode) and a column for each role.

import { joinScenes, type ScenePart } from '../scene/join-scenes.ts';
import type { Look, Scene, SceneText } from '../scene/scene.ts';
import { fitText } from '../scene/text-width.ts';
import { arrange, type Arranged, nothingMeasured } from './arranged.ts';
import { bars } from './bars.ts';
import { mediansOf } from './group-medians.ts';
import { placeColumns } from './group-table.ts';
import { lines } from './lines.ts';
import type { MakePlot, PlotInput, PlotOption, TableColumn } from './plot.ts';
import { GAP_PX, gridOf, NARROWEST } from './report-grid.ts';
import { reportPage, REPORTS, RUN_ROLE, type Report, type ReportPage } from './report-panels.ts';

const LOWEST = 190;
const HEAD_PX = 22;
const TITLE_PX = 12;
/** Bold letters are so much wider. */
const BOLD = 1.08;
/** Values along x from which on bars are too many for a small plot. */
const MOST_BARS = 12;

export const report: MakePlot = (input) => {
  const { options, metrics, placed } = input;
  if (input.rows.length === 0) return nothingMeasured(input);
  const chosen = REPORTS.find((one) => one === options['report']) ?? 'all';
  const page = reportPage(metrics, input.rows, chosen);
  if (page.cells.length === 0)
    return {
      ok: false,
      why: `None of these runs has a metric of ${chosen === 'all' ? 'CPU, GPU or decoding' : TITLES[chosen]}.`,
      todo: chosen === 'all' ? 'Take a filter away, or choose another plot.' : 'Choose another report.',
    };
  // Facets are what the page itself is made of: what stood there is told apart by the legend.
  const facets = [placed.column, placed.row].filter((name) => name !== null);
  const own = { ...placed, column: null, row: null, legend: [...placed.legend, ...facets] };
  const any = new Float64Array(input.dataset.count).fill(NaN);
  for (const { metric } of page.cells)
    for (let row = 0; row < any.length; row++) if (!Number.isNaN(metric.values[row]!)) any[row] = 0;
  const arranged = arrange({
    ...input,
    placed: own,
    metric: { name: 'metric of this report', unit: '1', better: null, values: any },
  });
  if (!arranged.ok) return arranged;

  const grid = gridOf(page, input.width);
  const least = {
    width: Math.max((input.width - (grid.across - 1) * GAP_PX) / grid.across, NARROWEST),
    height: Math.max((input.height - grid.lines * (HEAD_PX + GAP_PX)) / grid.lines, LOWEST),
  };
  const plots = grid.places.flatMap((place) => {
    const small: PlotInput = { ...input, metric: place.cell.metric, placed: own, ...least, options: {} };
    const plot = isCourse(arranged) ? lines(small) : bars(small);
    return plot.ok ? [{ ...place, scene: plot.scene, notes: plot.notes }] : [];
  });
  // A plot with long names takes more than its share.
  const width = plots.reduce((most, { scene }) => Math.max(most, scene.width), least.width);
  const height = plots.reduce((most, { scene }) => Math.max(most, scene.height), least.height);
  const corner = (column: number, line: number) => ({
    x: column * (width + GAP_PX),
    y: line * (height + HEAD_PX + GAP_PX) + HEAD_PX,
  });
  const parts = plots.map(({ column, line, scene }): ScenePart => ({ scene, ...corner(column, line) }));
  const texts = plots.map(({ cell: { family, role } }, i): SceneText => ({
    x: parts[i]!.x,
    y: parts[i]!.y - HEAD_PX + TITLE_PX + 2,
    text: fitText(role === RUN_ROLE ? family : `${family} · ${role}`, TITLE_PX, width / BOLD),
    anchor: 'start',
    size: TITLE_PX,
    ink: 'text',
    bold: true,
  }));
  for (const { column, line, text } of grid.missing) {
    const { x, y } = corner(column, line);
    texts.push({ x: x + width / 2, y: y + height / 2, text, anchor: 'middle', size: TITLE_PX, ink: 'muted' });
  }
  const { series } = arranged;
  const looks = new Map(series.legend.map(({ title, look }) => [title, look]));
  return {
    ok: true,
    scene: joinScenes(
      {
        width: grid.across * (width + GAP_PX) - GAP_PX,
        height: grid.lines * (height + HEAD_PX + GAP_PX) - GAP_PX,
        legendTitle: series.legendTitle,
        legend: series.legend,
        description: `Report of ${page.cells.length} metrics of ${arranged.groups.rows.length} runs: ${page.families.join(', ')}, by role: ${page.roles.join(', ')}.`,
        texts,
      },
      parts,
      (look, scene) => lookOnPage(look, scene, looks),
    ),
    table: tableOf(arranged, page),
    notes: [...notesOf(page), ...new Set([...arranged.notes, ...sharedNotes(plots.map(({ notes }) => notes))])],
    options: [reportOption(chosen)],
  };
};

const TITLES: Readonly<Record<Report, string>> = { all: 'all', cpu: 'CPU', gpu: 'GPU', decode: 'decoding' };

function reportOption(chosen: Report): PlotOption {
  return { name: 'report', title: 'report', values: REPORTS.map((value) => ({ value, title: TITLES[value] })), chosen };
}

/** Lines along numbers, and along names where there are many of them; else bars. */
function isCourse({ x, series }: Arranged): boolean {
  const isNumbers = x.property !== null && !x.numbers.some(Number.isNaN);
  return (isNumbers && x.titles.length > 2) || x.titles.length * series.count > MOST_BARS * 2;
}

/** A metric that one codec lacks has fewer series, and would give the others its colour. */
function lookOnPage(look: Look, { legend }: Scene, looks: ReadonlyMap<string, Look>): Look {
  const entry = legend.find((one) => one.look === look);
  return (entry === undefined ? undefined : looks.get(entry.title)) ?? look;
}

/** What is true of every small plot is said once. */
function sharedNotes([first = [], ...others]: readonly (readonly string[])[]): string[] {
  return first.filter((note) => others.every((notes) => notes.includes(note)));
}

function notesOf({ absent }: ReportPage): string[] {
  return absent.length > 0 ? [`not measured in these runs, and left out: ${absent.join(', ')}`] : [];
}

function tableOf(arranged: Arranged, { cells }: ReportPage): TableColumn[] {
  const { groups } = arranged;
  return [
    ...placeColumns(arranged),
    {
      title: 'runs',
      unit: '1',
      values: Array.from({ length: groups.count }, (_, i) => groups.first[i + 1]! - groups.first[i]!),
    },
    ...cells.map(({ metric }): TableColumn => ({
      title: `median of ${metric.name}`,
      unit: metric.unit,
      values: Array.from(mediansOf(groups, metric.values), (value) => (Number.isNaN(value) ? null : value)),
    })),
  ];
}
