// A report of runs: what was run and where, what is worth seeing, plots, every cell, and what went wrong. A model, written as HTML or Markdown.

import { OUTCOMES } from '#core/run';
import { defaultPlaced } from '../arrange.ts';
import { propertyTitle, valueTitle, type Dataset, type DisplayNames, type MetricColumn } from '../data/dataset.ts';
import { filterRows } from '../data/filter-rows.ts';
import { pathShortener, withShortPaths } from '../data/short-paths.ts';
import type { Finding } from '../findings/finding.ts';
import { headlineMetrics, resultMetrics } from '../findings/headline-metrics.ts';
import { importedMetrics } from '../findings/imported-metrics.ts';
import type { Plot, TableColumn } from '../plots/plot.ts';
import type { View } from '../view.ts';
import { isKeyframeSetting, keyframeMetrics } from './keyframe-metrics.ts';
import { runAgainRemark } from './run-again.ts';
import { cellTable, type CellTable } from './report-cells.ts';
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
  /** A row for each cell; empty where no run counts. */
  readonly cells: readonly TableColumn[];
  /** Cells that the table has no room for. */
  readonly cellsLeftOut: number;
  readonly invalid: readonly InvalidRun[];
  readonly invalidLeftOut: number;
}

const NO_CELLS: CellTable = { columns: [], leftOut: 0 };
/** Values of a fact that are named. */
const MOST_NAMED = 5;
const MOST_INVALID = 200;
/** Of what people ask first so much stands before what a study of keyframes is about: both have plots. */
const FIRST_HEADLINES = 3;
/** Columns of a table that has no result that anybody knows. */
const MOST_OF_OTHERS = 12;
/** Facts that say where runs were made. */
const PLACES_MADE = ['benchmark', 'machine', 'host', 'build', 'kernel', 'source'];

/** Reports are sent around: files are in it by their names, without the folders of this machine. */
export function makeReport(whole: ReportInput): Report {
  const names = withShortPaths(whole.names, whole.dataset);
  const shorten = pathShortener(whole.dataset);
  const input = { ...whole, names, remarks: whole.remarks.map(shorten) };
  const { dataset, view } = input;
  const { rows, invalid } = filterRows(dataset, view.filters);
  const placed = view.placed ?? defaultPlaced(dataset, rows);
  const metrics = shownMetrics(input, rows);
  const runAgain = view.benchmarks.length === 0 ? null : runAgainRemark(dataset, rows);
  // A head without rows says nothing.
  const { columns, leftOut } = rows.length === 0 ? NO_CELLS : cellTable(dataset, rows, metrics, names);
  return {
    title: input.title,
    madeAt: input.madeAt,
    facts: [...factsOf(input, rows, invalid), ...metricsFacts(metrics)],
    remarks: runAgain === null ? input.remarks : [...input.remarks, runAgain],
    findings: input.findings,
    findingNotes: input.findingNotes,
    plots: reportPlots(input, rows, placed, metrics),
    cells: columns,
    cellsLeftOut: leftOut,
    invalid: Array.from(invalid.subarray(0, MOST_INVALID), (row) => invalidRun(dataset, row, names, shorten)),
    invalidLeftOut: Math.max(0, invalid.length - MOST_INVALID),
  };
}

/** The stats of the view; where nobody chose what people ask first, of the metrics that these rows have, and in a study of keyframes what tells of them. */
function shownMetrics({ dataset, metrics, view }: ReportInput, rows: Uint32Array): MetricColumn[] {
  const present = metrics.filter(({ values }) => rows.some((row) => !Number.isNaN(values[row]!)));
  const chosen = view.stats.flatMap((name) => present.find((metric) => metric.name === name) ?? []);
  if (chosen.length > 0) return chosen;
  const results = headlineMetrics(resultMetrics(present), importedMetrics(dataset, rows, present));
  // A record of another tool that has only what describes a machine.
  if (results.length === 0) return present.slice(0, MOST_OF_OTHERS);
  const headlines = results.filter((metric) => !isUntoldByNobody(metric, rows));
  if (!variesKeyframes(dataset, rows)) return headlines;
  const about = keyframeMetrics(present.map(({ name }) => name));
  const own = present.filter(({ name }) => about.includes(name));
  return [...new Set([...headlines.slice(0, FIRST_HEADLINES), ...own, ...headlines])];
}

/** A count of frames of which nobody told is a remark on the others: where it is 0 there is none. */
function isUntoldByNobody({ name, values }: MetricColumn, rows: Uint32Array): boolean {
  return name === 'drops.untold' && rows.every((row) => !(values[row]! > 0));
}

function variesKeyframes({ properties }: Dataset, rows: Uint32Array): boolean {
  return properties.some(
    ({ name, origin, codes }) =>
      origin === 'setting' && isKeyframeSetting(name) && rows.some((row) => codes[row] !== codes[rows[0]!]),
  );
}

function factsOf({ dataset, names }: ReportInput, rows: Uint32Array, invalid: Uint32Array): [string, string][] {
  const all = [...rows, ...invalid];
  const facts: [string, string][] = [];
  facts.push(['runs', runsText(dataset, rows, invalid)]);
  const starts = all.map((row) => dataset.startedAtMs[row]!).filter((ms) => !Number.isNaN(ms));
  if (starts.length > 0) facts.push(['when', timeRange(starts)]);
  for (const property of dataset.properties) {
    const present = [...new Set(all.map((row) => property.codes[row]!))].filter((code) => code >= 0);
    const isPlace = PLACES_MADE.includes(property.name);
    const isSame = present.length === 1 && all.every((row) => property.codes[row]! >= 0);
    if (present.length === 0 || (!isPlace && (property.origin === 'fact' || !isSame))) continue;
    const named = present.slice(0, MOST_NAMED).map((code) => valueTitle(names, property.name, property.values[code]!));
    const more = present.length > MOST_NAMED ? ` and ${present.length - MOST_NAMED} more` : '';
    facts.push([propertyTitle(names, property.name), `${named.join(', ')}${more}`]);
  }
  return facts;
}

/** `10 of 2 cells, 10 that do not count, 2 cells without a run that counts`: the first are those of the table. */
function runsText({ cells }: Dataset, rows: Uint32Array, invalid: Uint32Array): string {
  const counted = new Set(Array.from(rows, (row) => cells[row]!));
  const lost = new Set(Array.from(invalid, (row) => cells[row]!).filter((cell) => !counted.has(cell))).size;
  return [
    `${rows.length} of ${cellsText(counted.size)}`,
    ...(invalid.length === 0 ? [] : [`${invalid.length} that do not count`]),
    ...(lost === 0 ? [] : [`${cellsText(lost)} without a run that counts`]),
  ].join(', ');
}

const cellsText = (count: number) => `${count} ${count === 1 ? 'cell' : 'cells'}`;

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

function invalidRun(dataset: Dataset, row: number, names: DisplayNames, shorten: (text: string) => string): InvalidRun {
  const excluded = dataset.excluded.get(row);
  return {
    id: dataset.ids[row]!,
    cell: settingsOf(dataset, row, names),
    what: excluded === undefined ? OUTCOMES[dataset.outcomes[row]!]! : 'left out',
    why: shorten(excluded ?? dataset.reasons.get(row) ?? ''),
  };
}

/** The settings of a row that are not the same in every run. */
function settingsOf({ properties }: Dataset, row: number, names: DisplayNames): string {
  return properties
    .flatMap((property) => {
      const value = property.values[property.codes[row]!];
      const isSame = property.values.length < 2 && !property.codes.includes(-1);
      if (property.origin !== 'setting' || isSame || value === undefined) return [];
      return [`${propertyTitle(names, property.name)}=${valueTitle(names, property.name, value)}`];
    })
    .join(' ');
}
