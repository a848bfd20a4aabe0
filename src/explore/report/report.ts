// A report of runs: what was run and where, what is worth seeing, plots, every cell, and what went wrong. A model, written as HTML or Markdown.

import { OUTCOMES } from '#core/run';
import { defaultPlaced } from '../arrange.ts';
import { propertyTitle, valueTitle, type Dataset, type DisplayNames, type MetricColumn } from '../data/dataset.ts';
import { filterRows } from '../data/filter-rows.ts';
import type { Finding } from '../findings/finding.ts';
import { headlineMetrics, resultMetrics } from '../findings/headline-metrics.ts';
import type { Plot, TableColumn } from '../plots/plot.ts';
import type { View } from '../view.ts';
import { cellTable } from './report-cells.ts';
import { reportPlots } from './report-plots.ts';

export interface ReportInput {
  readonly title: string;
  /** UTC, ISO 8601. */
  readonly madeAt: string;
  readonly dataset: Dataset;
  /** Every metric there is, custom ones included. */
  readonly metrics: readonly MetricColumn[];
  readonly names: DisplayNames;
  /** Filters, places, stats and kind of plot that hold; what nobody chose is chosen here. */
  readonly view: View;
  readonly findings: readonly Finding[];
  /** What the search for findings could not look for. */
  readonly findingNotes: readonly string[];
  /** Sentences of whoever asks: thresholds that were missed, a drift. */
  readonly remarks: readonly string[];
}

export interface ReportPlot {
  readonly title: string;
  readonly plot: Plot;
}

/** A run that does not count. */
export interface InvalidRun {
  readonly id: string;
  readonly cell: string;
  /** `failed`, `timeout`, `killed`, or `left out`. */
  readonly what: string;
  readonly why: string;
}

export interface Report {
  readonly title: string;
  readonly madeAt: string;
  /** What was run, where and when: pairs of a word and its value. */
  readonly facts: readonly (readonly [word: string, value: string])[];
  readonly remarks: readonly string[];
  readonly findings: readonly Finding[];
  readonly findingNotes: readonly string[];
  readonly plots: readonly ReportPlot[];
  /** A row for each cell. */
  readonly cells: readonly TableColumn[];
  /** Cells that the table has no room for. */
  readonly cellsLeftOut: number;
  readonly invalid: readonly InvalidRun[];
  readonly invalidLeftOut: number;
}

/** Values of a fact that are named. */
const MOST_NAMED = 5;
const MOST_INVALID = 200;
/** Facts that say where runs were made. */
const PLACES_MADE = ['benchmark', 'machine', 'host', 'build', 'kernel', 'source'];

export function makeReport(input: ReportInput): Report {
  const { dataset, names, view } = input;
  const { rows, invalid } = filterRows(dataset, view.filters);
  const placed = view.placed ?? defaultPlaced(dataset, rows);
  const metrics = shownMetrics(input, rows);
  const { columns, leftOut } = cellTable(dataset, rows, metrics, names);
  return {
    title: input.title,
    madeAt: input.madeAt,
    facts: [...factsOf(input, rows, invalid), ...metricsFacts(metrics)],
    remarks: input.remarks,
    findings: input.findings,
    findingNotes: input.findingNotes,
    plots: reportPlots(input, rows, placed, metrics),
    cells: columns,
    cellsLeftOut: leftOut,
    invalid: Array.from(invalid.subarray(0, MOST_INVALID), (row) => invalidRun(dataset, row, names)),
    invalidLeftOut: Math.max(0, invalid.length - MOST_INVALID),
  };
}

/** The stats of the view first; where nobody chose what people ask first, of the metrics that these rows have. */
function shownMetrics({ metrics, view }: ReportInput, rows: Uint32Array): MetricColumn[] {
  const present = metrics.filter(({ values }) => rows.some((row) => !Number.isNaN(values[row]!)));
  const chosen = view.stats.flatMap((name) => present.find((metric) => metric.name === name) ?? []);
  return chosen.length > 0 ? chosen : headlineMetrics(resultMetrics(present));
}

function factsOf({ dataset, names }: ReportInput, rows: Uint32Array, invalid: Uint32Array): [string, string][] {
  const all = [...rows, ...invalid];
  const facts: [string, string][] = [];
  const cells = new Set(all.map((row) => dataset.cells[row]!)).size;
  const bad = invalid.length === 0 ? '' : `, ${invalid.length} that do not count`;
  facts.push(['runs', `${rows.length} of ${cells} ${cells === 1 ? 'cell' : 'cells'}${bad}`]);
  const starts = all.map((row) => dataset.startedAtMs[row]!).filter((ms) => !Number.isNaN(ms));
  if (starts.length > 0) facts.push(['when', timeRange(starts)]);
  for (const property of dataset.properties) {
    const present = [...new Set(all.map((row) => property.codes[row]!))].filter((code) => code >= 0);
    const isPlace = PLACES_MADE.includes(property.name);
    if (present.length === 0 || (!isPlace && (property.origin === 'fact' || present.length > 1))) continue;
    const named = present.slice(0, MOST_NAMED).map((code) => valueTitle(names, property.name, property.values[code]!));
    const more = present.length > MOST_NAMED ? ` and ${present.length - MOST_NAMED} more` : '';
    facts.push([propertyTitle(names, property.name), `${named.join(', ')}${more}`]);
  }
  return facts;
}

/** The expression of a stat of one's own, the model of a score. */
function metricsFacts(metrics: readonly MetricColumn[]): [string, string][] {
  return metrics.flatMap(({ name, about }): [string, string][] => (about === undefined ? [] : [[name, about]]));
}

function timeRange(starts: readonly number[]): string {
  const text = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const first = starts.reduce((least, ms) => Math.min(least, ms));
  const last = starts.reduce((most, ms) => Math.max(most, ms));
  return text(first) === text(last) ? text(first) : `${text(first)} to ${text(last)}`;
}

function invalidRun(dataset: Dataset, row: number, names: DisplayNames): InvalidRun {
  const excluded = dataset.excluded.get(row);
  return {
    id: dataset.ids[row]!,
    cell: settingsOf(dataset, row, names),
    what: excluded === undefined ? OUTCOMES[dataset.outcomes[row]!]! : 'left out',
    why: excluded ?? dataset.reasons.get(row) ?? '',
  };
}

/** The settings of a row that are not the same in every run. */
function settingsOf({ properties }: Dataset, row: number, names: DisplayNames): string {
  return properties
    .flatMap((property) => {
      const value = property.values[property.codes[row]!];
      if (property.origin !== 'setting' || property.values.length < 2 || value === undefined) return [];
      return [`${propertyTitle(names, property.name)}=${valueTitle(names, property.name, value)}`];
    })
    .join(' ');
}
