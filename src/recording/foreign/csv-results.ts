// Results in a CSV file: a line for each run, settings and metrics as columns. Also the CSV that this lab exports.

import { CsvError, parse } from 'csv-parse/sync';
import type { Metric } from '#core/metric';
import { OUTCOMES } from '#core/run';
import { isReservedSetting, type SettingValue } from '#core/settings';
import { UserError } from '#core/user-error';
import {
  csvSeparator,
  hasBothSeparators,
  hasDecimalCommas,
  SEPARATOR_NAMES,
  withDecimalPoint,
  type CsvSeparator,
} from './csv-separator.ts';
import { metricOf, settingValue, type ForeignResult, type NamedMetric } from './foreign-result.ts';

/** Lines of one file. */
const MOST_ROWS = 200_000;
const MOST_COLUMNS = 2_000;
/** Columns of our own export that are neither settings nor metrics. */
const OWN_COLUMNS = ['run', 'cell', 'repeat', 'outcome', 'started', 'duration (s)', 'left out because'];

export interface CsvWords {
  /** Columns that are metrics although neither a unit in their head nor the lab's own names say so. */
  readonly metrics: readonly NamedMetric[];
  /** Columns that are settings, whatever their head and their name say. */
  readonly settings: readonly string[];
  /** What is known of a metric by its name: unit and direction. */
  readonly known: (name: string) => Omit<NamedMetric, 'name'> | null;
  /** Told how the file was read where it is no plain CSV. */
  readonly onNote?: (text: string) => void;
}

interface Column {
  readonly at: number;
  readonly name: string;
  /** Null for a setting. */
  readonly metric: Omit<NamedMetric, 'name'> | null;
}

/**
 * A column is a metric where it was named as one, where its head has a unit (`fps (frame/s)`), or where the lab knows a metric of
 * that name; every other one is a setting. A name of the lab's own settings (`bitrate`) without a unit is a setting, too. An empty
 * field is absent.
 * @throws UserError with the line
 */
export function parseCsvResults(text: string, where: string, words: CsvWords): ForeignResult[] {
  const separator = csvSeparator(text);
  const [head, ...rows] = recordsOf(text, separator, where);
  if (head === undefined) throw new UserError({ what: 'the file is empty', where });
  if (head.info.lines === undefined || head.record.length > MOST_COLUMNS)
    throw new UserError({ what: `a file has ${MOST_COLUMNS} columns at most`, where: `${where}:1` });
  const names = head.record.map((name) => name.trim());
  const columns = columnsOf(names, `${where}:1`, words);
  if (rows.length === 0) throw new UserError({ what: 'the file has a head and no rows: it holds no results', where });
  const ofNames = new Set(columns.filter(({ at, metric }) => metric === null && areNames(rows, at)));
  const own = (name: string) => names.indexOf(name);
  const isDecimalComma = hasDecimalCommas(separator, numbersOf(rows, columns));
  const plain = isDecimalComma ? withDecimalPoint : (field: string) => field;
  if (separator !== ',')
    words.onNote?.(
      `columns with ${SEPARATOR_NAMES[separator]} between them${isDecimalComma ? ', decimal commas' : ''}`,
    );
  return rows.map(({ record, info }) => {
    const settings: Record<string, SettingValue> = {};
    const metrics: Record<string, Metric> = {};
    for (const column of columns) {
      const { at, name, metric } = column;
      const field = record[at]!;
      if (field.trim() === '') continue;
      if (metric === null) {
        const written = withoutGuard(field.trim());
        settings[name] = ofNames.has(column) ? written : settingValue(written);
        continue;
      }
      const value = metricOf(plain(field), metric);
      if (value === null)
        throw new UserError({
          what: `"${field}" of the metric ${name} is no number`,
          where: `${where}:${info.lines}`,
          todo: `${/\d,\d/.test(field) ? COMMA_NUMBERS : ''}Where it is a setting: --setting "${name}"`,
        });
      metrics[name] = value;
    }
    const outcome = record[own('outcome')] ?? 'ok';
    const isOk = outcome === 'ok' || outcome === '';
    if (!isOk && !(OUTCOMES as readonly string[]).includes(outcome))
      throw new UserError({
        what: `"${outcome}" is no outcome`,
        where: `${where}:${info.lines}`,
        todo: `Of a run: ${OUTCOMES.join(', ')}`,
      });
    // It counts here no more than where it came from.
    const leftOut = record[own('left out because')] ?? '';
    const reason = isOk ? `it was left out: ${leftOut}` : `it was written down as ${outcome}`;
    const counts = isOk && leftOut === '';
    return {
      settings,
      metrics,
      outcome: counts ? 'ok' : 'failed',
      reason: counts ? null : reason,
      startedAt: timeOf(record[own('started')] ?? '', `${where}:${info.lines}`),
      durationS: metricOf(plain(record[own('duration (s)')] ?? ''), { unit: 's', better: null })?.value ?? null,
      part: String(info.lines),
      absent: [],
    };
  });
}

const BOTH_SEPARATORS =
  'Its heading has commas beside semicolons or tabs: put names with a comma in quotes, and separate all columns alike.';
const COMMA_NUMBERS =
  'Numbers need a decimal point; a decimal comma is read where semicolons or tabs separate the columns, and no number has a point. ';

/** Fields of all columns that are numbers. */
function* numbersOf(rows: readonly CsvRow[], columns: readonly Column[]): Generator<string> {
  const metrics = columns.filter(({ metric }) => metric !== null);
  for (const { record } of rows) for (const { at } of metrics) yield record[at]!;
}

/** @throws UserError where two can't be told apart, or none is a metric */
function columnsOf(names: readonly string[], where: string, words: CsvWords): Column[] {
  // An object of settings can't have it.
  if (names.includes('__proto__'))
    throw new UserError({ what: "a column can't be called `__proto__`", where, todo: 'Give it another name.' });
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UserError({ what: `two columns are called "${twice}"`, where });
  for (const name of [...words.metrics.map((metric) => metric.name), ...words.settings])
    if (!names.some((head) => isColumn(head, name)))
      throw new UserError({ what: `there is no column "${name}"`, where, todo: `There are: ${names.join(', ')}` });
  const columns = names.flatMap((name, at) => (OWN_COLUMNS.includes(name) ? [] : [columnOf(name, at, names, words)]));
  // Our own export has what was asked for as `bitrate`, and what came of it as `bitrate (bit/s)`.
  const isSame = (one: Column, other: Column) =>
    one.name === other.name && (one.metric === null) === (other.metric === null);
  const same = columns.find((column, at) => columns.findIndex((one) => isSame(one, column)) !== at);
  if (same !== undefined)
    throw new UserError({ what: `two columns are called "${same.name}" before their units`, where });
  if (!columns.some(({ metric }) => metric !== null))
    throw new UserError({
      what: 'no column is known to be a metric',
      where,
      todo: names.some((name) => /[;\t]/.test(name))
        ? BOTH_SEPARATORS
        : `Name them: --metric NAME:UNIT:higher, as in --metric "${names.at(-1)}:s:lower"`,
    });
  return columns;
}

interface CsvRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function recordsOf(text: string, delimiter: CsvSeparator, where: string): CsvRow[] {
  try {
    const options = { delimiter, bom: true, info: true, skip_empty_lines: true, to: MOST_ROWS + 2 };
    const rows = parse(text, options) as unknown as CsvRow[];
    if (rows.length > MOST_ROWS + 1)
      throw new UserError({ what: `the file has more than ${MOST_ROWS} lines`, where, todo: 'Cut it in parts.' });
    return rows;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = cause['lines'];
    const at = typeof line === 'number' ? `${where}:${line}` : where;
    throw new UserError(
      {
        what: `this is no CSV: ${cause.message}`,
        where: at,
        todo: hasBothSeparators(text) ? BOTH_SEPARATORS : undefined,
      },
      { cause },
    );
  }
}

function columnOf(head: string, at: number, heads: readonly string[], words: CsvWords): Column {
  const { name, unit } = cutHead(head);
  // Beside `bitrate (bit/s)` the column `bitrate` is the setting.
  const hasTwin = heads.some((other) => other !== head && cutHead(other).name === head);
  const setting = words.settings.find((one) => head === one || (name === one && !heads.includes(one)));
  if (setting !== undefined) return { at, name: setting, metric: null };
  const named = words.metrics.find((one) => (head === one.name && !hasTwin) || (unit !== null && name === one.name));
  if (named !== undefined)
    return {
      at,
      name: named.name,
      metric: { unit: named.unit === '1' ? (unit ?? '1') : named.unit, better: named.better },
    };
  if (unit !== null) return { at, name, metric: { unit, better: words.known(name)?.better ?? null } };
  return { at, name: head, metric: hasTwin || isReservedSetting(head) ? null : words.known(head) };
}

/** `fps (frame/s)`, `fps [frame/s]`: what stands before the unit, and the unit; null where there is none. */
function cutHead(head: string): { readonly name: string; readonly unit: string | null } {
  const [, name, unit] = /^(.+?)\s*[([]([^)\]]+)[)\]]$/.exec(head) ?? [];
  return name === undefined || unit === undefined ? { name: head, unit: null } : { name, unit };
}

/** Whether a column is meant: by all of its head, or by what stands before its unit. */
function isColumn(head: string, name: string): boolean {
  return head === name || cutHead(head).name === name;
}

/** Whether texts of a column are names, for as numbers two of them would be one: `3.1` and `3.10` are versions, `1` and `1.0` are not. */
function areNames(rows: readonly CsvRow[], at: number): boolean {
  const texts = new Set(rows.map(({ record }) => record[at]!.trim().replace(/\.0+$/, '')));
  return new Set([...texts].map(settingValue)).size < texts.size;
}

/** Without the apostrophe that keeps a spreadsheet from taking a text for a formula. */
function withoutGuard(text: string): string {
  return text.replace(/^'(?=[=+@\t]|-(?![\d.]))/, '');
}

function timeOf(text: string, where: string): string | null {
  if (text === '') return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new UserError({ what: `"${text}" is no time`, where, todo: 'Write it as 2026-03-01T12:00:00Z.' });
  return new Date(ms).toISOString();
}
