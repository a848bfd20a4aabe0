// Reads a finished recording: columns of numbers as typed arrays, never an object for each row.

import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Indicator } from '#core/indicator';
import type { RecordingTable } from '#core/recording';
import { UserError } from '#core/user-error';
import { parquetPath } from './parquet-files.ts';
import { withReader } from './reader.ts';
import { recordingError } from './recording-error.ts';
import { readHeader, type StoredHeader } from './recording-header.ts';
import { quotePathToRead, quoteText } from './sql-text.ts';
import { columnsOf, type ColumnLayout, type TableColumns } from './table-layout.ts';

export { readHeader } from './recording-header.ts';
export { closeReader } from './reader.ts';

export interface ReadOptions<Name extends string> {
  /** Only these; all where it is left out. */
  readonly columns?: readonly Name[] | undefined;
  /** At most so many rows, from the first. */
  readonly limit?: number | undefined;
}

/**
 * Reads a table in its order (frames by stream and number, series by indicator and time). Times are integer
 * microseconds in a number; NULL is NaN, and null in a column of text; a flag is 0 or 1. A table without rows gives
 * empty columns.
 * @throws UserError where it is still recorded, or the file is missing or damaged
 */
export async function readTable<T extends RecordingTable, Name extends keyof TableColumns<T> & string>(
  folder: string,
  table: T,
  options: ReadOptions<Name> = {},
): Promise<Pick<TableColumns<T>, Name>> {
  const wanted: readonly string[] | undefined = options.columns;
  const columns = columnsOf(table).filter((column) => wanted === undefined || wanted.includes(column.name));
  const from = await tableSource(folder, await readHeader(folder), table);
  const read = from === null ? emptyColumns(columns) : await readColumns(folder, from, columns, options.limit);
  return read as Pick<TableColumns<T>, Name>;
}

/** One indicator over time. Times are integer microseconds of the agent's monotonic clock; a gap is NaN. */
export interface IndicatorSeries {
  readonly indicator: Indicator;
  readonly timeUs: Float64Array;
  readonly value: Float64Array;
}

export interface SeriesOptions {
  /** The recording's first agent where it is left out. */
  readonly agent?: string | undefined;
  /** Names of indicators; all where it is left out. */
  readonly indicators?: readonly string[] | undefined;
}

/** Reads what an agent measured over time, by the name of the indicator. Indicators without a value are left out. */
export async function readSeries(folder: string, options: SeriesOptions = {}): Promise<Map<string, IndicatorSeries>> {
  const header = await readHeader(folder);
  const agent = options.agent ?? header.agents[0]?.name;
  const series = new Map<string, IndicatorSeries>();
  const from = await tableSource(folder, header, 'series');
  if (from === null || agent === undefined) return series;

  const positions = header.indicators.flatMap((indicator, position) =>
    options.indicators === undefined || options.indicators.includes(indicator.name) ? [position] : [],
  );
  if (positions.length === 0) return series;
  const chosen = `(SELECT * FROM ${from} WHERE agent = ${quoteText(agent)} AND indicator IN (${positions.join(', ')}))`;
  const names = ['indicator', 'time_us', 'value'];
  const columns = columnsOf('series').filter((column) => names.includes(column.name));
  const read = (await readColumns(folder, chosen, columns)) as Pick<
    TableColumns<'series'>,
    'indicator' | 'time_us' | 'value'
  >;
  for (let begin = 0; begin < read.indicator.length;) {
    const position = read.indicator[begin]!;
    let end = begin;
    while (end < read.indicator.length && read.indicator[end] === position) end++;
    const indicator = header.indicators[position]!;
    series.set(indicator.name, {
      indicator,
      timeUs: read.time_us.slice(begin, end),
      value: read.value.slice(begin, end),
    });
    begin = end;
  }
  return series;
}

/** Which agent has values of which indicator: pairs of the agent's name and the indicator. */
export async function readPresentSeries(folder: string): Promise<{ agent: string; indicator: Indicator }[]> {
  const header = await readHeader(folder);
  const from = await tableSource(folder, header, 'series');
  if (from === null) return [];
  const columns = columnsOf('series').filter(({ name }) => name === 'agent' || name === 'indicator');
  const distinct = `(SELECT DISTINCT agent, indicator FROM ${from} WHERE value IS NOT NULL ORDER BY indicator, agent)`;
  const read = (await readColumns(folder, distinct, columns)) as unknown as Pick<
    TableColumns<'series'>,
    'agent' | 'indicator'
  >;
  return read.agent.flatMap((agent, i) => {
    const indicator = header.indicators[read.indicator[i]!];
    return agent === null || indicator === undefined ? [] : [{ agent, indicator }];
  });
}

/** What to select a table from, or null where it has no rows. */
export async function tableSource(folder: string, header: StoredHeader, table: RecordingTable): Promise<string | null> {
  const path = parquetPath(folder, table);
  if (header.state === 'recording')
    throw new UserError({
      what: 'the recording has not ended yet, or was broken off and is not completed',
      where: folder,
      todo: 'Wait for its end; after a crash the next start of encodelab completes it.',
    });
  if ((header.rows[table] ?? 0) === 0) return null;
  if ((await stat(path).catch(() => null)) === null)
    throw new UserError({ what: `the table ${table} of this recording is missing`, where: path });
  return `read_parquet(${quotePathToRead(path)})`;
}

type Columns = Record<string, Float64Array | (string | null)[]>;

function emptyColumns(columns: readonly ColumnLayout[]): Columns {
  return Object.fromEntries(columns.map(({ name, kind }) => [name, kind === 'text' ? [] : new Float64Array()]));
}

async function readColumns(
  folder: string,
  from: string,
  columns: readonly ColumnLayout[],
  limit?: number,
): Promise<Columns> {
  try {
    return await withReader((connection) => selectColumns(connection, from, columns, limit));
  } catch (error) {
    throw recordingError("the recording can't be read", folder, error);
  }
}

/** Reads columns of a relation whose rows stand still: it is asked several times. */
export async function selectColumns(
  connection: DuckDBConnection,
  from: string,
  columns: readonly ColumnLayout[],
  limit?: number,
): Promise<Columns> {
  const counted = await connection.run(`SELECT count(*) FROM ${from}`);
  const rows = Math.min(Number((await counted.getRows())[0]![0]), limit ?? Infinity);
  const targets = columns.map(({ kind }) => (kind === 'text' ? emptyTexts(rows) : new Float64Array(rows)));
  const expressions: string[] = [];
  for (const column of columns) expressions.push(await readExpression(connection, from, column));
  const result = await connection.stream(`SELECT ${expressions.join(', ')} FROM ${from} LIMIT ${rows}`);
  let filled = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const offset = filled;
    for (const [column, target] of targets.entries())
      chunk.visitColumnValues(column, (value, row) => {
        if (target instanceof Float64Array) target[offset + row] = (value as number | null) ?? Number.NaN;
        else target[offset + row] = value as string | null;
      });
    filled += chunk.rowCount;
  }
  return Object.fromEntries(columns.map(({ name }, column) => [name, targets[column]!]));
}

/** Above so many different texts a column is read text by text. */
const MAX_ENUM_VALUES = 255;

async function readExpression(connection: DuckDBConnection, from: string, column: ColumnLayout): Promise<string> {
  // As DOUBLE: times stay exact below 2^53 µs, and no bigint is made for each of them.
  if (column.kind !== 'text') return `CAST(${column.name} AS DOUBLE)`;
  // As an ENUM a text comes as a number and is looked up, instead of being decoded for each row: seven times as fast.
  const result = await connection.run(
    `SELECT DISTINCT CAST(${column.name} AS VARCHAR) FROM ${from} WHERE ${column.name} IS NOT NULL LIMIT ${MAX_ENUM_VALUES + 1}`,
  );
  const values = (await result.getRows()).map(([text]) => text as string);
  if (values.length === 0 || values.length > MAX_ENUM_VALUES || values.some((text) => text.includes('\0')))
    return `CAST(${column.name} AS VARCHAR)`;
  return `CAST(${column.name} AS ENUM (${values.map(quoteText).join(', ')}))`;
}

function emptyTexts(rows: number): (string | null)[] {
  return Array.from<string | null>({ length: rows }).fill(null);
}
